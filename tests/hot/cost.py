"""The processor time of one case's messages: read, judged in shares, the document loaded and stored each time.

No database: what PostgreSQL does grows as the bytes of the document do.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from itertools import islice
from time import process_time
from typing import Any

from bench.calibration import calibration
from chassis.consume.reader import Accepted, Reader, Record
from chassis.decide.aggregate import AnyAggregate
from chassis.decide.together import of_many
from chassis.store.contexts import Contexts
from chassis.store.engine import _judge_in_time
from chassis.store.locked_row import LockedRow
from chassis.store.quota import Limits
from chassis.store.unit_of_work import UnitOfWork
from schemas.topic import PARTITIONS
from tests.hot.streams import SECOND, Stream

THOUSAND = 1_000
QUIET_CALIBRATION = 15.0
"""Microseconds: what the benchmark's fixed piece of work cost where a millisecond a message was found to be plenty."""
UNLIMITED = Limits(reports_per_hour=1_000_000)


@dataclass
class EngineFixture:
    """One service with one case, and no store but a row in memory."""

    stream: Stream
    share: int

    def __post_init__(self) -> None:
        routes = import_module(f"services.{self.stream.service}.routes")
        journeys = self.stream.journeys
        self.aggregate: AnyAggregate = getattr(journeys, "KIND", None) or routes.AGGREGATES[0]
        self.context: Any = getattr(journeys, "CONTEXT", None)
        self.reader = Reader((self.aggregate,), timedelta(days=1_000))
        self.row: tuple[Any, ...] = (self.stream.case_id, 0, 0, None, False, 0, None, 0, b"", None)

    def judge(self, records: Sequence[Record]) -> None:
        """In one transaction, or as many as it takes."""
        while records:
            records = self._judge(records)

    def _judge(self, records: Sequence[Record]) -> Sequence[Record]:
        unit = UnitOfWork(self.stream.service, records[-1].received_at, PARTITIONS, UNLIMITED)
        case, about = LockedRow.load(self.aggregate, self.row), (self.aggregate.name, self.stream.case_id)
        items = [item for record in records if isinstance(item := self.reader.read(record), Accepted)]
        contexts = Contexts()
        contexts.put(self.aggregate, {self.stream.case_id: self.context})
        left = _judge_in_time(unit, items, of_many(items, 1), {about: case}, contexts, {})
        assert not unit.errors, unit.errors
        assert len(unit.rejected) == len(unit.parked) == 0
        saved = case.saved()
        key, partition, *_, seen, document = self.row
        *_, version, _due, judged, blocked, unprompted, hour, reports, more_seen, more = saved
        self.row = (
            key,
            partition,
            version,
            judged,
            blocked,
            unprompted,
            hour,
            reports,
            seen + more_seen,
            more or document,
        )
        return left.records


def seconds_by_thousand(stream: Stream, share: int) -> Iterator[float]:
    """What each thousand of the stream's messages cost, for as long as anybody asks."""
    fixture, received_at = EngineFixture(stream, share), stream.journeys.RECEIVED_AT
    before = list(stream.before)
    fixture.judge([stream.record(message, number - 100, received_at) for number, message in enumerate(before)])
    number = 0
    while True:
        records = [
            stream.record(stream.make(n), n, received_at + n * SECOND / 100) for n in range(number, number + THOUSAND)
        ]
        with _without_garbage():
            begun = process_time()
            for first in range(0, THOUSAND, share):
                fixture.judge(records[first : first + share])
            seconds = process_time() - begun
        yield seconds
        number += THOUSAND


@contextmanager
def _without_garbage() -> Iterator[None]:
    """A search for garbage goes through whatever the tests before have left."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def affordable_seconds(records: int) -> float:
    """A millisecond of processor time each, and as much more as this machine is slower than ours were."""
    return records / 1_000 * max(1.0, calibration() / QUIET_CALIBRATION)


def costs(stream: Stream, thousands: int, share: int) -> list[float]:
    """The first so many thousands."""
    return list(islice(seconds_by_thousand(stream, share), thousands))
