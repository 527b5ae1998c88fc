"""PostgreSQL as its operator has it: settings in files, started and stopped by `pg_ctl`, as an account of its own."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import psutil

from afterward.stack.ports import LOOPBACK, free_port
from afterward.stack.postgres import Postgres
from afterward.stack.postgres.home import Home, find_home, own
from afterward.stack.process import as_account
from tests.restoring.page import run_as

SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
"""What its operator has set before anybody thinks of a backup; all else is PostgreSQL's own."""


class OperatedPostgres(Postgres):
    """See `Postgres`. `place`: a folder of the server's account, with its data in `data`, and room beside it."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(data_dir)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        found = find_home(self.data_dir)
        self.place = Path(tempfile.mkdtemp(prefix="operated-"))
        own(self.place, found.account)
        self.home = Home(found.account, found.programs, self.place / "data")
        self.port = free_port()
        self._given = {**SETTINGS, "port": str(self.port), **(settings or {})}

    @property
    def data(self) -> Path:
        """What the operator calls PGDATA."""
        return self.home.data

    @property
    def pid(self) -> int | None:
        """Of the postmaster; None when it is not running."""
        file = self.data / "postmaster.pid"
        found = int(file.read_text().split()[0]) if file.exists() else None
        return found if found is not None and psutil.pid_exists(found) else None

    @property
    def is_running(self) -> bool:
        """Whether its process exists."""
        return self.pid is not None

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """Where clients connect."""
        secret = self._password_file.read_text() if password is None else password
        return f"postgresql://{user}:{quote(secret, safe='')}@{LOOPBACK}:{self.port}/{database}"

    def password_of(self, other: Postgres) -> None:
        """The data will be a copy of the other's, so its administrator's password is the same."""
        self._password_file.write_text(other._password_file.read_text())

    async def start(self) -> None:
        """Makes the data where there is none, starts, and waits until connections are accepted."""
        if not self.data.exists():
            self.place.mkdir(mode=0o700, exist_ok=True)
            own(self.place, self.home.account)
            self._initialise(self.home)
            with (self.data / "postgresql.conf").open("a") as file:
                file.writelines(f"{name} = '{value}'\n" for name, value in self._given.items())
        if not self.is_running:
            await self.run("pg_ctl start --wait --silent --log postgresql.log")

    async def stop(self) -> None:
        """Ends it in order."""
        if self.is_running:
            await self.run("pg_ctl stop --mode fast --silent")

    def kill(self) -> None:
        """Ends the postmaster and all that serves for it, as a crash of all of them would."""
        serving = list(serving_in(self.data))
        for process in serving:
            process.kill()
        psutil.wait_procs(serving, timeout=30)

    def destroy(self) -> None:
        """The server dies, and its disk with it."""
        self.kill()
        shutil.rmtree(self.data)

    def remove(self) -> None:
        """Without anything of it."""
        shutil.rmtree(self.place, ignore_errors=True)
        self._password_file.unlink(missing_ok=True)

    async def run(self, script: str, **names: str) -> str:
        """What a shell of the account prints, with PostgreSQL's programs on its path and these variables.

        Raises AssertionError with what was printed when the script fails.
        """
        return await asyncio.to_thread(run_as, self.home.account, script, self.environment(**names), self.place)

    def begin(self, command: str, **names: str) -> subprocess.Popen[bytes]:
        """A command of the account that goes on by itself; its words are in `begun.log`."""
        account = self.home.account
        with (self.place / "begun.log").open("ab") as log:
            return subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.place,
                env=self.environment(**names),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **as_account(account),
            )

    def environment(self, **names: str) -> dict[str, str]:
        """Of a shell in which the operator works."""
        path = f"{self.home.programs}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "LC_ALL": "C.UTF-8", "PGDATA": str(self.data), "ADMIN": self.dsn(), **names}

    async def ask(self, question: str, *given: Any) -> Any:
        """The first value that an administrator is answered."""
        return await ask(self.dsn(), question, *given)


async def ask(dsn: str, question: str, *given: Any) -> Any:
    """The first value that whoever the DSN names is answered."""
    connection: Any = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question, *given)
    finally:
        await connection.close()


def serving_in(data: Path) -> Iterator[psutil.Process]:
    """The processes of the server whose data this is."""
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and process.info["cwd"] == str(data):
            yield process


def programs_version(home: Home) -> str:
    """What the server says of itself: `PostgreSQL 18.6`."""
    done = subprocess.run([home.programs / "postgres", "--version"], check=True, capture_output=True, text=True)
    return "PostgreSQL " + done.stdout.split()[-1]
