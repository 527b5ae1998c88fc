"""One PostgreSQL server of one data directory, on a loopback port, behind a password that was made for it."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from afterward.stack.ports import LOOPBACK, free_port
from afterward.stack.postgres.home import Home, find_home, own
from afterward.stack.process import PRIVATE, Daemon, StartFailed, as_account, private_log

_READY_SECONDS = 120  # recovery after a crash is part of it
_STOP_SECONDS = 60
_SUPERUSER = "postgres"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",  # our statements are short: compiling one costs more than running it
    "timezone": "UTC",
    "log_timezone": "UTC",
    # An error's detail and context repeat the row or the document that was refused.
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """PostgreSQL 18 with its data in `<data_dir>/postgres`; an instance made by another process controls it as well."""

    name = "PostgreSQL 18 (embedded)"

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        """`durable=False` is for tests: faster, and a crash of the machine (not of the server) may lose everything."""
        self.data_dir = data_dir.absolute()
        self._settings = _SETTINGS if durable else _SETTINGS | _NOT_DURABLE
        self._daemon = Daemon("postgres", self.data_dir)

    @property
    def is_running(self) -> bool:
        """Whether its process exists."""
        return self._daemon.is_running

    @property
    def pid(self) -> int | None:
        """Of the postmaster; None when it is not running."""
        return self._daemon.pid

    def dsn(self, database: str = "postgres", user: str = _SUPERUSER, password: str | None = None) -> str:
        """Where clients connect; the superuser's password is known here. Raises LookupError before the first start."""
        if (port := self._daemon.last_port) is None:
            raise LookupError(f"PostgreSQL has not been started in {self.data_dir} yet")
        secret = self._password_file.read_text() if password is None else password
        account = f"{quote(user, safe='')}:{quote(secret, safe='')}"
        return f"postgresql://{account}@{LOOPBACK}:{port}/{quote(database, safe='')}"

    async def start(self) -> None:
        """Make the data where there is none, start, and wait until connections are accepted. Raises StartFailed."""
        if not self.is_running:
            await asyncio.to_thread(self._spawn)
        await self._daemon.until(self._accepts, limit_seconds=_READY_SECONDS)

    async def stop(self) -> None:
        """End it in order, without waiting for its clients to leave."""
        await self._daemon.stop(signal.SIGINT, patience_seconds=_STOP_SECONDS)

    def kill(self) -> None:
        """End the postmaster as a crash would; the next start recovers."""
        self._daemon.kill()

    def remove(self) -> None:
        """Delete the data, wherever it lies, and its password. Not while it runs."""
        data = self.data_dir / "postgres"
        shutil.rmtree(data.resolve(), ignore_errors=True)
        if data.is_symlink():
            data.unlink()
        self._password_file.unlink(missing_ok=True)

    @property
    def _password_file(self) -> Path:
        return self.data_dir / "postgres.password"

    def _spawn(self) -> None:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        home = find_home(self.data_dir)
        if home.data.exists():
            _clear_remains(home.data)
        else:
            self._initialise(home)
        port = free_port(preferred=self._daemon.last_port)
        settings = self._settings | {"port": str(port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(home.programs / "postgres"), "-D", str(home.data), *options]
        self._daemon.spawn(command, port=port, account=home.account)

    def _initialise(self, home: Home) -> None:
        """Into a draft, so that an interrupted initdb is never taken for a database. Raises StartFailed."""
        draft, secret = home.data.with_name(f"{home.data.name}.new"), home.data.with_name(f"{home.data.name}.secret")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        own(draft, home.account)
        password = secrets.token_urlsafe(24)
        _write_secret(secret, password)
        own(secret, home.account)
        try:
            self._initdb(home, draft, secret)
        finally:
            secret.unlink()
        _write_secret(self._password_file, password)
        draft.rename(home.data)

    def _initdb(self, home: Home, data: Path, secret: Path) -> None:
        # The builtin locale sorts by code point, the same way on every system, and needs nothing installed.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        access = ["--username", _SUPERUSER, f"--pwfile={secret}", "--auth=scram-sha-256"]
        account = home.account
        with private_log(self._daemon.log) as log:
            done = subprocess.run(
                [home.programs / "initdb", "--pgdata", data, "--no-instructions", *locale, *access],
                check=False,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **as_account(account),
                umask=PRIVATE,
            )
        if done.returncode != 0:
            raise StartFailed(f"initdb failed with status {done.returncode}.{self._daemon.last_words()}")

    async def _accepts(self) -> bool:
        try:
            connection = await asyncpg.connect(self.dsn(), timeout=5)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            return False
        await connection.close()
        return True


def _clear_remains(data: Path) -> None:
    """What a killed postmaster leaves: backends that still hold its shared memory, and its lock file.

    The file's pid may belong to somebody else by now, and PostgreSQL would refuse to start; once no server process
    works in the folder, the file means nothing.
    """
    servers = [process for process in psutil.process_iter(["name", "cwd"]) if _serves(process, data)]
    for process in servers:
        process.terminate()
    _, stubborn = psutil.wait_procs(servers, timeout=10)
    for process in stubborn:
        process.kill()
    psutil.wait_procs(stubborn, timeout=10)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _serves(process: psutil.Process, data: Path) -> bool:
    return bool(process.info["name"] == "postgres" and process.info["cwd"] == str(data))


def _write_secret(file: Path, secret: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(secret)
