"""What a record costs in Python, piece by piece: the plain way of doing it, and the way the engine does it.

Both take turns every few hundred records, so that whatever else the machine does slows both alike. Processor time, not
the clock's. No server is needed.
"""

import gc
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from time import thread_time
from typing import Any
from uuid import uuid5

from bench import job
from bench.frame import Bench, median
from bench.one_rule import AGGREGATES, SERVICE
from chassis.clock import real_now
from chassis.consume.quick import QuickReader
from chassis.consume.reader import Accepted, Reader, Record
from chassis.ids import NAMESPACE, event_id
from chassis.publish.archive import OutboxEvent
from chassis.publish.traces import Trail
from chassis.store.inbox import NO_CONTENT, content_of, entries, met
from chassis.store.locked_row import LockedRow
from chassis.store.unit_of_work import UnitOfWork
from schemas.envelope import read, validate
from schemas.reports.treatment import TestResultReported
from schemas.topic import PARTITIONS

TITLE = "The pieces of a judgement, in Python"
AT_ONCE = 500
MOST_RECORDS = 40_000
REPORTS_A_STAY = 100
_SHANGHAI = timezone(timedelta(hours=8))
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_QUICK = QuickReader((TestResultReported,), ())
_READER = Reader(AGGREGATES, timedelta(seconds=300))

Way = Callable[[Sequence[Record]], object]


def read_carefully(records: Sequence[Record]) -> object:
    return [validate(TestResultReported, read(record.value, record.headers).data) for record in records]


def read_quickly(records: Sequence[Record]) -> object:
    return [_QUICK.read(record.value or b"") for record in records]


def name_plainly(records: Sequence[Record]) -> object:
    return [str(uuid5(NAMESPACE, f"{record.offset}\n{record.topic}\nx\n0")) for record in records]


def name_directly(records: Sequence[Record]) -> object:
    return [event_id(str(record.offset), record.topic, "x", 0) for record in records]


def remember_ids(records: Sequence[Record]) -> object:
    return _remember(records, lambda _envelope, _report: NO_CONTENT)


def remember_contents(records: Sequence[Record]) -> object:
    return _remember(records, content_of)


def _remember(records: Sequence[Record], content: Callable[[Any, Any], bytes]) -> object:
    """Cases that get a hundred reports each, as a stay does: every report is looked up, and added."""
    memory = bytearray()
    for number, record in enumerate(records):
        if number % REPORTS_A_STAY == 0:
            memory = bytearray()
        understood = _QUICK.read(record.value or b"")
        if understood is not None:
            envelope, report = understood
            emitted = content(envelope, report)
            if met((b"", memory), envelope.id, emitted) == "new":
                memory += entries(envelope.id, emitted)
    return memory


PIECES: Mapping[str, tuple[Way, Way]] = {
    "reading and validating a report": (read_carefully, read_quickly),
    "the id of an event": (name_plainly, name_directly),
    "reading a report and remembering its id, or what it said as well": (remember_ids, remember_contents),
}


def judge(records: Sequence[Record], trail: Trail | None = None) -> Sequence[OutboxEvent]:
    """Everything that the engine does with a batch in Python, without its store: from bytes to statements."""
    unit = UnitOfWork(SERVICE, _NOW, PARTITIONS, trail=trail)
    cases: dict[str, LockedRow] = {}
    for record in records:
        item = _READER.read(record)
        if isinstance(item, Accepted):
            case = cases.get(item.key)
            if case is None:
                case = cases[item.key] = LockedRow.holding(AGGREGATES[0], item.key)
            if not unit.judge_ordinary(case, item, _NOW, None):
                unit.judge(case, item, _NOW, None)
    return unit.emitted


async def run(bench: Bench) -> Mapping[str, Any]:
    """Each piece both ways in turn, and a whole judgement."""
    records = some_records(min(bench.options.records, MOST_RECORDS))
    rows: list[tuple[object, ...]] = []
    given: dict[str, Any] = {}
    for piece, ways in PIECES.items():
        plain, ours = (median(seconds) * 1e6 / AT_ONCE for seconds in in_turn(ways, records))
        given[piece] = {"plain_us": round(plain, 2), "ours_us": round(ours, 2), "ratio": round(plain / ours, 2)}
        rows.append((piece, round(plain, 2), round(ours, 2), round(plain / ours, 2)))
    (whole,) = in_turn((judge,), records)
    given["a whole judgement of one rule, without its store"] = {"ours_us": round(median(whole) * 1e6 / AT_ONCE, 1)}
    rows.append(("a whole judgement of one rule, without its store", "", round(median(whole) * 1e6 / AT_ONCE, 1), ""))
    bench.show("Microseconds a record, medians", ("piece", "plain", "ours", "ratio"), rows)
    return {"pieces": given}


def some_records(number: int) -> Sequence[Record]:
    """The load of the throughput benchmark, each record with instants of its own, as patients have them."""
    received_at = real_now()
    return [
        Record(job.REPORTS, 0, offset, key.encode(), _at_other_times(value, offset), (), received_at)
        for offset, (key, value) in enumerate(job.make_load(number).records)
    ]


def _at_other_times(value: bytes, number: int) -> bytes:
    envelope = json.loads(value)
    collected = datetime(2020, 10, 1, 8, tzinfo=_SHANGHAI) + timedelta(seconds=number * 97)
    resulted = collected + timedelta(minutes=90, seconds=number % 3_000)
    envelope["time"] = envelope["data"]["collected_at"] = collected.isoformat()
    envelope["data"]["resulted_at"] = resulted.isoformat()
    return json.dumps(envelope, separators=(",", ":")).encode()


def in_turn(ways: Sequence[Way], records: Sequence[Record]) -> Sequence[list[float]]:
    """Seconds of processor time of each way for each batch of records."""
    took: list[list[float]] = [[] for _ in ways]
    gc.collect()
    gc.freeze()
    for start in range(0, len(records) - AT_ONCE + 1, AT_ONCE):
        batch = records[start : start + AT_ONCE]
        for way, seconds in zip(ways, took, strict=True):
            begun = thread_time()
            way(batch)
            seconds.append(thread_time() - begun)
    gc.unfreeze()
    return took
