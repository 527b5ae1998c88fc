"""The operator of `docs/operations/restore.md`: types what stands there, on a server of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from afterward.stack.ports import LOOPBACK, free_port
from afterward.stack.postgres.home import own
from tests.restoring.operated import OperatedPostgres
from tests.restoring.page import RESTORE, RESTORED_DATABASE, commands

ARCHIVING = "1. Keep the log, always"
TO_LOSE_NOTHING = "To lose nothing"
COPYING = "2. Copy the data, each night"
TO_AN_INSTANT = "3. Restore to an instant"
READING_AGAIN = "4. Start the services: they read again what the databases lack"
BUS_LOST_TOO = "5. Where the bus is lost, too"
ONE_ALONE = "6. One database alone"
IN_ITS_PLACE = "1. Put it in place whole"
LIMIT_SECONDS = 60
_COPIED = "SELECT last_archived_wal >= $1 FROM pg_stat_archiver"
"""Whether a segment of the log has been copied."""


class Operator:
    """Of one server. `backup`: the folder that he calls so."""

    def __init__(self, postgres: OperatedPostgres) -> None:
        self.postgres = postgres
        self.backup = postgres.place / "backup"
        self.backup.mkdir()
        own(self.backup, postgres.home.account)
        self.names = {"BACKUP": str(self.backup), "SERVER": postgres.dsn().rpartition("/")[0]}

    async def keeps_the_log(self) -> None:
        """Section 1."""
        await self.types(ARCHIVING)

    async def copies(self) -> Path:
        """Section 2; the copy."""
        await self.types(COPYING)
        return max((self.backup / "base").iterdir())

    async def instant(self) -> str:
        """Now, by the clock of the server, which he writes down."""
        now: datetime = await self.postgres.ask("SELECT clock_timestamp()")
        return now.isoformat(sep=" ")

    async def a_minute_passes(self) -> None:
        """What archive_timeout does: the log up to here is copied, whatever happens next."""
        await self.postgres.ask("SELECT pg_logical_emit_message(true, 'tests', 'an empty segment is not closed')")
        segment = await self.postgres.ask("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
        await self.postgres.ask("SELECT pg_switch_wal()")
        async with asyncio.timeout(LIMIT_SECONDS):
            while not await self.postgres.ask(_COPIED, segment):
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def receives_the_log(self) -> AsyncIterator[None]:
        """The end of section 1: in the context somebody receives."""
        await self.types(TO_LOSE_NOTHING, 0)
        receiver = self.postgres.begin(self._ours(TO_LOSE_NOTHING, 1), **self.names)
        try:
            await self.types(TO_LOSE_NOTHING, 2)
            yield
        finally:
            receiver.terminate()
            await asyncio.to_thread(receiver.wait, LIMIT_SECONDS)

    async def restores(self, copy: Path, instant: str) -> str:
        """Section 3."""
        return await self.types(TO_AN_INSTANT, COPY=str(copy), INSTANT=instant)

    async def restores_one(self, name: str, copy: Path, instant: str) -> None:
        """Section 6, and what it leads to."""
        port = free_port()
        server = self.names["SERVER"].rpartition("@")[0] + f"@{LOOPBACK}:{port}"
        beside = {"BESIDE": str(self.postgres.place / "beside"), "BESIDE_PORT": str(port), "BESIDE_SERVER": server}
        await self.types(ONE_ALONE, None, COPY=str(copy), INSTANT=instant, NAME=name, **beside)
        script = commands(RESTORED_DATABASE, IN_ITS_PLACE).replace("discharge", name)
        await self.postgres.run(script, **self.names)

    async def types(self, section: str, block: int | None = None, **names: str) -> str:
        """What the commands of a section print, or those of one block of it.

        Its `export` lines name the operator's own places: ours stand instead.

        Raises AssertionError when one of them fails.
        """
        return await self.postgres.run(self._ours(section, block), **self.names, **names)

    def _ours(self, section: str, block: int | None) -> str:
        lines = commands(RESTORE, section, block).splitlines()
        return "\n".join(line for line in lines if not line.startswith("export "))
