"""The simulated store and PostgreSQL give the same answers to the same statements, and end with the same rows.

What the simulation finds is worth as much as its store is true: each seed makes up a conversation, and holds it with
both. Row ids come from sequences, which count alike in both because every conversation begins with an empty database.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from chassis.store.connection import Connection, columns, connect, sql
from chassis.store.migrate import ArchiveMonths, migrate
from tests.chassis.engine_fixture import MIGRATIONS
from tests.chassis.toy import COUNTED_PATIENT, WARD
from tests.simulation.operators import OPERATORS, ask_replay
from tests.simulation.spoken import ERASE, ERASED, AboutEpochs, AboutParked, AboutPlaces, Line, partition_of
from tests.simulation.statements import statement_of
from tests.simulation.store import Store, Transaction

SERVICE = "treatment"
NOW = datetime(2020, 10, 17, 12, tzinfo=UTC)
AGGREGATES = ("patient", "ward")
KEYS = tuple(f"case-{number}" for number in range(6))
PARTITIONS = 3
CONVERSATIONS = 12
STATEMENTS = 200
TABLES = {
    "state": "kind, key, version, due, judged, partition, blocked, unprompted, reports_hour, reports, seen, document",
    "archive": "id, recorded_at, topic, key, partition, event_id, message",
    "shard_stated": "shard, last, epoch",
    "shard_sent": "shard, acknowledged, again, asked",
    "wakes": "kind, key, partition",
    "parked": "id, digest, reason, parked_at, replay, kind, key, topic, partition, record_offset, received_at, "
    "record_key, headers, value",
    "read_offset": "topic, partition, next_offset, stamp",
    "store_identity": "epoch",
    "lost_word": "kind, key, thing, partition, sequence, message, since",
}


class Conversation(AboutPlaces, AboutEpochs, AboutParked):
    """What a service might say to its store; `Random` alone decides."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)
        self.versions: dict[tuple[str, str], int] = {}
        """The version that each row should have by now; what a conversation knows of rows, as an engine does."""

    def lines(self) -> Iterator[Line]:
        """One statement after the other."""
        for _ in range(STATEMENTS):
            yield self._dice.choice(_SPEAKERS)(self)

    def _rows(self) -> list[tuple[str, str]]:
        every = [(kind, key) for kind in AGGREGATES for key in KEYS]
        return sorted(self._dice.sample(every, self._dice.randint(1, 4)))

    def _instant(self) -> datetime:
        return NOW + timedelta(minutes=self._dice.randint(-5, 5))

    def _partitions(self) -> list[int]:
        return sorted(self._dice.sample(range(PARTITIONS), self._dice.randint(1, PARTITIONS)))

    def _numbers(self) -> list[int]:
        return self._dice.sample(range(1, 13), 3)

    def add_rows(self) -> Line:
        rows = self._rows()
        for row in rows:
            self.versions.setdefault(row, 0)
        return "add_rows", columns(((kind, key, partition_of(key)) for kind, key in rows), 3)

    def lock_rows(self) -> Line:
        return "lock_rows", columns(self._rows(), 2)

    def drop_erased(self) -> Line:
        return "drop_erased", columns(self._rows(), 2)

    def save_rows(self) -> Line:
        return "save_rows", columns((self._judged(*row) for row in self._rows()), 12)

    def _judged(self, kind: str, key: str) -> tuple[Any, ...]:
        loaded = self.versions.get((kind, key), 0)
        stale = self._dice.random() < 0.1
        if not stale and (kind, key) in self.versions:
            self.versions[kind, key] = loaded + 1
        due = self._instant() if self._dice.random() < 0.6 else None
        document = json.dumps([loaded]) if self._dice.random() < 0.8 else None
        blocked, seen = self._dice.random() < 0.2, self._dice.randbytes(8 * self._dice.randint(0, 2))
        return (
            kind,
            key,
            loaded + 7 * stale,
            loaded + 1,
            due,
            self._instant(),
            blocked,
            self._dice.randint(0, 9),
            self._instant() if self._dice.random() < 0.8 else None,
            self._dice.randint(0, 9),
            seen,
            document,
        )

    def read_unsent(self) -> Line:
        partitions = self._partitions()
        return "read_unsent", [partitions, [self._dice.randrange(9) for _ in partitions], self._dice.randint(1, 5)]

    def read_shards(self) -> Line:
        return "read_shards", [self._partitions()]

    def oldest_unsent(self) -> Line:
        return "oldest_unsent", [self._partitions()]

    def acknowledge(self) -> Line:
        return "acknowledge", columns((self._claim(shard) for shard in self._partitions()), 5)

    def _claim(self, shard: int) -> tuple[int, int, int, int, bool]:
        after = self._dice.randrange(12)
        return shard, after, after + self._dice.randrange(8), self._dice.randrange(3), self._dice.random() < 0.2

    def republish(self) -> Line:
        return "republish", [self._instant() if self._dice.random() < 0.7 else None]

    def add_wakes(self) -> Line:
        return "add_wakes", columns(((kind, key, partition_of(key)) for kind, key in self._rows()), 3)

    def take_wakes(self) -> Line:
        return "take_wakes", columns(self._rows(), 2)

    def find_due(self) -> Line:
        partitions = self._partitions()
        return "find_due", [partitions, [self._instant() for _ in partitions], 100]

    def next_due(self) -> Line:
        partitions = self._partitions()
        return "next_due", [partitions, [self._instant() for _ in partitions]]

    def backlog(self) -> Line:
        return "backlog", [self._instant()]


