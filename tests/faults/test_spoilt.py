"""Poison is what it is meant to be: what can be read is refused, what cannot be read is kept, and nothing passes."""

from datetime import UTC, datetime, timedelta

import pytest

from afterward.stack.supervisor import aggregates_of
from chassis.consume.reader import Reader, Record, Rejected, Unprocessable
from chassis.store.locked_row import LockedRow
from chassis.store.unit_of_work import UnitOfWork
from schemas.topic import PARTITIONS
from tests.faults.injection.spoilt import (
    ANSWERED,
    KEPT,
    LARGE_AT_MOST,
    LARGE_BYTES,
    LARGEST_BYTES,
    NAME,
    Aggregate,
    poison,
    readable,
    spoilt_by,
)
from tests.faults.workload import workload
from tests.journeys.stack import Sent

SEED = 7
GOOD = list(readable([sent for step in workload(SEED, 4, days_a_step=4).steps for sent in step.records]).values())
LATER = datetime(2021, 1, 1, tzinfo=UTC)


def read(sent: Sent) -> object:
    """What the service that reads the record's topic takes it for."""
    reader = Reader(aggregates_of(sent.topic.partition(".")[0]), timedelta(minutes=5))
    return reader.read(Record(sent.topic, 0, 0, sent.key, sent.value, sent.headers, LATER))


@pytest.mark.parametrize("aggregate", KEPT, ids=lambda aggregate: aggregate.__name__)
def test_what_cannot_be_read_is_kept(aggregate: Aggregate) -> None:
    for place in range(20):
        assert isinstance(read(spoilt_by(aggregate, GOOD[place], place, SEED)), Unprocessable)


@pytest.mark.parametrize("aggregate", ANSWERED, ids=lambda aggregate: aggregate.__name__)
def test_what_can_be_read_is_refused_and_the_answer_can_be_said(aggregate: Aggregate) -> None:
    for place in range(20):
        refused = read(spoilt_by(aggregate, GOOD[place], place, SEED))
        assert isinstance(refused, Rejected)
        unit = UnitOfWork("treatment", LATER, PARTITIONS)
        case = LockedRow.holding(refused.aggregate, refused.key)
        unit.judge(case, refused, LATER, None)
        assert (unit.errors, unit.parked, case.blocked, len(unit.emitted)) == ([], [], False, 1)


def test_each_is_about_a_case_of_its_own_and_all_kinds_come() -> None:
    made = list(poison(SEED, 1_100, GOOD))
    assert [sent.key for sent in made] == [f"{NAME}{place}".encode() for place in range(1_100)]
    large = [len(sent.value or b"") for sent in made if len(sent.value or b"") > 50_000]
    assert len(large) == LARGE_AT_MOST
    assert sum(size > LARGE_BYTES for size in large) > sum(size >= LARGEST_BYTES for size in large) > 0


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert list(poison(SEED, 100, GOOD)) == list(poison(SEED, 100, GOOD))
    assert list(poison(SEED, 100, GOOD)) != list(poison(SEED + 1, 100, GOOD))
