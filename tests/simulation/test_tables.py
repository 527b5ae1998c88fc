"""The services' own statements: the simulated store and PostgreSQL give the same answers, and end with the same rows.

As `test_statements` does for the chassis, each seed writes rows of a service's small tables and takes some away, in
both, and asks both what the service asks of them. The last test counts the statements that the simulation plays.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from chassis.decide.aggregate import ReadModel
from chassis.store import read_models
from chassis.store.connection import Connection, columns, connect, sql
from chassis.store.migrate import migrate
from chassis.store.replicas import read_all
from chassis.store.waking import find_and_wake
from schemas.services import SERVICES
from tests.simulation import statements, test_waking
from tests.simulation.operators import OPERATORS
from tests.simulation.statements import statement_of
from tests.simulation.store import Store, Transaction
from tests.simulation.test_statements import CONVERSATIONS, Conversation

AGGREGATES = {service: import_module(f"services.{service}.routes").AGGREGATES for service in SERVICES}
TABLES = [(service, one.table) for service, all_of in AGGREGATES.items() for one in all_of if one.table is not None]
BEGINS = date(2020, 10, 1)
DAYS = [(BEGINS + timedelta(days=number)).isoformat() for number in range(5)]
PLACES = ("CN-SH", "CN-BJ")
KEYS = tuple(f"case-{number}" for number in range(6))
OF_DAYS = tuple(f"{place}/{day}" for place in PLACES for day in DAYS)
LAST = "case-last"
"""Stays on the last day, so that the last two days are the same in both."""
STEPS, SEEDS = 40, range(4)
_QUEUES = msgspec.json.Decoder(dict[str, tuple[list[str], dict[str, int], list[tuple[int, datetime, str]]]])

LOCK_DAYS, COUNT_DAYS = (sql(name, "services.bulletin.sql") for name in ("lock_jurisdictions", "count_days"))
READ_CONTEXT = sql("read_context", "services.intake.sql")
READ_REVISION = sql("read_revision", "services.primarycare.sql")
READ_INSTITUTIONS = read_all("institution")
TRY_SHARD, FREE_SHARD = "SELECT pg_try_advisory_lock($1, $2)", "SELECT pg_advisory_unlock($1, $2)"
READ_DAYS = sql("read_days", "services.bulletin.sql")
LOCK_CHANNELS, READ_QUEUES, READ_ISSUES, READ_CARES = (
    sql(name, "services.consultation.sql") for name in ("lock_channels", "read_queues", "read_issues", "read_cares")
)
READ_CHANNELS = read_all("consultation_channel")
ASKED = {LOCK_DAYS, COUNT_DAYS, READ_DAYS, READ_CONTEXT, READ_REVISION, READ_INSTITUTIONS}
ASKED |= {LOCK_CHANNELS, READ_QUEUES, READ_ISSUES, READ_CARES, READ_CHANNELS}
NOT_COMPARED: Mapping[str, str] = {
    sql("plan_joins"): "says how rows are found",
    sql("make_archive_month"): "makes a table, which tests/chassis/test_migrate.py sees",
    sql("name_store"): "what only a server has: its start, a file",
    TRY_SHARD: "another connection sees it, in tests/chassis/test_relay.py",
    FREE_SHARD: "the same",
    "SELECT pg_advisory_xact_lock($1)": "of migrations: it waits, and has no answer",
    "SELECT pg_advisory_lock($1)": "of epochs: it waits, and has no answer",
}


def upsert(table: ReadModel[Any, Any]) -> str:
    return read_models._upsert(table)


def delete(table: ReadModel[Any, Any]) -> str:
    return f"DELETE FROM {table.name} WHERE key = ANY ($1)"


class Both:
    """The store of a service, twice: simulated, and in PostgreSQL."""

    def __init__(self, service: str, connection: Connection, seed: int) -> None:
        self.dice, self.store, self.connection = Random(seed), Store(cast("Any", None), service), connection
        self.tables = {table.name: table for of, table in TABLES if of == service}

    async def say(self, text: str, *arguments: Any) -> tuple[list[Any], Any]:
        """What PostgreSQL answers, and what the simulated store does."""
        transaction = Transaction(cast("Any", SimpleNamespace(store=self.store, hold=_granted)))
        answer = await statement_of(text)(transaction, *arguments)
        transaction.commit()
        return await self.connection.fetch(text, *arguments), answer

    async def write(self, name: str, keys: Sequence[str]) -> None:
        """Other rows of a table, or none any more, for some of the keys."""
        table, chosen = self.tables[name], self.dice.sample(keys, self.dice.randint(1, 3))
        if self.dice.random() < 0.25:
            await self.say(delete(table), chosen)
        else:
            rows = [(key, *_row(self.dice, table, key)) for key in chosen]
            await self.say(upsert(table), *columns(rows, len(table.columns) + 1))

    async def have_the_same_rows(self) -> int:
        """How many there are; fails where they differ."""
        seen = 0
        for name, table in self.tables.items():
            names = ("key", *table.columns)
            stored = [tuple(row) for row in await self.connection.fetch(f"SELECT {', '.join(names)} FROM {name}")]
            simulated = [tuple(row[column] for column in names) for row in self.store.rows(name)]
            assert sorted(simulated, key=repr) == sorted(stored, key=repr), name
            seen += len(stored)
        return seen


def _row(dice: Random, table: ReadModel[Any, Any], key: str) -> list[Any]:
    row = {name: _value(dice, name, type_) for name, type_ in table.columns.items()}
    if table.name == "bulletin_day":  # a key is a place and a day; a day without a bulletin has no figures
        place, day = key.split("/")
        silent = dice.random() < 0.3
        figures = {name: None for name, type_ in table.columns.items() if silent and type_ == "integer"}
        row |= {"jurisdiction": place, "day": date.fromisoformat(day), **figures}
    if table.name in {"bulletin_consultation", "bulletin_delivery"}:  # only a consultation's expert may be unknown
        row |= {name: _certain(dice, name, table.columns[name]) for name in table.columns if name != "expert_ref"}
    if table.name == "consultation_request":  # who waits, has an expert or a prescription, has all that goes with it
        certain = ("class_rank", "requested_at", "expert_ref")
        row |= {name: _certain(dice, name, table.columns[name]) for name in certain}
        row["prescription"] = json.dumps([*"1234567", dice.choice(DAYS)])
    if table.name == "consultation_channel":
        row["shifts"] = dice.choice(['["one"]', "[]"])
    if table.name == "intake_transfer" and row["to_institution_id"] is None:
        row["chosen_on"] = None
    return list(row.values())


def _value(dice: Random, name: str, type_: str) -> Any:
    of_names = {
        "jurisdiction": PLACES,
        "origin": ("imported", "local"),
        "chosen_on": [date.fromisoformat(day) for day in DAYS],
    }
    instant = datetime(2020, 10, 1, 12, tzinfo=UTC)
    of_types: Mapping[str, Sequence[Any]] = {
        "text": ("a", "b", None),
        "date": (*(date.fromisoformat(day) for day in DAYS), None),
        "integer": (0, 1, 2, 3),
        "boolean": (True, False),
        "timestamptz": (instant, instant + timedelta(days=1), None),
        "json": ('{"a": 1}', '{"b": [2]}'),
    }
    return dice.choice(of_names.get(name, of_types[type_]))


def _certain(dice: Random, name: str, type_: str) -> Any:
    while (value := _value(dice, name, type_)) is None:
        pass
    return value


async def _granted(_lock: object) -> bool:
    return True


MakeBoth = Callable[[str, int], Awaitable[Both]]


@pytest.fixture
async def both(database: str) -> AsyncIterator[MakeBoth]:
    """Makes the store of a service, with the dice of a seed."""
    made: list[Connection] = []

    async def make(service: str, seed: int) -> Both:
        await migrate(database, service, AGGREGATES[service])
        made.append(await connect(database, 30))
        return Both(service, made[0], seed)

    yield make
    for connection in made:
        connection.terminate()


@pytest.mark.parametrize("service", sorted({service for service, _ in TABLES}))
async def test_rows_are_written_and_taken_away_alike(service: str, both: MakeBoth) -> None:
    stores, seen = await both(service, 0), 0
    for _ in range(STEPS):
        for name in stores.tables:
            await stores.write(name, OF_DAYS if name == "bulletin_day" else KEYS)
        seen += await stores.have_the_same_rows()
    assert seen > STEPS


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_days_of_the_bulletin_are_counted_alike(seed: int, both: MakeBoth) -> None:
    stores, found = await both("bulletin", seed), Counter[str]()
    for _ in range(STEPS):
        await stores.write("bulletin_case", KEYS)
        await stores.write("bulletin_day", OF_DAYS)
        await stores.write("bulletin_consultation", KEYS)
        await stores.write("bulletin_delivery", KEYS)
        if stores.dice.random() < 0.3:
            await stores.say(sql("add_wakes"), ["day"], [stores.dice.choice(OF_DAYS)], [0])
        asked = [(key, *key.split("/")) for key in stores.dice.sample(OF_DAYS, 2)]
        keys, places, days = columns(asked, 3)
        await stores.say(LOCK_DAYS, places)
        real, simulated = await stores.say(COUNT_DAYS, keys, places, [date.fromisoformat(day) for day in days])
        counted = {row["key"]: json.loads(row["counts"]) for row in real}
        assert {row["key"]: json.loads(row["counts"]) for row in simulated} == counted
        found.update(name for counts in counted.values() for name, value in counts.items() if value)
    assert {"later", "silent", "discharges", "youngest_months", "online"} <= found.keys(), (
        "each part has something to compare"
    )


async def test_what_days_stand_at_is_read_alike(both: MakeBoth) -> None:
    stores = await both("bulletin", 0)
    judged, document = datetime(2020, 10, 18, tzinfo=UTC), '["facts", "conclusions"]'
    of_kinds = [("day", key) for key in OF_DAYS[:3]] + [("public_day", OF_DAYS[3]), ("case", OF_DAYS[4])]
    await stores.say(sql("add_rows"), *columns([(*row, 0) for row in of_kinds], 3))
    rows = [(*row, 0, 1, None, judged, False, 0, None, 0, b"", document) for row in of_kinds[1:]]
    await stores.say(sql("save_rows"), *columns(rows, len(rows[0])))

    real, simulated = await stores.say(READ_DAYS, list(OF_DAYS))
    expected = [(key, document) for key in OF_DAYS[1:3]]  # the first has not been judged, the others are no days
    assert sorted(tuple(row) for row in real) == expected
    assert sorted((row["key"], row["document"]) for row in simulated) == expected


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("service", ["intake", "discharge", "primarycare"])
async def test_the_copy_of_the_directory_is_read_alike(service: str, seed: int, both: MakeBoth) -> None:
    stores, before, changes = await both(service, seed), (None, None), 0
    cases = next(name for name in stores.tables if name != "institution")
    if service == "intake":
        last = {"to_institution_id": "a", "chosen_on": date.fromisoformat(DAYS[-1]), "open": False}
        row = [last.get(name) for name in stores.tables[cases].columns]
        await stores.say(upsert(stores.tables[cases]), *([value] for value in (LAST, *row)))
    for _ in range(STEPS):
        await stores.write(cases, KEYS)
        await stores.write("institution", ("a", "b", "c"))
        (real,), (simulated,) = await stores.say(READ_INSTITUTIONS)
        assert json.loads(simulated["entries"]) == json.loads(real["entries"])
        now = real["revision"], simulated["revision"]
        changes += now[1] != before[1]
        assert now[1] == before[1] or now[0] != before[0], "the copy is another, and its revision is not"
        before = now
        await _ask_for_the_revision(stores, service, now)
    assert changes > STEPS / 4


async def _ask_for_the_revision(stores: Both, service: str, revisions: tuple[Any, Any]) -> None:
    """As the service does; intake asks as well how many were sent where, and whom its cases belong with."""
    if service != "intake":
        (real,), simulated = await stores.say(READ_REVISION)
        assert (real["revision"], simulated) == revisions
        return
    (real,), (simulated,) = await stores.say(READ_CONTEXT, stores.dice.sample(KEYS, 2))
    assert (real["revision"], simulated["revision"]) == revisions
    sent = [one for one in json.loads(real["sent"]) if one[2]]
    assert sorted(json.loads(simulated["sent"])) == sorted(sent)
    assert json.loads(simulated["relatives"]) == json.loads(real["relatives"])


@pytest.mark.parametrize("seed", SEEDS)
async def test_online_care_is_read_alike(seed: int, both: MakeBoth) -> None:
    stores, found, heads = await both("consultation", seed), Counter[str](), 2
    for _ in range(STEPS):
        await stores.write("consultation_request", KEYS)
        await stores.write("consultation_channel", ("a", "b", "c"))
        keys = stores.dice.sample(KEYS, 2)
        await stores.say(LOCK_CHANNELS, keys)
        (real,), (simulated,) = await stores.say(READ_QUEUES, keys, heads)
        assert _QUEUES.decode(simulated["queues"]) == _QUEUES.decode(real["queues"])
        (channels,), (simulated_channels,) = await stores.say(READ_CHANNELS)
        assert json.loads(simulated_channels["entries"]) == json.loads(channels["entries"])
        assert channels["revision"] == real["channels"]
        assert simulated_channels["revision"] == simulated["channels"]
        found.update(queues=real["queues"] != "{}", channels=channels["entries"] != "[]")
        for text, column in ((READ_ISSUES, "issue"), (READ_CARES, "cares")):
            rows, simulated_rows = await stores.say(text, ["a", "b"])
            asked = {row["key"]: json.loads(row[column]) for row in rows}
            assert {row["key"]: json.loads(row[column]) for row in simulated_rows} == asked
            found[column] += len(asked)
    assert min(found[name] for name in ("queues", "channels", "issue", "cares")) > STEPS / 4


def test_every_statement_that_the_simulation_plays_is_held_to_postgresql() -> None:
    """A statement that is new there is compared too, or this fails."""
    of_chassis = {name for seed in range(CONVERSATIONS) for name, _ in Conversation(seed).lines()} - OPERATORS.keys()
    of_tables = {text for _, table in TABLES for text in (upsert(table), delete(table))}
    of_wakes = {find_and_wake(line) for service in test_waking.SERVICES for line in test_waking.lines(service)}
    assert set(statements._known()) == {*map(sql, of_chassis), *of_tables, *of_wakes, *ASKED, *NOT_COMPARED}
