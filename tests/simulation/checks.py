"""What must hold at the end of every run, whatever went wrong on the way."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import groupby
from types import GenericAlias
from typing import Any

import msgspec
from aiokafka import TopicPartition
from msgspec import Struct

from chassis.consume.reader import WRONG_SOURCE, Record
from chassis.consume.watermarks import NEVER
from chassis.decide.aggregate import AnyAggregate
from chassis.ids import SEEN_BYTES, partition_of
from chassis.publish.sequence import epoch_of
from chassis.store.inbox import NO_CONTENT, met
from chassis.store.parked import digest_of
from schemas.envelope import Envelope, read
from schemas.folding import fold, standing
from schemas.services import SERVICES
from schemas.topic import PARTITIONS
from schemas.topics import published_by, registry
from tests.journeys.standing import day_of, is_without_bulletin, left_out_of
from tests.simulation.backups import epoch_for_nothing
from tests.simulation.late import document_without, is_timed, late_alerts, row_without
from tests.simulation.tombstones import counts_for_nothing
from tests.simulation.undone import events_without_homes, rows_without_homes, without_homes
from tests.simulation.whose import documents_without_experts, events_without_experts
from tests.simulation.world import World

_UUID = re.compile(rb"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
RECEIPT = frozenset({"rank", "tie", "received_at", "later", "public_tables"})
"""Fields that tell how a message came, or what a bulletin was to do next (`later`) and had shown (`public_tables`)."""
EARLIER = frozenset({"places", "primaries", "placed_at", "named_when"})
"""Of a discharge, what it was said to be before its last word, and since when that is known: primary care lets nothing
follow from it once followup has read the last word (F9), and what follows is compared."""


@dataclass(frozen=True)
class End:
    """What a run has led to, without ids, ranks, and times of receipt."""

    standing: Mapping[Any, Any]
    documents: Mapping[Any, Any]
    tables: Mapping[Any, Any]
    parked: Mapping[Any, Any]


def end_of(world: World) -> End:
    """How a run ended."""
    documents: dict[Any, Any] = {}
    tables: dict[Any, Any] = {}
    parked: dict[Any, Any] = {}
    for service in SERVICES:
        aggregates: Mapping[str, AnyAggregate] = {
            kind.name: kind for kind in import_module(f"services.{service}.routes").AGGREGATES
        }
        store = world.stores[service]
        for row in store.rows("state"):
            day = day_of(row["kind"], row["key"])
            if day is not None and is_without_bulletin(store.tables["bulletin_day"].get(day)):
                continue
            documents[service, row["kind"], row["key"]] = _plain_document(aggregates[row["kind"]], row)
        for name in (kind.table.name for kind in aggregates.values() if kind.table is not None):
            tables |= {(name, row["key"]): row for row in store.rows(name) if not is_without_bulletin(row)}
        for row in store.rows("parked"):
            if row["reason"] == WRONG_SOURCE:  # there are no impostors without faults; see `_believed`
                continue
            parked[service, row["digest"]] = row["reason"], row["kind"], row["key"]
    return End(_standing(world), documents, tables, parked)


def _standing(world: World) -> Mapping[Any, Any]:
    return {about: _plain_event(event) for about, event in standing(_emitted(world)).items()}


def _emitted(world: World) -> list[Envelope]:
    return [
        read(record.value, record.headers)
        for service in SERVICES
        for topic in published_by(service)
        for number in range(PARTITIONS)
        for record in world.bus.sound(TopicPartition(topic.name, number))
    ]


def _plain_event(event: Envelope) -> Any:
    if "edition" in event.data:  # whether a bulletin is restated, and of what, depends on what was known when
        return {name: given for name, given in event.data.items() if name not in left_out_of(event)}
    return event.type, event.time, _without_ids(event.data)


def _without_ids(data: Any) -> Any:
    return json.loads(_UUID.sub(b"an id", msgspec.json.encode(data)))


def _plain_document(kind: AnyAggregate, row: Mapping[str, Any]) -> Any:
    if row["document"] is None:
        return row["due"], row["blocked"]
    facts, conclusions = msgspec.json.decode(row["document"], type=GenericAlias(tuple, (kind.facts, kind.conclusions)))
    return row["due"], row["blocked"], _plain(facts), _plain(conclusions)


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__ if name not in RECEIPT | EARLIER}
        if "quiet" in fields:  # followup: name → rank
            fields["quiet"] = sorted(fields["quiet"])
        plain = {name: _plain(field) for name, field in fields.items()}
        if "versions" in plain:  # primary care: of two that come at one instant, after a sleep, the last holds
            plain["versions"] = [version for version, _ in groupby(plain["versions"])]
        return plain
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value if not counts_for_nothing(one)]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value


def differences(expected: End, found: End) -> list[str]:
    """What ended otherwise than without faults."""
    late = late_alerts(expected.documents) | late_alerts(found.documents)
    expected, found = _but_for(late, expected), _but_for(late, found)
    return [
        f"{part} {about}: {_first_difference(should.get(about), does.get(about))}"
        for part in ("standing", "documents", "tables", "parked")
        for should, does in [(getattr(expected, part), getattr(found, part))]
        for about in sorted({*should, *does}, key=repr)
        if should.get(about) != does.get(about)
    ]


def _but_for(late: frozenset[str], end: End) -> End:
    """The end without the times of these alerts, the homes of discharges that were undone, and who had a request."""
    documents = {about: without_homes(about, one) for about, one in documents_without_experts(end.documents).items()}
    events = events_without_homes(end.documents, events_without_experts(end.standing))
    tables = {about: rows_without_homes(end.documents, about, row) for about, row in end.tables.items()}
    return replace(
        end,
        standing={about: event for about, event in events.items() if not is_timed(late, about)},
        documents={about: document_without(late, about, document) for about, document in documents.items()},
        tables={about: row_without(late, end.documents, about, row) for about, row in tables.items()},
    )


def _first_difference(should: Any, does: Any, path: str = "") -> str:
    if isinstance(should, dict) and isinstance(does, dict):
        for name in sorted({*should, *does}, key=repr):
            if should.get(name) != does.get(name):
                return _first_difference(should.get(name), does.get(name), f"{path}.{name}")
    if isinstance(should, list | tuple) and isinstance(does, list | tuple) and len(should) == len(does):
        for place, (one, other) in enumerate(zip(should, does, strict=True)):
            if one != other:
                return _first_difference(one, other, f"{path}[{place}]")
    return f"{path} should be {json.dumps(should, default=str)}, is {json.dumps(does, default=str)}"


def violations(world: World) -> list[str]:
    """Promises that hold for each run by itself."""
    return [
        f"{service}: {broken}"
        for service in SERVICES
        for check in (_archive_and_bus, _seen_once, _all_judged, _believed, epoch_for_nothing)
        for broken in check(world, service)
    ]


def _archive_and_bus(world: World, service: str) -> Iterator[str]:
    archived = sorted(world.stores[service].rows("archive"), key=lambda row: row["id"])
    ids = Counter(row["event_id"] for row in archived)
    yield from (f"event {event_id} was said {times} times" for event_id, times in ids.items() if times > 1)
    emitted: dict[tuple[str, bytes], list[bytes]] = defaultdict(list)
    stated, epoch = {row["message"] for row in archived}, world.stores[service].tables["store_identity"][0]["epoch"]
    for row in archived:
        emitted[row["topic"], row["key"].encode()].append(row["message"])
    for topic in published_by(service):
        heard: dict[tuple[str, bytes], list[bytes]] = defaultdict(list)
        for number in range(PARTITIONS):
            for record in world.bus.sound(TopicPartition(topic.name, number)):
                key = record.key or b""
                if record.value in stated or _epoch(record.value or b"") >= epoch:
                    heard[topic.name, key].append(record.value or b"")
                if partition_of(key.decode(), PARTITIONS) != number:
                    yield f"{topic.name}: {key!r} is in partition {number}"
        for about in {about for about in emitted if about[0] == topic.name} | heard.keys():
            yield from _one_line(about, emitted[about], heard[about], compacted=topic.cleanup == "compact")


def _epoch(message: bytes) -> int:
    """A store that has gone back has not what it said before, in an epoch that is over."""
    return epoch_of(read(message).sequence or 0)


def _one_line(about: tuple[str, bytes], emitted: list[bytes], heard: list[bytes], *, compacted: bool) -> Iterator[str]:
    """The messages of one key, as archived and as on the bus. The same bytes, so no id has two contents."""
    if missing := [message for message in emitted if message not in heard]:
        yield f"{about}: {len(missing)} archived events are not on the bus"
    if strange := [message for message in heard if message not in emitted]:
        yield f"{about}: {len(strange)} records on the bus are not archived"
    if not missing and not strange and list(dict.fromkeys(heard)) != emitted:
        yield f"{about}: the order on the bus is not that of the archive"
    if compacted and emitted and heard and heard[-1] != emitted[-1]:
        yield f"{about}: a compacted topic does not end with the newest event"


def _seen_once(world: World, service: str) -> Iterator[str]:
    for row in world.stores[service].rows("state"):
        seen = row["seen"]
        hashes = Counter(seen[at : at + SEEN_BYTES] for at in range(0, len(seen), SEEN_BYTES))
        if twice := sum(times > 1 for times in hashes.values()):
            yield f"{row['kind']} {row['key']} has judged {twice} messages twice"


class _Light(Struct):
    """What of an envelope says whose it is."""

    id: str
    type: str
    subject: str


_light = msgspec.json.Decoder(_Light)


def _all_judged(world: World, service: str) -> Iterator[str]:
    """Every message on the bus was judged, refused, or parked; a report is remembered even where it was refused."""
    store = world.stores[service]
    aggregates: Iterable[AnyAggregate] = import_module(f"services.{service}.routes").AGGREGATES
    routed = {name: kind.name for kind in aggregates for name in kind.by_type}
    seen: dict[tuple[str, str], bytes] = {(row["kind"], row["key"]): row["seen"] for row in store.rows("state")}
    parked = {row["digest"] for row in store.rows("parked")}
    for partition in world.bus.groups[service].partitions:
        for record in world.bus.logs[partition]:
            light = _read_lightly(record.value)
            if world.bus.strange[partition].get(record.offset) in ("aborted", "marker"):
                continue
            if light is not None and light.type not in routed and light.type in registry():
                continue
            known = light and _knows(seen.get((routed.get(light.type, ""), light.subject), b""), light.id)
            if not known and digest_of(_as_read(record)) not in parked:
                yield f"{light or 'a record that cannot be read'} in {partition.topic} was neither judged nor parked"


def _believed(world: World, service: str) -> Iterator[str]:
    """What was never said, or was said by somebody else, is learnt by nobody."""
    seen: dict[str, list[bytes]] = defaultdict(list)
    for row in world.stores[service].rows("state"):
        seen[row["key"]].append(row["seen"])
    for partition in world.bus.groups[service].partitions:
        for offset, strange in world.bus.strange[partition].items():
            light = _read_lightly(world.bus.logs[partition][offset].value)
            if light is not None and any(_knows(one, light.id) for one in seen[light.subject]):
                yield f"{light} in {partition.topic} was judged, and is of {strange}"


def _read_lightly(value: bytes | None) -> _Light | None:
    try:
        return _light.decode(value or b"")
    except msgspec.DecodeError:
        return None


def _as_read(record: Any) -> Record:
    return Record(record.topic, record.partition, record.offset, record.key, record.value, record.headers, NEVER)


def _knows(seen: bytes, message_id: str) -> bool:
    return met((seen,), message_id, NO_CONTENT) == "repeated"


class Heard:
    """Reads what is said about calls, a little more each time."""

    def __init__(self, world: World) -> None:
        self._context = world
        self._known: set[str] = set()

    def asked(self) -> list[Envelope]:
        """The calls that have been asked for since the last time."""
        events = [
            read(record.value, record.headers)
            for number in range(PARTITIONS)
            for record in self._context.bus.sound(TopicPartition("followup.events.v1", number))
        ]
        calls = [
            event
            for event in fold(events).values()
            if event.type == "afterward.CallRequested.v1"
            and not event.data.get("withdrawn")
            and event.data["call_id"] not in self._known
        ]
        self._known |= {call.data["call_id"] for call in calls}
        return sorted(calls, key=lambda call: call.data["call_id"])
