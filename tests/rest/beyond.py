"""What the engine asks of the store before it judges, and whom it wakes afterwards, of the rows of a house."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from chassis.decide.aggregate import Wakes
from chassis.store.locked_row import LockedRow, TableRow
from chassis.store.waking import seen
from services.consultation.domain.care import Care
from services.consultation.domain.consultation import Channel, Channels, Online, Queue, Shift
from services.consultation.domain.consultation.queue import HEADS, Place
from services.consultation.domain.institutions import Directory, Institution
from services.consultation.domain.prescription import Issue
from tests.simulation import online

if TYPE_CHECKING:
    from tests.rest.house import Service

_QUEUES = dict[str, tuple[tuple[Shift, ...], dict[str, int], tuple[Place, ...]]]


def concerned(service: "Service", case: LockedRow, was: TableRow) -> Iterator[tuple[str, str]]:
    """Whom the change of a small table's row wakes, by what the routes declare."""
    table, now = case.aggregate.table, case.rows[1] if case.rows else None
    for line in table.wakes if table else ():
        assert table is not None
        for values in seen(table, line, case.key, was, now):
            yield from _woken(service, line, values)


def _woken(service: "Service", line: Wakes, values: Sequence[object]) -> Iterator[tuple[str, str]]:
    rows = [
        row
        for row in service.rows(line.woken.name)
        if None not in values
        and all(row[name] == value for name, value in zip(line.equal, values, strict=True))
        and all(row[name] is value for name, value in line.having.items())
    ]
    rows.sort(key=lambda row: [row[name] for name in line.order])
    yield from ((line.woken.name, row["key"]) for row in rows[: line.first or None])


def online_care(service: "Service", case: LockedRow) -> Any:
    """The context of a kind of consultation."""
    requests = list(service.rows("consultation"))
    if case.aggregate.name == "prescription":
        issue = online.issues(requests, [case.key]).get(case.key)
        return None if issue is None else msgspec.json.decode(issue, type=Issue)
    if case.aggregate.name == "case":
        cares = online.cares(requests, [case.key]).get(case.key)
        return None if cares is None else msgspec.json.decode(cares, type=tuple[Care, ...])
    directory = Directory(msgspec.json.decode(row["entry"], type=Institution) for row in service.rows("institution"))
    if case.aggregate.name == "channel":
        return directory
    rows = list(service.rows("channel"))
    channels = Channels(msgspec.json.decode(row["entry"], type=Channel) for row in rows)
    found = msgspec.convert(online.queues(requests, rows, [case.key], HEADS), type=_QUEUES)
    return Online(channels, directory, {channel_id: Queue.of(*parts) for channel_id, parts in found.items()})
