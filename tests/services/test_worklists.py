"""The work lists on a real PostgreSQL with 100,000 open follow-ups: a page reads its own entries and no more."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from itertools import product
from typing import Any

import asyncpg
import pytest

from afterward.cli.worklist import ASKED_OF, WorkList
from afterward.stack.postgres import Postgres
from bench.open_followups import FIRST_DUE, JURISDICTION, MINUTES, OTHER, ROWS, store
from chassis.store.connection import Connection, connect, sql
from chassis.store.migrate import migrate
from chassis.store.pagination import PLANNED_EACH_TIME, Entry, Page, Place, asks

pytestmark = [pytest.mark.timeout(600), pytest.mark.wide]

OPEN = 100_000
DISTRICT = "district-3"
MIDDLE = FIRST_DUE + timedelta(minutes=MINUTES // 2)
TABLE_AND_COLUMN = {
    (WorkList.CALLS, "followup"): ("followup_case", "call_by"),
    (WorkList.VISITS, "followup"): ("followup_case", "visit_by"),
    (WorkList.LINKAGES, "primarycare"): ("primarycare_case", "linkage_by"),
    (WorkList.ALERTS, "primarycare"): ("primarycare_case", "alert_by"),
    (WorkList.TRANSFERS, "intake"): ("intake_transfer", "transfer_by"),
    (WorkList.UNPLACED, "intake"): ("intake_transfer", "unplaced_since"),
    (WorkList.UNPLACED, "primarycare"): ("primarycare_case", "unplaced_by"),
    (WorkList.DUPLICATES, "intake"): ("intake_transfer", "duplicate_since"),
    (WorkList.NOT_UNDERSTOOD, "treatment"): ("treatment_case", "not_understood_at"),
    (WorkList.NOT_UNDERSTOOD, "followup"): ("followup_case", "word_at"),
    (WorkList.CONSULTATIONS, "consultation"): ("consultation_request", "answer_by"),
    (WorkList.PRESCRIPTIONS, "consultation"): ("consultation_prescription", "review_by"),
    (WorkList.DELIVERIES, "consultation"): ("consultation_prescription", "deliver_by"),
    (WorkList.ROSTERS, "consultation"): ("consultation_channel", "gap_from"),
}
ASKED = [(of, service) for of, services in ASKED_OF.items() for service in services]
EVERY_PAGE = [
    Page(JURISDICTION, district, due_before, after)
    for district, due_before, after in product((None, DISTRICT), (None, MIDDLE), (None, Place(FIRST_DUE, "case-5")))
]


@pytest.fixture(scope="module")
def crowded(postgres: Postgres) -> Iterator[Mapping[str, str]]:
    """Service → its database, in which everybody is on every list."""
    dsns = {service: postgres.dsn(f"crowded_{service}") for service in ROWS}
    asyncio.run(_crowd(postgres, dsns))
    yield dsns
    asyncio.run(_clear(postgres, dsns))


async def _crowd(postgres: Postgres, dsns: Mapping[str, str]) -> None:
    admin = await asyncpg.connect(postgres.dsn())
    for service, dsn in dsns.items():
        await admin.execute(f"CREATE DATABASE crowded_{service}")
        await migrate(dsn, service, import_module(f"services.{service}.routes").AGGREGATES)
        await store(dsn, service, OPEN)
    await admin.close()


async def _clear(postgres: Postgres, dsns: Mapping[str, str]) -> None:
    admin = await asyncpg.connect(postgres.dsn())
    for service in dsns:
        await admin.execute(f"DROP DATABASE crowded_{service} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def connection(crowded: Mapping[str, str], service: str) -> AsyncIterator[Connection]:
    """To the database of a service that knows the list."""
    connected = await connect(crowded[service], 60, **PLANNED_EACH_TIME)
    yield connected
    await connected.close()


every_list = pytest.mark.parametrize(("of", "service"), ASKED)


def view_of(of: WorkList) -> str:
    """What the services call a list."""
    return of.value.replace("-", "_")


async def ask(connection: Connection, of: WorkList, service: str, page: Page) -> list[Entry]:
    """A page, as the service's view answers."""
    entries: list[Entry] = await getattr(import_module(f"services.{service}.views"), view_of(of))(connection, page)
    return entries


