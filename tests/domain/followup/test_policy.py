"""The numbers of follow-up come from tables: two invented jurisdictions with other numbers are followed by theirs."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from schemas.events.followup import (
    CallRequested,
    HealthAlertRaised,
    HomeVisitRequested,
    LostToFollowUp,
    QuarantineExtended,
    QuarantineStarted,
)
from schemas.reference import ALWAYS, EVERYWHERE, Row, in_force
from schemas.values import Residence
from services.followup import policy
from tests.domain.followup.journeys import POSITIVE, at, called, log
from tests.domain.followup.stories import emitted, happening, home, logged
from tests.domain.story import Story

NORTH, SOUTH = "XN-1", "XS-1"
_TABLES = ("PLANS", "ALARMS", "LADDERS", "RETESTS")
_CACHED = (policy.plan, policy.alarm, policy.ladder, policy.retest, policy.never_alarming_below_c)
_ALARM = in_force(policy.ALARMS, EVERYWHERE, ALWAYS)
_RETEST = in_force(policy.RETESTS, EVERYWHERE, ALWAYS)
OTHER_NUMBERS: dict[str, tuple[Row[Any], ...]] = {
    "PLANS": (
        Row(NORTH, ALWAYS, policy.Plan(("pm",), 3, 1, 3), "test"),
        Row(SOUTH, date(2020, 10, 1), policy.Plan(("am",), 0, 0, 0), "test"),
    ),
    "ALARMS": (
        Row(NORTH, ALWAYS, _ALARM._replace(fever_from_c=dict.fromkeys(_ALARM.fever_from_c, 37.0)), "test"),
        Row(SOUTH, ALWAYS, _ALARM._replace(severities={**_ALARM.severities, "went_out": "high"}), "test"),
    ),
    "LADDERS": (
        Row(NORTH, ALWAYS, policy.Ladder(2, (6,), 12, 96, 24, 2), "test"),
        Row(SOUTH, ALWAYS, policy.Ladder(1, (), 6, 24, 12, 3), "test"),
    ),
    "RETESTS": (Row(NORTH, ALWAYS, _RETEST._replace(days_added=3), "test"),),
}


@pytest.fixture(autouse=True)
def other_numbers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The two jurisdictions, beside what holds everywhere."""
    for table in _TABLES:
        monkeypatch.setattr(policy, table, (*getattr(policy, table), *OTHER_NUMBERS[table]))
    _forget()
    yield
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    for function in _CACHED:
        function.cache_clear()


def living_in(jurisdiction: str, **given: Any) -> Story:
    return home(residence=Residence(jurisdiction=jurisdiction, district="Centre"), **given)


@pytest.mark.parametrize(
    ("jurisdiction", "slots"),
    [("CN-SH", ("am", "pm")), (NORTH, ("pm",)), (SOUTH, ("am",))],
)
def test_f1_a_plan_asks_for_what_its_jurisdiction_asks_for(jurisdiction: str, slots: tuple[str, ...]) -> None:
    story = living_in(jurisdiction)
    started = story.kind.announce(story.kind.begin(), story.state)
    (plan,) = [reported.event for reported in started if isinstance(reported.event, QuarantineStarted)]
    assert plan.slots == slots


def test_f1_a_row_holds_from_its_date_on() -> None:
    assert policy.plan(SOUTH, date(2020, 9, 30)) == policy.plan("CN-SH", date(2020, 9, 30))
    assert policy.plan(SOUTH, date(2020, 10, 1)).slots == ("am",)


def test_f3_a_ladder_of_two_calls_and_a_longer_wait() -> None:
    story = happening(living_in(NORTH), *logged(1, 4)).until(at(6, 0))
    assert [call.call_by for call in emitted(story, CallRequested)] == [at(8, 0)]
    assert [call.call_by for call in emitted(story.until(at(8, 0)), CallRequested)] == [at(8, 6)]
    assert [visit.visit_by for visit in emitted(story.until(at(8, 6)), HomeVisitRequested)] == [at(8, 12)]
    assert not emitted(story.until(at(9, 23)), LostToFollowUp)
    assert emitted(story.until(at(10, 0)), LostToFollowUp)


def test_f3_a_ladder_of_one_call_that_loses_sooner() -> None:
    story = happening(living_in(SOUTH), *logged(1, 4)).until(at(6, 0))
    assert [call.call_by for call in emitted(story, CallRequested)] == [at(7, 0)]
    story.until(at(7, 0))
    assert emitted(story, LostToFollowUp)
    assert not [call for call in story.state.conclusions.plans[0].calls if not call.outcome]


def test_f3_a_ladder_opens_again_as_soon_as_the_jurisdiction_says() -> None:
    story = happening(living_in(SOUTH), *logged(1, 4)).until(at(6, 0)).given(log(6), received_at=at(6, 9))
    story.until(at(7, 6)).given(log(7), received_at=at(7, 7)).until(at(7, 17)).stays_quiet()
    assert [call.days for call in emitted(story.until(at(7, 18)), CallRequested)] == [(5,)]


def test_f3_a_ladder_that_opens_twice_on_one_day_has_calls_of_its_own() -> None:
    story = happening(living_in(SOUTH), *logged(1, 4)).until(at(6, 0))
    for hour in (1, 14):
        for minute in (0, 2):
            asked = story.until(at(6, hour, minute)).state.conclusions.plans[0].calls[-1]
            story.given(called(asked.call_id, at(6, hour, minute), "refused"), received_at=at(6, hour, minute + 1))
    calls = story.state.conclusions.plans[0].calls
    assert [call.outcome for call in calls] == ["refused"] * 4
    assert len({call.call_id for call in calls}) == 4


@pytest.mark.parametrize(("jurisdiction", "fevers"), [("CN-SH", 0), (NORTH, 1), (SOUTH, 0)])
def test_f4_a_fever_is_what_the_jurisdiction_calls_one(jurisdiction: str, fevers: int) -> None:
    story = living_in(jurisdiction).when(log(3, celsius=37.1), received_at=at(3, 9))
    assert len(emitted(story, HealthAlertRaised)) == fevers


@pytest.mark.parametrize(("jurisdiction", "severity"), [("CN-SH", "routine"), (NORTH, "routine"), (SOUTH, "high")])
def test_f4_how_severe_an_alert_is_says_the_jurisdiction(jurisdiction: str, severity: str) -> None:
    story = living_in(jurisdiction).when(log(3, stayed_in=False), received_at=at(3, 9))
    assert [alert.severity for alert in emitted(story, HealthAlertRaised)] == [severity]


@pytest.mark.parametrize(("jurisdiction", "last"), [("CN-SH", 15), (NORTH, 17), (SOUTH, 15)])
def test_f5_as_many_days_are_added_as_the_jurisdiction_says(jurisdiction: str, last: int) -> None:
    story = happening(living_in(jurisdiction), *logged(), POSITIVE).until(at(15, 0))
    assert [extended.days for extended in emitted(story, QuarantineExtended)] == [last]


@pytest.mark.parametrize(("jurisdiction", "missed"), [("CN-SH", at(16, 0)), (NORTH, at(18, 0)), (SOUTH, at(15, 0))])
def test_f6_a_visit_is_missed_when_the_jurisdiction_says(jurisdiction: str, missed: Any) -> None:
    story = happening(living_in(jurisdiction), *logged()).until(at(28))
    first = [visit.missed_at for visit in story.state.conclusions.plans[0].visits][:1]
    assert first == ([missed] if missed else [])
