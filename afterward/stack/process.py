"""A server that outlives the command which started it, and that any later command finds again."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psutil

_POLL_SECONDS = 0.05
_KILLED_SECONDS = 10
_LOG_TAIL_BYTES = 2_000
PRIVATE = 0o077
"""The umask of every process that we start: what it makes is its owner's alone."""
ADMINISTRATORS = frozenset({"AFTERWARD_POSTGRES", "PGPASSWORD", "PGPASSFILE"})
"""What the environment may say of a database server's administrator."""


class StartFailed(RuntimeError):
    """A server ended, or did not answer in time; the message says where its log is and how it ends."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a server runs as when that is not us."""

    name: str
    uid: int
    gid: int


def as_account(account: Account | None) -> dict[str, Any]:
    """What `subprocess` takes to start a command as an account, in none of our groups; None: as ourselves."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


@dataclass(frozen=True, slots=True)
class Footprint:
    """What is written down of a started server: enough to recognise it, and to start it again at the same address."""

    pid: int
    started: float
    """When the process began, in seconds since 1970: whoever gets the same pid later began at another time."""
    command: list[str]
    """What it runs: the system's account of when it began moves with its clock. Passwords never stand in it: they go
    by the environment."""
    port: int


class Daemon:
    """One detached process: its footprint is `<folder>/<name>.pid`, its output goes to `<folder>/<name>.log`."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._record = folder / f"{name}.pid"
        self._child: subprocess.Popen[bytes] | None = None

    def spawn(
        self,
        command: Sequence[str],
        *,
        port: int,
        env: Mapping[str, str] | None = None,
        account: Account | None = None,
    ) -> None:
        """Start it in a session of its own: neither our end nor a Ctrl-C in our terminal is its end.

        `env`: its whole environment; without one it has ours, but for what is the administrator's.
        """
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with private_log(self.log) as log:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
                env=ordinary_environment() if env is None else env,
                **as_account(account),
                umask=PRIVATE,
            )
        process = psutil.Process(self._child.pid)
        self._write(Footprint(process.pid, process.create_time(), _command_of(process), port))

    @property
    def pid(self) -> int | None:
        """Of the running process, whoever started it; None when there is none."""
        footprint = self._read()
        return footprint.pid if footprint and self._is_alive(footprint) else None

    @property
    def is_running(self) -> bool:
        """Whether the process exists; not whether it answers."""
        return self.pid is not None

    @property
    def last_port(self) -> int | None:
        """Where it listens, or listened when it last ran."""
        footprint = self._read()
        return footprint.port if footprint else None

    async def until(self, answers: Callable[[], Awaitable[bool]], *, limit_seconds: float) -> None:
        """Wait until it answers. Raises StartFailed when it ends first, or stays silent for too long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_seconds):
                while not await answers():
                    if not self.is_running:
                        raise StartFailed(f"{self.name} ended while starting.{self.last_words()}")
                    await asyncio.sleep(_POLL_SECONDS)
                return
        raise StartFailed(f"{self.name} did not answer within {limit_seconds:g} s.{self.last_words()}")

    async def stop(self, gently: signal.Signals = signal.SIGTERM, *, patience_seconds: float = 30) -> None:
        """Ask it to end, wait, and kill it when it does not. Nothing happens when it is not running."""
        self._send(gently)
        for _ in range(int(patience_seconds / _POLL_SECONDS)):
            if not self.is_running:
                return
            await asyncio.sleep(_POLL_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL), and return when it is gone, a few milliseconds later."""
        self._send(signal.SIGKILL)
        for _ in range(int(_KILLED_SECONDS / _POLL_SECONDS)):
            if not self.is_running:
                return
            time.sleep(_POLL_SECONDS)

    def last_words(self) -> str:
        """Where its log is and how it ends, as the end of an error message."""
        try:
            words = self.log.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace").strip()
        except FileNotFoundError:
            words = ""
        return f" Its log is {self.log}, and ends:\n{words}"

    def _send(self, number: signal.Signals) -> None:
        if (pid := self.pid) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _is_alive(self, footprint: Footprint) -> bool:
        if self._child is not None:
            self._child.poll()  # an ended child of ours stays in the process table until it is asked for
        try:
            process = psutil.Process(footprint.pid)
            same_start = abs(process.create_time() - footprint.started) < 1
            return (same_start or _command_of(process) == footprint.command) and not _is_remnant(process)
        except psutil.NoSuchProcess:
            return False

    def _read(self) -> Footprint | None:
        try:
            return Footprint(**json.loads(self._record.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _write(self, footprint: Footprint) -> None:
        draft = self._record.with_suffix(".pid.new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(footprint), file)
        draft.replace(self._record)


def runs(pid: int) -> bool:
    """Whether a process runs. One that has ended, and waits in the process table for its parent, does not."""
    try:
        return not _is_remnant(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


async def end(pid: int, *, patience_seconds: float = 60) -> None:
    """Asks a process to end, waits until it has, and kills it when it does not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        for _ in range(int(patience_seconds / _POLL_SECONDS)):
            if not runs(pid):
                return
            await asyncio.sleep(_POLL_SECONDS)


def ordinary_environment() -> dict[str, str]:
    """Our own, without an administrator's password: what we start has a role of its own, or none."""
    return {name: value for name, value in os.environ.items() if name not in ADMINISTRATORS}


def private_log(file: Path) -> BinaryIO:
    """A log to add to, for its owner only: what a server says in its distress may hold what it was given."""
    opened = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    if os.fstat(opened.fileno()).st_uid == os.geteuid():
        os.fchmod(opened.fileno(), 0o600)
    return opened


def _command_of(process: psutil.Process) -> list[str]:
    """Its command line; empty when it has ended already."""
    try:
        return process.cmdline()
    except psutil.ZombieProcess:
        return []


def _is_remnant(process: psutil.Process) -> bool:
    """Whether it has ended and only waits to be asked for by its parent; with threads left, it still holds its port."""
    return bool(process.status() == psutil.STATUS_ZOMBIE) and process.num_threads() <= 1