async def plan(connection: Connection, of: WorkList, service: str, page: Page) -> list[dict[str, Any]]:
    """The nodes of the plan that PostgreSQL made and followed for a page, the topmost first."""
    statement = sql(f"list_{view_of(of)}", f"services.{service}.sql")
    explained = await connection.fetchval(
        f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}",
        *asks(page),
    )
    return list(_nodes(json.loads(explained)[0]["Plan"]))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def findings(nodes: list[dict[str, Any]], limit: int) -> Iterator[str]:
    """What makes a page cost more than its own entries."""
    for node in nodes:
        if node["Node Type"] not in {"Limit", "Index Scan"}:
            yield node["Node Type"]
        if node.get("Rows Removed by Filter"):
            yield f"{node['Rows Removed by Filter']} rows read in vain"
        if node["Actual Rows"] > limit:
            yield f"{node['Actual Rows']} rows read for {limit}"


@every_list
@pytest.mark.parametrize("page", EVERY_PAGE, ids=str)
async def test_a_page_is_read_from_the_index_of_its_list_and_nothing_else_is(
    connection: Connection, of: WorkList, service: str, page: Page
) -> None:
    nodes = await plan(connection, of, service, page)
    assert list(findings(nodes, page.limit)) == []
    (index,) = (node["Index Name"] for node in nodes if "Index Name" in node)
    table, column = TABLE_AND_COLUMN[of, service]
    assert index.startswith(f"{table}_")
    assert index.endswith("_of_district") == (page.district is not None)
    assert column in await connection.fetchval("SELECT pg_get_indexdef($1::text::regclass)", index)


@pytest.mark.parametrize(("of", "service"), [(WorkList.CALLS, "followup")])
async def test_a_page_that_is_sorted_or_read_through_the_whole_table_is_found(
    connection: Connection, of: WorkList, service: str
) -> None:
    await connection.execute("SET enable_indexscan = off")
    await connection.execute("SET enable_bitmapscan = off")
    found = list(findings(await plan(connection, of, service, Page(JURISDICTION)), 50))
    assert {"Sort", "Seq Scan"} <= set(found)
    assert any("rows read" in finding for finding in found)


@every_list
async def test_page_after_page_tells_of_everybody_once_in_the_order_in_which_it_is_due(
    connection: Connection, of: WorkList, service: str
) -> None:
    given: list[Place] = []
    page = Page(JURISDICTION, DISTRICT, limit=1_000)
    while entries := await ask(connection, of, service, page):
        given += (entry.place for entry in entries)
        page = page._replace(after=entries[-1].place)
    table, column = TABLE_AND_COLUMN[of, service]
    stored = await connection.fetch(
        f"SELECT {column}, key FROM {table} WHERE jurisdiction = $1 AND district = $2", JURISDICTION, DISTRICT
    )
    assert len(given) == OPEN // 16 * 4 // 5
    assert given == sorted(Place(*row) for row in stored)


@every_list
@pytest.mark.parametrize("written", ["District-3", "district 3", "DÍSTRICT3"])
async def test_a_district_may_be_written_with_other_case_blanks_and_accents(
    connection: Connection, of: WorkList, service: str, written: str
) -> None:
    entries = await ask(connection, of, service, Page(JURISDICTION, written))
    assert entries == await ask(connection, of, service, Page(JURISDICTION, DISTRICT))
    assert {entry.district for entry in entries} == {DISTRICT}


@every_list
async def test_a_page_keeps_to_the_jurisdiction_the_district_and_the_instant_asked_for(
    connection: Connection, of: WorkList, service: str
) -> None:
    soon = FIRST_DUE + timedelta(hours=6)
    entries = await ask(connection, of, service, Page(OTHER, "district-5", soon, limit=1_000))
    assert entries
    assert {entry.district for entry in entries} == {"district-5"}
    assert max(entry.due for entry in entries) < soon
    table, column = TABLE_AND_COLUMN[of, service]
    stored = await connection.fetchval(
        f"SELECT count(*) FROM {table} WHERE jurisdiction = $1 AND district = $2 AND {column} < $3",
        *(OTHER, "district-5", soon),
    )
    assert len(entries) == stored
