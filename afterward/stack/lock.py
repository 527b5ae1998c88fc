"""One data directory is one stack: whoever starts one there holds its lock, and the system lets go of it in a crash."""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_NAME: Final = "up.lock"
_LOOKS, _TRIES, _LOOK_AGAIN_SECONDS = 100, 20, 0.01


class AlreadyRunning(Exception):
    """A stack runs or is being started in this data directory; the message says whose it is and how to end it."""


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """The data directory is this process's while it lasts; made where it is missing. Raises AlreadyRunning."""
    make_private(data_dir)
    with _locked(_file(data_dir), data_dir):
        yield


@contextmanager
def starting(data_dir: Path) -> Iterator[None]:
    """Only this process starts a stack there in the background while it lasts. Raises AlreadyRunning."""
    refuse_second(data_dir)
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    with _locked(data_dir.parent / f"{data_dir.name.lstrip('.')}-{_NAME}", data_dir):
        yield


@contextmanager
def _locked(file: Path, data_dir: Path) -> Iterator[None]:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _taken(descriptor):
            raise _refused(data_dir, _written(file))
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    """Whether the lock is ours now; whoever only looks whether somebody has it has it for a moment."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return True
    return False


def holder(data_dir: Path) -> int | None:
    """The process that runs or starts a stack there; None when there is none."""
    try:
        descriptor = os.open(_file(data_dir), os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return _written(_file(data_dir))
    finally:
        os.close(descriptor)
    return None


def refuse_second(data_dir: Path) -> None:
    """Raises AlreadyRunning when a stack runs or is being started there."""
    process = holder(data_dir)
    if process is not None:
        raise _refused(data_dir, process)


def make_private(data_dir: Path) -> None:
    """The directory, for its owner only: passwords, what is parked and the cases themselves lie in it.

    One that holds something else already is left as it is: it was given to us by mistake, or is shared on purpose.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_a_stacks = not any(data_dir.iterdir()) or (data_dir / "passwords.json").exists()
    if is_a_stacks and data_dir.stat().st_uid == os.geteuid():
        data_dir.chmod(_mode(data_dir))


def _mode(data_dir: Path) -> int:
    """0700; but where root's PostgreSQL runs as `nobody` and keeps its data within, it must be let through."""
    postgres = data_dir / "postgres"
    lies_within = postgres.is_dir() and not postgres.is_symlink()
    through = lies_within and postgres.stat().st_uid != os.geteuid()
    return stat.S_IRWXU | (stat.S_IXGRP | stat.S_IXOTH if through else 0)


def _file(data_dir: Path) -> Path:
    return data_dir / _NAME


def _written(file: Path) -> int:
    """Who says to hold it; whoever has just taken it writes that a moment later. 0: nobody ever said."""
    for _ in range(_LOOKS):
        written = file.read_text()
        if written.isdigit():
            return int(written)
        time.sleep(_LOOK_AGAIN_SECONDS)
    return 0


def _refused(data_dir: Path, process: int) -> AlreadyRunning:
    return AlreadyRunning(f"a stack runs in {data_dir} already (process {process}): `afterward down` ends it")


def is_lock(path: Path) -> bool:
    """Whether a file of a data directory is its lock, which stays when everything else is forgotten."""
    return path.name == _NAME
