"""What PostgreSQL may lose: the server or its disk is gone, with and without a replica or its log elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from afterward.stack.ports import free_port
from tests.faults.servers.proxy import Fault, Proxy
from tests.losses.cell import Attempt, Cell, Loss
from tests.losses.writing import LIMIT_SECONDS, Rows, Writing
from tests.restoring.operated import OperatedPostgres, ask
from tests.restoring.operator import Operator

SOME = 300
"""So many writes are confirmed before anything fails, and where it goes on meanwhile so many again."""
STALLED_SECONDS = 2.0
SERVER = "PostgreSQL"
READ_AGAIN = "read again from the bus, in a new epoch"
_RECEIVING = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
_SYNCHRONOUS = "SELECT count(*) FROM pg_stat_replication WHERE sync_state <> 'async'"


def server_killed(**settings: str) -> Attempt:
    """Every process of the server is killed; it starts again on its disk."""

    async def attempt(folder: Path) -> Loss:
        async with _server(folder, settings) as postgres, Rows(postgres.dsn()) as write, Writing(write) as writing:
            await writing.more(SOME)
            postgres.kill()
            await postgres.start()
            return await _lost(writing, postgres.dsn())

    return attempt


def disk_lost(**settings: str) -> Attempt:
    """The server is destroyed and its replica promoted, whose link had been cut a while before."""

    async def attempt(folder: Path) -> Loss:
        async with (
            _server(folder, {}) as postgres,
            Proxy(free_port(), postgres.port) as link,
            _replica(postgres, link, folder / "replica") as replica,
        ):
            await _set(postgres, settings)
            if settings.get("synchronous_standby_names"):
                await _until(postgres.dsn(), _SYNCHRONOUS)
            async with Rows(postgres.dsn()) as write, Writing(write) as writing:
                await writing.more(SOME)
                link.strike(Fault("cut", cut=True))
                await _as_long_as_it_goes(writing)
                postgres.destroy()
                await replica.run("pg_ctl promote --wait --silent")
                return await _lost(writing, replica.dsn())

    return attempt


async def log_kept(folder: Path) -> Loss:
    """The disk is gone; the last copy and what had been archived of the log come back."""
    async with _server(folder, {}) as postgres:
        operator = Operator(postgres)
        await operator.keeps_the_log()
        copy = await operator.copies()
        async with Rows(postgres.dsn()) as write, Writing(write) as writing:
            await writing.more(SOME)
            await operator.a_minute_passes()
            await writing.more(SOME)
            postgres.destroy()
        await operator.restores(copy, "")
        return await _lost(writing, postgres.dsn())


async def log_received(folder: Path) -> Loss:
    """The disk is gone; the last copy comes back, and the log that a receiver has confirmed before each commit."""
    async with _server(folder, {}) as postgres:
        operator = Operator(postgres)
        async with operator.receives_the_log():
            copy = await operator.copies()
            await _until(postgres.dsn(), _SYNCHRONOUS)
            async with Rows(postgres.dsn()) as write, Writing(write) as writing:
                await writing.more(SOME)
                postgres.destroy()
        await operator.restores(copy, "")
        return await _lost(writing, postgres.dsn())


CELLS = (
    Cell(SERVER, "as it comes (`fsync`, `synchronous_commit` on)", "the server is killed", False, "",
         server_killed()),
    Cell(SERVER, "`synchronous_commit = off`", "the server is killed", True, f"the last moments, {READ_AGAIN}",
         server_killed(synchronous_commit="off")),
    Cell(SERVER, "`fsync = off`", "the server is killed", False, "but see power, below",
         server_killed(fsync="off")),
    Cell(SERVER, "an asynchronous replica", "the server's disk is lost, the replica lags and is promoted", True,
         f"all that it lags, {READ_AGAIN}", disk_lost()),
    Cell(SERVER, "`synchronous_standby_names = '*'`", "the server's disk is lost, the replica lags and is promoted",
         False, "services wait while it lags", disk_lost(synchronous_standby_names="*")),
    Cell(SERVER, "the same with `synchronous_commit = local`",
         "the server's disk is lost, the replica lags and is promoted", True, f"all that it lags, {READ_AGAIN}",
         disk_lost(synchronous_standby_names="*", synchronous_commit="local")),
    Cell(SERVER, "a copy and the log (1., 2.)", "the server's disk is lost", True, f"up to a minute, {READ_AGAIN}",
         log_kept),
    Cell(SERVER, "a copy and `pg_receivewal --synchronous`", "the server's disk is lost", False,
         "services wait while nobody receives", log_received),
)  # fmt: skip


@asynccontextmanager
async def _server(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[OperatedPostgres]:
    postgres = OperatedPostgres(folder / "server", settings)
    try:
        await postgres.start()
        await postgres.ask("CREATE TABLE written (number bigint NOT NULL)")
        yield postgres
    finally:
        postgres.kill()
        postgres.remove()


@asynccontextmanager
async def _replica(postgres: OperatedPostgres, link: Proxy, folder: Path) -> AsyncIterator[OperatedPostgres]:
    """One that streams, over the link."""
    replica = OperatedPostgres(folder)
    replica.password_of(postgres)
    try:
        await replica.run('pg_basebackup --dbname "$FROM" --pgdata "$PGDATA" --checkpoint fast --write-recovery-conf',
                          FROM=postgres.dsn().replace(f":{postgres.port}/", f":{link.port}/"))  # fmt: skip
        await replica.run(f"echo port = {replica.port} >>$PGDATA/postgresql.auto.conf")
        await replica.start()
        await _until(postgres.dsn(), _RECEIVING)
        yield replica
    finally:
        replica.kill()
        replica.remove()


async def _set(postgres: OperatedPostgres, settings: Mapping[str, str]) -> None:
    for name, value in settings.items():
        await postgres.ask(f"ALTER SYSTEM SET {name} = '{value}'")
    await postgres.ask("SELECT pg_reload_conf()")


async def _until(dsn: str, counted: str) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        while not await ask(dsn, counted):
            await asyncio.sleep(0.05)


async def _as_long_as_it_goes(writing: Writing) -> None:
    """As much as is confirmed while the replica hears nothing, or until nothing more is."""
    goes_on = asyncio.create_task(writing.more(SOME))
    stalls = asyncio.create_task(writing.nothing_more(STALLED_SECONDS))
    await asyncio.wait([goes_on, stalls], return_when=asyncio.FIRST_COMPLETED)
    for task in (goes_on, stalls):
        task.cancel()
    await asyncio.gather(goes_on, stalls, return_exceptions=True)


async def _lost(writing: Writing, dsn: str) -> Loss:
    acknowledged = frozenset(writing.acknowledged)
    there: Any = await ask(dsn, "SELECT array_agg(number) FROM written")
    return Loss(len(acknowledged), len(acknowledged - set(there or ())))
