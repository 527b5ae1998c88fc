"""What comes of judging an item comes back as a value; of what raises half-way nothing is anywhere."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.consume.reader import Accepted, Reader
from chassis.decide.aggregate import AnyAggregate
from chassis.decide.judge import AnyState
from chassis.store.judging import Judging
from chassis.store.locked_row import LockedRow
from chassis.store.quota import LIMITS
from chassis.store.unit_of_work import UnitOfWork
from schemas.reports.treatment import VitalSignsReported
from schemas.topic import PARTITIONS
from tests.chassis.engine_fixture import SERVICE, record
from tests.chassis.toy import COUNTED_PATIENT, RAISING_C, Defect, hour, reading

COLD = reading("c-1", 0)


def read_by(aggregate: AnyAggregate, report: VitalSignsReported, received_hour: float | None = None) -> Accepted:
    item = Reader([aggregate], timedelta(minutes=5)).read(record(report, received_hour))
    assert isinstance(item, Accepted)
    return item


def judging() -> Judging:
    return Judging(SERVICE, hour(1), LIMITS, epoch=0)


def as_it_was(case: LockedRow) -> bool:
    """Whether nothing of it has changed since it was made."""
    return case.state is case.loaded and not case.changed and not case.rows and case.version == case.unprompted == 0


def test_the_case_is_what_it_was_until_the_outcome_is_kept() -> None:
    case = LockedRow.holding(COUNTED_PATIENT, "c-1")
    outcome = judging().alone(case, read_by(COUNTED_PATIENT, COLD), None, None, None)
    assert [event.key for event in outcome.emitted] == ["c-1"]
    assert outcome.wakes == {("ward", "ward")}
    assert as_it_was(case)
    outcome.keep()
    assert (case.version, len(case.state.facts.readings), case.changed) == (1, 1, True)


def test_of_a_tick_before_a_message_that_raises_nothing_is_left() -> None:
    """The silence of a day is found before the message is learnt, and would be said with it."""
    aggregate, unit = Defect().aggregate(), UnitOfWork(SERVICE, hour(1), PARTITIONS)
    case = LockedRow.holding(aggregate, "c-1")
    unit.judge(case, read_by(aggregate, COLD), hour(30), None)
    before, emitted = case.state, list(unit.emitted)
    raises = read_by(aggregate, reading("c-1", 28, RAISING_C), 28)
    assert unit.judge(case, raises, hour(30), None) is None
    assert (case.state is before, unit.emitted, case.version, case.blocked) == (True, emitted, 1, True)


def raising(_before: AnyState, _after: AnyState) -> Iterable[tuple[str, str]]:
    yield "ward", "ward"
    raise ZeroDivisionError


def taking(_context: object, _before: AnyState, _after: AnyState) -> object:
    raise ZeroDivisionError


@pytest.mark.parametrize("defect", [{"adds_up": taking}, {"wakes": raising}, {"table": None, "adds_up": taking}])
def test_a_rule_that_raises_after_the_conclusion_parks_its_case_and_wakes_nobody(defect: dict[str, object]) -> None:
    aggregate = replace(COUNTED_PATIENT, **defect)  # type: ignore[arg-type]
    unit, case = UnitOfWork(SERVICE, hour(1), PARTITIONS), LockedRow.holding(aggregate, "c-1")
    assert unit.judge(case, read_by(aggregate, COLD), None, None) is None
    assert [parked.reason for parked in unit.parked] == ["rule_raised:ZeroDivisionError"]
    assert (unit.wakes, unit.emitted, case.rows, case.version) == (set(), [], None, 0)
