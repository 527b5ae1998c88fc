"""Beside the digest: nothing lost on the way to the bus, nothing there unsaid, nothing twice, everything in order."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from chassis.publish.sequence import epoch_of
from schemas.envelope import Envelope, read
from schemas.folding import ThingKey, thing
from tests.faults.judging.snapshot import Archived, Held, Snapshot, stated_by
from tests.faults.servers.running_servers import COMPACTED

NAMED = 3
"""How many of the offenders a complaint names."""

Place = tuple[str, str]
"""Topic and key: where order holds."""


def complaints(left: Snapshot) -> list[str]:
    """What is wrong with a run, each thing as a sentence; none when all is as promised."""
    return [complaint for service, held in left.services.items() for complaint in _of_service(service, held, left)]


def _of_service(service: str, held: Held, left: Snapshot) -> Iterator[str]:
    on_bus = [
        Archived(record.topic, (record.key or b"").decode(), read(record.value, record.headers).id, record.value or b"")
        for record in left.bus
        if record.topic in stated_by(service)
    ]
    yield from _lost(service, held, on_bus)
    yield from _two_contents(service, held.archive, on_bus)
    yield from _twice(service, held.archive)
    yield from _out_of_order(service, held.archive, on_bus)


def _lost(service: str, held: Held, on_bus: Sequence[Archived]) -> Iterator[str]:
    """Of a compacted topic the bus owes only the newest event of a key.

    A store that has gone back has not what it said before, in an epoch that is over; what stands is in the digest.
    """
    archive = held.archive
    newest = {(event.topic, event.key): event for event in archive}
    owed = {event for event in archive if event.topic not in COMPACTED or newest[event.topic, event.key] == event}
    yield from _some(f"{service}: archived, but not on the bus", owed - set(on_bus))
    unknown = {event for event in set(on_bus) - set(archive) if _epoch(event) >= held.epoch}
    yield from _some(f"{service}: on the bus, but not archived", unknown)


def _epoch(event: Archived) -> int:
    return epoch_of(read(event.message).sequence or 0)


def _two_contents(service: str, archive: Sequence[Archived], on_bus: Sequence[Archived]) -> Iterator[str]:
    contents: dict[str, set[Archived]] = defaultdict(set)
    for event in (*archive, *on_bus):
        contents[event.event_id].add(event)
    torn = {next(iter(events)) for events in contents.values() if len(events) > 1}
    yield from _some(f"{service}: one id with two contents", torn)


def _twice(service: str, archive: Sequence[Archived]) -> Iterator[str]:
    """An id stated twice; and two events on end that say the very same of a thing: what is said is a difference.

    In another epoch it may be said once more: readers have heard otherwise in between.
    """
    seen: set[str] = set()
    again: set[Archived] = set()
    repeated: set[Archived] = set()
    last: dict[tuple[Place, ThingKey, int], Envelope] = {}
    for event in archive:
        if event.event_id in seen:
            again.add(event)
            continue
        seen.add(event.event_id)
        emitted = read(event.message)
        epoch = epoch_of(emitted.sequence or 0)
        about = ((event.topic, event.key), thing(emitted.type, emitted.subject, emitted.data), epoch)
        before = last.get(about)
        if before is not None and (before.type, before.time, before.data) == (emitted.type, emitted.time, emitted.data):
            repeated.add(event)
        last[about] = emitted
    yield from _some(f"{service}: stated twice under one id", again)
    yield from _some(f"{service}: said twice", repeated)


def _out_of_order(service: str, archive: Sequence[Archived], on_bus: Sequence[Archived]) -> Iterator[str]:
    """The first appearances of a key's events on the bus are in the order of the archive."""
    arrived: dict[Place, list[str]] = defaultdict(list)
    for event in dict.fromkeys(on_bus):
        arrived[event.topic, event.key].append(event.event_id)
    stated: dict[Place, list[str]] = defaultdict(list)
    for event in archive:
        stated[event.topic, event.key].append(event.event_id)
    for place, ids in arrived.items():
        known = set(ids)
        expected = list(dict.fromkeys(name for name in stated[place] if name in known))
        if place[0] not in COMPACTED and [name for name in ids if name in set(expected)] != expected:
            yield f"{service}: the events of {place[1]} on {place[0]} are not in the order of the archive"


def _some(sentence: str, events: set[Archived]) -> Iterator[str]:
    if events:
        named = sorted(f"{event.topic} {event.key} {event.event_id}" for event in events)
        more = "" if len(named) <= NAMED else f" and {len(named) - NAMED} more"
        yield f"{sentence}: {'; '.join(named[:NAMED])}{more}"
