"""Poison is what it is meant to be: what can be read is refused, what cannot be read is kept, and nothing passes."""

from datetime import UTC, datetime, timedelta

import pytest

from afterward.stack.supervisor import kinds_of
from chassis.case import Case
from chassis.docket import Docket
from chassis.reading import Reader, Record, Refused, Unjudgeable
from schemas.topics import PARTITIONS
from tests.faults.spoilt import (
    ANSWERED,
    KEPT,
    LARGE_AT_MOST,
    LARGE_BYTES,
    LARGEST_BYTES,
    NAME,
    Kind,
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
    reader = Reader(kinds_of(sent.topic.partition(".")[0]), timedelta(minutes=5))
    return reader.read(Record(sent.topic, 0, 0, sent.key, sent.value, sent.headers, LATER))


@pytest.mark.parametrize("kind", KEPT, ids=lambda kind: kind.__name__)
def test_what_cannot_be_read_is_kept(kind: Kind) -> None:
    for place in range(20):
        assert isinstance(read(spoilt_by(kind, GOOD[place], place, SEED)), Unjudgeable)


@pytest.mark.parametrize("kind", ANSWERED, ids=lambda kind: kind.__name__)
def test_what_can_be_read_is_refused_and_the_answer_can_be_said(kind: Kind) -> None:
    for place in range(20):
        refused = read(spoilt_by(kind, GOOD[place], place, SEED))
        assert isinstance(refused, Refused)
        docket = Docket("treatment", LATER, PARTITIONS)
        case = Case.holding(refused.kind, refused.key)
        docket.judge(case, refused, LATER, None)
        assert (docket.errors, docket.parked, case.stuck, len(docket.said)) == ([], [], False, 1)


def test_each_is_about_a_case_of_its_own_and_all_kinds_come() -> None:
    made = list(poison(SEED, 1_100, GOOD))
    assert [sent.key for sent in made] == [f"{NAME}{place}".encode() for place in range(1_100)]
    large = [len(sent.value or b"") for sent in made if len(sent.value or b"") > 50_000]
    assert len(large) == LARGE_AT_MOST
    assert sum(size > LARGE_BYTES for size in large) > sum(size >= LARGEST_BYTES for size in large) > 0


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert list(poison(SEED, 100, GOOD)) == list(poison(SEED, 100, GOOD))
    assert list(poison(SEED, 100, GOOD)) != list(poison(SEED + 1, 100, GOOD))
