"""However new a table is, whoever looks rows up by key is planned to go by its index, and keeps that plan."""

import re

import pytest

from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.store.connection import Connection, connect, joining_freely, sql
from chassis.store.migrate import ArchiveMonths
from tests.chassis.engine_fixture import SERVICE
from tests.chassis.toy import WARD, hour

BY_INDEX = ("lock_rows", "save_rows", "find_due", "next_due", "find_replays", "take_wakes", "read_unsent")
SETTINGS = """
SELECT string_agg(setting, ' ') FROM pg_settings WHERE name IN ('enable_seqscan', 'enable_hashjoin', 'enable_mergejoin')
"""


async def plan_of(connection: Connection, name: str) -> str:
    """How a statement would be carried out whatever it is asked for."""
    text = sql(name)
    asked = ", ".join("NULL" for _ in set(re.findall(r"\$\d+", text)))
    await connection.execute(f"PREPARE asked AS {text}")
    return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE asked ({asked})"))


@pytest.mark.parametrize("name", BY_INDEX)
async def test_a_lookup_by_key_goes_by_the_index_of_an_empty_table(dsn: str, name: str) -> None:
    connection = await Service(SERVICE, [WARD], Settings(database_dsn=dsn)).connect()
    try:
        await ArchiveMonths().ensure(connection, hour(0))
        plan = await plan_of(connection, name)
        assert "Index" in plan
        assert "Seq Scan" not in plan, plan
    finally:
        connection.terminate()


async def test_without_these_settings_it_would_be_scanned(dsn: str) -> None:
    """Otherwise the test above shows nothing."""
    connection = await connect(dsn, 30, plan_cache_mode="force_generic_plan")
    try:
        assert "Seq Scan on state" in await plan_of(connection, "lock_rows")
    finally:
        connection.terminate()


async def test_who_sums_up_much_may_be_planned_in_any_way_and_nobody_after_that(dsn: str) -> None:
    connection = await Service(SERVICE, [WARD], Settings(database_dsn=dsn)).connect()
    try:
        async with connection.transaction():
            async with joining_freely(connection):
                assert await connection.fetchval(SETTINGS) == "on on on"
            assert await connection.fetchval(SETTINGS) == "off off off"
        assert await connection.fetchval(SETTINGS) == "off off off"
    finally:
        connection.terminate()
