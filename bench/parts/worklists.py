"""Work lists: how long a page takes where everybody who is followed up has something open."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib import import_module
from typing import Any

import asyncpg

from afterward.cli.worklist import ASKED_OF, WorkList
from afterward.stack.postgres import Postgres
from afterward.stack.supervisor import aggregates_of
from bench.frame import Bench, median
from bench.open_followups import FIRST_DUE, JURISDICTION, MINUTES, ROWS, store
from chassis.clock import monotonic
from chassis.store.connection import connect
from chassis.store.migrate import migrate
from chassis.store.pagination import PLANNED_EACH_TIME, Page, Place

TITLE = "Work lists"

MIDDLE = Place(FIRST_DUE + timedelta(minutes=MINUTES // 2), "")
PAGES: Mapping[str, Page] = {
    "first_page": Page(JURISDICTION),
    "in_the_middle": Page(JURISDICTION, after=MIDDLE),
    "first_of_a_district": Page(JURISDICTION, "district-3"),
    "in_the_middle_of_a_district": Page(JURISDICTION, "district-3", after=MIDDLE),
    "of_a_thousand": Page(JURISDICTION, limit=1_000),
}
SIZE = PAGES["first_page"].limit
TIMES = 200


async def run(bench: Bench) -> Mapping[str, Any]:
    """The section `worklists`: milliseconds from the question to the entries in hand, without the connecting."""
    postgres = Postgres(bench.folder, durable=True)
    number = bench.options.records
    try:
        await postgres.start()
        for service in ROWS:
            await _filled(postgres, service, number)
        measured = {str(each): await _measured(postgres, each) for each in WorkList}
    finally:
        await postgres.stop()
        postgres.remove()
    bench.show(
        f"{number:,} open follow-ups: ms a page of {SIZE}, the median of {TIMES}; and the slowest of these",
        ["list", *(name.replace("_", " ") for name in PAGES), "slowest"],
        ((name, *(times[page][0] for page in PAGES), _slowest(times)) for name, times in measured.items()),
    )
    return {"worklists": {"open_followups": number} | {name: _written(times) for name, times in measured.items()}}


async def _filled(postgres: Postgres, service: str, number: int) -> None:
    """A database of the service's own."""
    admin = await asyncpg.connect(postgres.dsn())
    try:
        await admin.execute(f'CREATE DATABASE "{service}"')
    finally:
        await admin.close()
    await migrate(postgres.dsn(service), service, aggregates_of(service))
    await store(postgres.dsn(service), service, number)


async def _measured(postgres: Postgres, of: WorkList) -> dict[str, tuple[float, float]]:
    """Page → its median and its slowest, in milliseconds; of a list that two services know, both are asked."""
    names = ASKED_OF[of]
    asks = [getattr(import_module(f"services.{name}.views"), of.replace("-", "_")) for name in names]
    connections = [await connect(postgres.dsn(name), 60, **PLANNED_EACH_TIME) for name in names]
    asked = list(zip(asks, connections, strict=True))
    try:
        return {name: _of([await _one(asked, page) for _ in range(TIMES)]) for name, page in PAGES.items()}
    finally:
        for connection in connections:
            await connection.close()


async def _one(asked: Sequence[tuple[Any, Any]], page: Page) -> float:
    began = monotonic()
    found = [await ask(connection, page) for ask, connection in asked]
    seconds = monotonic() - began
    if any(len(entries) != page.limit for entries in found):
        raise LookupError(f"{[len(entries) for entries in found]} entries where {page.limit} were asked for")
    return seconds * 1_000


def _of(milliseconds: Sequence[float]) -> tuple[float, float]:
    return median(milliseconds), max(milliseconds)


def _slowest(times: Mapping[str, tuple[float, float]]) -> float:
    return max(slowest for page, (_, slowest) in times.items() if PAGES[page].limit == SIZE)


def _written(times: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    medians = {f"{name}_ms": middle for name, (middle, _) in times.items()}
    return medians | {"slowest_ms": round(_slowest(times), 2)}