_SPEAKERS: tuple[Callable[[Conversation], Line], ...] = (
    *AboutEpochs.SPEAKERS,
    Conversation.add_rows,
    Conversation.lock_rows,
    *[Conversation.drop_erased] * 2,
    *[Conversation.save_rows] * 3,
    *[Conversation.append_events] * 3,
    Conversation.read_unsent,
    Conversation.read_shards,
    Conversation.oldest_unsent,
    *[Conversation.acknowledge] * 4,
    Conversation.republish,
    Conversation.add_wakes,
    Conversation.take_wakes,
    Conversation.find_due,
    Conversation.next_due,
    *[Conversation.ask_replay] * 2,
    *[Conversation.find_replays] * 2,
    *[Conversation.park] * 2,
    Conversation.heavy_parked,
    *[Conversation.find_unknown] * 3,
    Conversation.replay_known,
    Conversation.unpark,
    Conversation.unblock,
    Conversation.replay_waiting,
    Conversation.backlog,
    *[Conversation.begin_reading] * 2,
    *[Conversation.note_read] * 3,
    Conversation.read_anew,
    Conversation.store_identity,
)
UNORDERED = frozenset(
    {
        "find_due",
        "next_due",
        "drop_erased",
        "acknowledge",
        "oldest_unsent",
        "read_shards",
        "ask_replay",
        "begin_reading",
        "read_versions",
        "read_lost",
        "heavy_parked",
    }
)
"""Statements whose rows have no order, or one that leaves ties open."""


@pytest.fixture
async def postgres(database: str) -> AsyncIterator[Connection]:
    """A connection to an empty, migrated database."""
    await migrate(database, SERVICE, [COUNTED_PATIENT, WARD], MIGRATIONS)
    connection = await connect(database, 30)
    await ArchiveMonths().ensure(connection, NOW)
    await connection.execute(ERASE, *columns(ERASED, 2))
    yield connection
    connection.terminate()


class Simulated:
    """The simulated store, a transaction a statement, with nobody beside."""

    def __init__(self) -> None:
        self.store = Store(cast("Any", None), SERVICE)
        self.store.tables["erased"] = {about: {} for about in ERASED}

    async def answer(self, name: str, arguments: Sequence[Any]) -> Any:
        """What it answers to a statement."""
        answer = await self.carry_out(name if name in OPERATORS else sql(name), arguments)
        return "one" if name == "store_identity" and answer else answer

    async def carry_out(self, text: str, arguments: Sequence[Any]) -> Any:
        """The same of a statement by its text, or of an operator's by its name."""
        transaction = Transaction(cast("Any", SimpleNamespace(store=self.store, hold=_granted)))
        statement = ask_replay if text in OPERATORS else statement_of(text)
        answer = await statement(transaction, *arguments)
        transaction.commit()
        return answer

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of a table, in the columns that PostgreSQL is asked for."""
        names = TABLES[table].split(", ")
        return [tuple(_plain(row[name]) for name in names) for row in self.store.rows(table)]


async def _granted(_lock: object) -> bool:
    return True


async def _asked(connection: Connection, name: str, arguments: Sequence[Any]) -> Any:
    if name == "store_identity":
        return "one" if await connection.fetchval(sql(name)) else None
    if name in {"save_rows", "note_read"}:
        return await connection.execute(sql(name), *arguments)
    return await connection.fetch(sql(name, *OPERATORS.get(name, ())), *arguments)


@pytest.mark.parametrize("seed", range(CONVERSATIONS))
async def test_the_same_conversation_has_the_same_answers_and_the_same_end(seed: int, postgres: Connection) -> None:
    simulated = Simulated()
    for number, (name, arguments) in enumerate(Conversation(seed).lines()):
        real = _comparable(name, await _asked(postgres, name, arguments))
        assert _comparable(name, await simulated.answer(name, arguments)) == real, f"{name}, the {number}th"
    for table, names in TABLES.items():
        stored = [tuple(map(_plain, row)) for row in await postgres.fetch(f"SELECT {names} FROM {table}")]
        assert sorted(simulated.rows(table), key=repr) == sorted(stored, key=repr), table


def test_every_statement_of_the_chassis_is_spoken() -> None:
    """A new file in chassis/store/sql is compared too, or this fails."""
    spoken = {line[0] for seed in range(CONVERSATIONS) for line in Conversation(seed).lines()}
    written = {file.name.removesuffix(".sql") for file in files("chassis.store").joinpath("sql").iterdir()}
    assert spoken - OPERATORS.keys() == written - {"plan_joins", "name_store", "make_archive_month"}, (
        "which say how rows are found, and what only a server has"
    )


async def test_every_statement_that_reads_is_answered_with_rows_now_and_then() -> None:
    """Where both answer with nothing, nothing has been compared."""
    answers: dict[str, int] = {}
    for seed in range(CONVERSATIONS):
        simulated = Simulated()
        for name, arguments in Conversation(seed).lines():
            answer = await simulated.answer(name, arguments)
            if isinstance(answer, list):
                answers[name] = answers.get(name, 0) + len(answer)
    assert {"lock_rows", "read_unsent", "acknowledge", "find_due", "next_due", "find_replays"} <= answers.keys()
    assert [name for name, rows in answers.items() if not rows] == []


def _comparable(name: str, answer: Any) -> Any:
    """Answers as lists of tuples; statements that answer nothing give nothing."""
    if answer is None or answer == []:
        return []
    if isinstance(answer, str):
        return answer
    rows = [tuple(map(_plain, row)) for row in answer]
    return sorted(rows, key=repr) if name in UNORDERED else rows


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
