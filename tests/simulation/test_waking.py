"""Whom a change of the directory wakes, by the lines of `routes.py`: PostgreSQL and the simulated store wake the same.

Each seed draws rows of cases, of which some have no row in `state`, and what of the directory has changed.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from importlib import import_module
from random import Random
from typing import Any

import pytest

from chassis.decide.aggregate import AnyReadModel, ReadModel, Wakes
from chassis.store.connection import columns, connect, sql
from chassis.store.migrate import migrate
from chassis.store.read_models import _upsert
from chassis.store.waking import find_and_wake
from tests.simulation.spoken import partition_of
from tests.simulation.test_statements import Simulated

SERVICES = ("intake", "discharge", "primarycare", "consultation")
CASES = tuple(f"case-{number}" for number in range(36))
TEXTS = ("a", "b", None)
INSTANTS = tuple(datetime(2020, 10, day, tzinfo=UTC) for day in (1, 2))
SEEDS = 8


def lines(service: str) -> Iterator[Wakes]:
    for aggregate in import_module(f"services.{service}.routes").AGGREGATES:
        yield from aggregate.table.wakes if aggregate.table else ()


def drawn(dice: Random, table: AnyReadModel, order: Collection[str] = ()) -> list[tuple[Any, ...]]:
    """Rows in which texts, booleans and what has an order are drawn, and all else is absent."""
    choices = {"text": TEXTS, "boolean": (True, False, None)}
    ordered = {"integer": (0, 1), "timestamptz": INSTANTS}
    of = [ordered[type_] if name in order else choices.get(type_, (None,)) for name, type_ in table.columns.items()]
    return [(key, *(dice.choice(values) for values in of)) for key in CASES]


@pytest.mark.parametrize("service", SERVICES)
async def test_both_wake_the_same(service: str, database: str) -> None:
    aggregates = import_module(f"services.{service}.routes").AGGREGATES
    await migrate(database, service, aggregates)
    connection, woken = await connect(database, 30), 0
    for seed in range(SEEDS):
        for line in lines(service):
            await connection.execute(f"TRUNCATE state, wakes, {line.table.name}")
            dice, simulated = Random(seed), Simulated()
            known = [(line.woken.name, key, partition_of(key)) for key in CASES if dice.random() < 0.8]
            changed = [tuple(dice.choice(TEXTS) for _ in line.equal) for _ in range(3)]
            for text, given in (
                (sql("add_rows"), columns(known, 3)),
                (_upsert(line.table), columns(drawn(dice, line.table, line.order), 1 + len(line.table.columns))),
                (find_and_wake(line), columns(changed, len(line.equal))),
            ):
                await connection.execute(text, *given)
                await simulated.carry_out(text, given)
            rows = [tuple(row) for row in await connection.fetch("SELECT kind, key, partition FROM wakes")]
            assert sorted(simulated.rows("wakes")) == sorted(rows), (seed, line.equal)
            woken += len(rows)
    await connection.close()
    assert woken > SEEDS, "where nobody is woken nothing has been compared"


@pytest.mark.parametrize("service", SERVICES)
def test_a_column_that_is_not_there_is_refused_where_it_is_declared(service: str) -> None:
    for line in lines(service):
        with pytest.raises(ValueError, match="has no column beds"):
            Wakes(line.woken, "is", {"beds": "key"})
        with pytest.raises(ValueError, match="has no column beds"):
            ReadModel("institution", {}, lambda _state: None, wakes=(Wakes(line.woken, "is", {"key": "beds"}),))
