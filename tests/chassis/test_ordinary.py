"""A message like nearly all is judged in one go, and that is what the general way makes of it: whatever the batch."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from chassis.consume.reader import Accepted, Keyed, Reader, Record, Rejected, Wake
from chassis.decide.aggregate import Aggregate, AnyAggregate, on
from chassis.store.judging import ORDINARY_HOPS
from chassis.store.locked_row import LockedRow
from chassis.store.quota import Limits
from chassis.store.unit_of_work import UnitOfWork
from schemas.events.treatment import VitalSignsRecorded
from schemas.topic import PARTITIONS
from schemas.topics import registry
from tests.chassis.engine_fixture import SERVICE, record
from tests.chassis.test_breaker import learn_recorded
from tests.chassis.toy import (
    FEVER,
    IMPOSSIBLE_C,
    RAISING_C,
    Conclusions,
    Defect,
    Facts,
    announce,
    conclude,
    conclude_nothing,
    hour,
    reading,
    recorded,
)

FEW = Limits(unprompted_steps=3, reports_per_hour=4)
LEARNS = (*Defect().aggregate().learns, on(VitalSignsRecorded, learn_recorded))
PATIENT: AnyAggregate = Aggregate(
    "patient", Facts, Conclusions, conclude, announce, LEARNS, table=FEVER, wakes=lambda _, after: [("ward", "ward")]
)
KINDS = (PATIENT, replace(PATIENT, conclude=conclude_nothing), replace(PATIENT, adds_up=lambda world, _, after: world))
EVENTS = registry()[VitalSignsRecorded.type_name()][1]
CASES = ("c-1", "c-2")

IDS = st.integers(0, 12).map(lambda number: f"a1b2c3d4-0000-4000-8000-{number:012}")
TEMPERATURES = st.sampled_from([36.6, 37.5, 39.0, IMPOSSIBLE_C, RAISING_C])
HOURS = st.integers(0, 60)


ID = "a1b2c3d4-0000-4000-8000-00000000abcd"


reader = cache(lambda kind: Reader([kind], timedelta(minutes=5)))


def read_by(kind: AnyAggregate, made: Record) -> Accepted | Rejected:
    found = reader(kind).read(made)
    assert isinstance(found, Accepted | Rejected), found
    return found


@st.composite
def items(draw: st.DrawFn, kind: AnyAggregate) -> Keyed:
    """A report, good or not, perhaps under an id that was used; an event, near its report or far; a wake."""
    case, at, received_hour = draw(st.sampled_from(CASES)), draw(HOURS), draw(HOURS)
    which = draw(st.sampled_from(["report", "report", "report", "event", "due", "asked"]))
    if which in {"due", "asked"}:
        return Wake(kind, case, 0, hour(at) if which == "due" else None)
    if which == "report":
        made = record(reading(case, at, draw(TEMPERATURES)), max(at, received_hour), id=draw(IDS))
    else:
        causes = {"causationid": draw(st.none() | IDS), "hops": draw(st.sampled_from([None, 0, 3, ORDINARY_HOPS + 1]))}
        event = recorded(case, hour(at), 36.6)
        made = record(
            event, received_hour, id=draw(IDS), source=EVENTS.source, sequence=draw(st.integers(1, 99)), **causes
        )
    if draw(st.integers(0, 9)) == 0:
        made = structs.replace(made, parked_id=7)
    return read_by(kind, made)


Way = Callable[[UnitOfWork, LockedRow, Keyed], None]


def generally(unit: UnitOfWork, case: LockedRow, item: Keyed) -> None:
    unit.judge(case, item, WATERMARK, None)


def in_one_go_if_ordinary(unit: UnitOfWork, case: LockedRow, item: Keyed) -> None:
    if not unit.judge_ordinary(case, item, WATERMARK, None):
        unit.judge(case, item, WATERMARK, None)


WATERMARK = hour(50)


def comes_of(kind: AnyAggregate, batches: Sequence[Sequence[Keyed]], way: Way) -> list[Any]:
    """All that is written and counted of some batches that follow each other: rows, events, parked, wakes, metrics."""
    rows = {key: LockedRow.holding(kind, key) for key in CASES}
    found: list[Any] = []
    for batch in batches:
        unit = UnitOfWork(SERVICE, hour(60), PARTITIONS, FEW)
        for item in batch:
            way(unit, rows[item.key], item)
        found.append([(row.saved(), row.changed, row.rows, row.state) for row in rows.values()])
        found.append(
            (unit.emitted, [parked.row() for parked in unit.parked], unit.wakes, unit.unparked, unit.unblocked)
        )
        found.append((unit.rejected, unit.repeated, unit.reused, unit.prompts, unit.broken))
        found.append([(*one[:2], type(one.error), *one[3:]) for one in unit.errors])
    return found


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(KINDS))
def test_both_ways_agree_on_everything(chosen: st.DataObject, kind: AnyAggregate) -> None:
    batches = chosen.draw(st.lists(st.lists(items(kind), max_size=12), min_size=1, max_size=3))
    assert comes_of(kind, batches, in_one_go_if_ordinary) == comes_of(kind, batches, generally)


def test_reports_like_nearly_all_are_judged_in_one_go() -> None:
    unit, case = UnitOfWork(SERVICE, hour(60), PARTITIONS), LockedRow.holding(PATIENT, "c-1")
    for at in range(20):
        assert unit.judge_ordinary(case, read_by(PATIENT, record(reading("c-1", at))), None, None)
    assert (len(unit.emitted), case.version, unit.prompts) == (20, 20, 20)


@pytest.mark.parametrize(
    "item",
    [
        Wake(PATIENT, "c-1", 0, hour(1)),
        read_by(PATIENT, record(reading("c-1", 3), id=ID)),
        read_by(PATIENT, record(reading("c-1", 1), id=ID)),
        read_by(PATIENT, record(reading("c-1", 4, IMPOSSIBLE_C))),
        read_by(PATIENT, record(reading("c-1", 4, RAISING_C))),
        read_by(PATIENT, record(reading("c-1", 4), 40)),
        read_by(PATIENT, structs.replace(record(reading("c-1", 4)), parked_id=7)),
    ],
    ids=["wake", "id used", "repeated", "refused", "raises", "overdue", "put back"],
)
def test_of_anything_else_nothing_is_done(item: Keyed) -> None:
    unit, case = UnitOfWork(SERVICE, hour(60), PARTITIONS), LockedRow.holding(PATIENT, "c-1")
    assert unit.judge_ordinary(case, read_by(PATIENT, record(reading("c-1", 1), id=ID)), None, None)
    before = case.saved(), len(unit.emitted)
    assert not unit.judge_ordinary(case, item, None, None)
    assert (case.saved(), len(unit.emitted)) == before
