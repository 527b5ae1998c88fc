"""docs/operations/restore.md, line by line, on a server under load: what was committed by an instant, and no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.restoring.operated import OperatedPostgres, ask
from tests.restoring.operator import Operator

CONNECTIONS = 3
NAME = "intake"


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    """Of a server with one database of a service, empty but for a table."""
    postgres = OperatedPostgres(tmp_path, {"fsync": "off"})  # no machine loses its power here
    try:
        await postgres.start()
        await postgres.ask(f"CREATE ROLE {NAME}_owner")
        await postgres.ask(f"CREATE ROLE {NAME} LOGIN")
        await postgres.ask(f"CREATE DATABASE {NAME} OWNER {NAME}_owner")
        await _in(postgres, "CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL)")
        yield Operator(postgres)
    finally:
        postgres.kill()
        postgres.remove()


async def test_a_server_and_one_of_its_databases_go_back_to_instants_of_their_own(operator: Operator) -> None:
    await operator.keeps_the_log()
    async with _load(operator.postgres):
        copy = await operator.copies()
        first = await _instant_between_lines(operator)
        second = await _instant_between_lines(operator)
        await _more(operator.postgres)
    at_first, at_second, in_all = [await _lines(operator.postgres, by) for by in (first, second, "infinity")]
    assert 0 < at_first < at_second < in_all, "the load has shown nothing"
    await operator.a_minute_passes()
    operator.postgres.destroy()

    await operator.restores(copy, second)
    assert await _lines(operator.postgres) == at_second

    await operator.restores_one(NAME, copy, first)
    assert await _lines(operator.postgres) == at_first
    assert await _in(operator.postgres, "SELECT has_database_privilege($1, current_database(), 'CONNECT')", NAME)


@pytest.mark.thorough
async def test_an_instant_that_the_log_does_not_reach_is_refused(operator: Operator) -> None:
    await operator.keeps_the_log()
    copy = await operator.copies()
    await operator.a_minute_passes()
    operator.postgres.destroy()
    with pytest.raises(AssertionError):
        await operator.restores(copy, "2100-01-01 00:00:00+00")
    log = (operator.postgres.place / "postgresql.log").read_text()
    assert "recovery ended before configured recovery target was reached" in log


@asynccontextmanager
async def _load(postgres: OperatedPostgres) -> AsyncIterator[None]:
    """Whoever writes lines all the time, each with the instant of its transaction."""
    writing = [asyncio.create_task(_write(postgres)) for _ in range(CONNECTIONS)]
    try:
        yield
    finally:
        for one in writing:
            one.cancel()
        await asyncio.gather(*writing, return_exceptions=True)


async def _write(postgres: OperatedPostgres) -> None:
    connection: Any = await asyncpg.connect(postgres.dsn(NAME))
    try:
        while True:
            await connection.execute("INSERT INTO line (at) VALUES (clock_timestamp())")
    finally:
        connection.terminate()


async def _instant_between_lines(operator: Operator) -> str:
    """An instant at which nothing is being committed: what is before it was committed before it."""
    await _more(operator.postgres)
    lock: Any = await asyncpg.connect(operator.postgres.dsn(NAME))
    try:
        async with lock.transaction():
            await lock.execute("LOCK TABLE line IN EXCLUSIVE MODE")
            return await operator.instant()
    finally:
        await lock.close()


async def _more(postgres: OperatedPostgres) -> None:
    """Returns once there are more lines than now."""
    before = await _lines(postgres)
    async with asyncio.timeout(30):
        while await _lines(postgres) == before:
            await asyncio.sleep(0.01)


async def _lines(postgres: OperatedPostgres, by: str = "infinity") -> Any:
    return await _in(postgres, "SELECT count(*) FROM line WHERE at <= $1::text::timestamptz", by)


async def _in(postgres: OperatedPostgres, question: str, *given: Any) -> Any:
    return await ask(postgres.dsn(NAME), question, *given)
