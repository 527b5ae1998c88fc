"""What holds after the ward whatever happens: one plan for each discharge, days without gap, no silence without an end.

What else holds of every invented life stands with the rules: tests/domain/followup/test_lives.py, and of every open
linkage and alert tests/domain/primarycare/test_waiting.py. That order of arrival changes nothing: test_any_order.py.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from schemas.calendar import end_of, local_date
from schemas.events.discharge import Discharged, DischargeRevoked
from schemas.events.followup import QuarantineStarted
from schemas.message import Message
from schemas.reference import AFTERCARE_DAYS
from services.discharge.domain.timeline import start_of_day
from services.followup import views
from services.followup.domain.calendar import day_numbered, zones_of
from services.followup.domain.conclude import Plan
from services.followup.routes import CASE as FOLLOWUP
from services.primarycare.domain.basis import bases
from services.primarycare.routes import CASE as PRIMARY_CARE
from tests.domain.followup.journeys import at, discharged, revoked
from tests.domain.followup.test_lives import Life, lives
from tests.domain.primarycare.journeys import CONTEXT, RECEIVED_AT
from tests.domain.primarycare.journeys import discharged as home
from tests.domain.primarycare.test_waiting import FINAL, PUBLISHED, states
from tests.domain.story import Story

A_MOMENT = timedelta(microseconds=1)
PlanKey = tuple[int, datetime]
"""(episode, `discharged_at`): what names a plan."""


@st.composite
def changes_of_mind(draw: st.DrawFn) -> list[Message]:
    """What discharge says of up to three episodes, in the order in which it says it."""
    reported: list[Message] = []
    for _ in range(draw(st.integers(1, 8))):
        episode = draw(st.integers(1, 3))
        when = at(episode * 20 + draw(st.integers(0, 2)), 10)
        if draw(st.integers(0, 4)) == 0:
            reported.append(revoked(when + timedelta(days=2), episode=episode, discharged_at=when))
        else:
            disposition = draw(st.sampled_from(["recovered", "against_advice", "died", "transferred"]))
            withdrawn = draw(st.sampled_from([None, None, True]))
            reported.append(discharged(when, disposition, episode=episode, withdrawn=withdrawn))
    return reported


def standing_discharges(reported: Iterable[Message]) -> set[PlanKey]:
    """The last word on who went home, episode by episode; a revocation cancels the plan, and it stays a plan."""
    home: dict[int, Discharged] = {}
    for message in reported:
        if isinstance(message, Discharged) and message.disposition in {"recovered", "against_advice"}:
            home[message.episode] = message
        assert isinstance(message, Discharged | DischargeRevoked)
    return {(last.episode, last.discharged_at) for last in home.values() if not last.withdrawn}


def one_plan_for_each(expected: set[PlanKey], plans: Iterable[Plan]) -> None:
    keys = [(plan.episode, plan.discharged_at) for plan in plans]
    assert len(keys) == len(set(keys)), "two plans of one discharge"
    assert set(keys) == expected, "a discharge without its plan, or a plan without its discharge"


@settings(deadline=None, max_examples=150)
@given(reported=changes_of_mind(), hours=st.lists(st.integers(0, 200), min_size=8, max_size=8))
def test_f1_every_discharge_has_exactly_one_plan(reported: list[Message], hours: list[int]) -> None:
    story, received_at, started = Story(FOLLOWUP), at(19), dict[PlanKey, bool]()
    for number, message in enumerate(reported):
        received_at += timedelta(hours=hours[number])
        for emitted in story.when(message, received_at=received_at).emitted:
            if isinstance(emitted.event, QuarantineStarted):
                assert emitted.event.discharged_at is not None
                started[emitted.event.episode, emitted.event.discharged_at] = not emitted.event.withdrawn
        expected = standing_discharges(reported[: number + 1])
        one_plan_for_each(expected, story.state.conclusions.plans)
        assert {key for key, stands in started.items() if stands} == expected


def test_a_discharge_with_two_plans_or_none_is_seen() -> None:
    """A guard that cannot fail guards nothing."""
    (plan,) = Story(FOLLOWUP).when(discharged(), received_at=at(0, 11)).state.conclusions.plans
    key = (plan.episode, plan.discharged_at)
    one_plan_for_each({key}, [plan])
    for plans in ([plan, plan], []):
        with pytest.raises(AssertionError, match="plan"):
            one_plan_for_each({key}, plans)


DAYS_OF_V8 = 14
ZONES = (
    "Africa/Cairo",
    "America/Havana",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Amman",
    "Asia/Gaza",
    "Asia/Shanghai",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Auckland",
)
"""Zones whose clocks change at midnight, by half an hour, or over a whole day, and some that never change."""


@settings(deadline=None, max_examples=500)
@given(zone=st.sampled_from(ZONES), on=st.dates(date(1980, 1, 1), date(2035, 12, 31)))
def test_f1_a_day_begins_where_the_one_before_it_ends_and_every_instant_is_of_one_day(zone: str, on: date) -> None:
    begins, ends = end_of(on - timedelta(days=1), zone), end_of(on, zone)
    assert begins <= ends
    assert local_date(ends, zone) > on, "at its end a day is over"
    assert local_date(ends - A_MOMENT, zone) <= on, "and not before"
    if begins < ends:
        assert local_date(begins, zone) == local_date(ends - A_MOMENT, zone) == on


def ends_of(went: datetime, zone: str) -> tuple[set[datetime], set[datetime]]:
    """When the plan of a discharge and its aftercare end, as followup, primarycare and discharge have it."""
    day_0 = local_date(went, zone)
    known = Story(PRIMARY_CARE, CONTEXT).when(home(discharged_at=went, time_zone=zone, protocol="v8"), received_at=went)
    (basis,) = bases(known.state.facts)
    plan, aftercare = (
        {day_numbered(day_0, zones_of(zone), days).end, start_of_day(day_0 + timedelta(days=days + 1), ZoneInfo(zone))}
        for days in (DAYS_OF_V8, AFTERCARE_DAYS)
    )
    return plan | {end_of(basis.plan_ends_on, zone)}, aftercare | {basis.ends_at}


@settings(deadline=None, max_examples=200)
@given(zone=st.sampled_from(ZONES), on=st.dates(date(1980, 2, 1), date(2035, 12, 31)))
@example(zone="Asia/Amman", on=date(2020, 10, 29))
@example(zone="America/Havana", on=date(2020, 10, 31))
@example(zone="America/St_Johns", on=date(2006, 10, 28))
@example(zone="Antarctica/Casey", on=date(2021, 3, 13))
def test_f1_all_services_end_a_plan_and_its_aftercare_at_one_instant(zone: str, on: date) -> None:
    for days in (DAYS_OF_V8, AFTERCARE_DAYS):
        plan, aftercare = ends_of(end_of(on - timedelta(days=days), zone) - timedelta(hours=12), zone)
        assert (len(plan), len(aftercare)) == (1, 1)


@settings(deadline=None, max_examples=30)
@given(life=lives())
def test_f3_nobody_is_forgotten_when_all_fall_silent(life: Life) -> None:
    """Whoever has unsettled days is being called, is lost, or is called again within 72 hours: until the end. A patient
    in hospital is asked for nothing, and one who refuses is handed to the district."""
    story = life.story
    assert story.now is not None
    for _ in range(20):
        state, unsettled = _stands(story)
        if not unsettled or state in AT_REST or is_handed_over(life.plan):
            break
        asked = [call for call in life.plan.calls if not call.visit]
        is_open = any(not call.outcome for call in asked)
        story.until(story.now + timedelta(hours=72))
        again = len([call for call in life.plan.calls if not call.visit]) > len(asked)
        left = _stands(story)[0] in AT_REST or is_handed_over(life.plan)
        assert is_open or again or left, "unsettled, not lost, and nobody calls"
    state, unsettled = _stands(story)
    event(f"{state}, {'un' if unsettled else ''}settled")
    assert not unsettled or state in AT_REST or is_handed_over(life.plan), "a silence that does not end"


AT_REST = {"cancelled", "lost", "paused"}
"""The statuses in which nobody calls."""


def is_handed_over(plan: Plan) -> bool:
    """Whether the patient refused so often that the district has the case."""
    return any(alert.why == "refuses" for alert in plan.alerts)


def _stands(story: Story) -> tuple[str, list[int]]:
    """Where the only plan stands, and its days that were missed and not settled since."""
    assert story.now is not None
    (plan,) = views.case(story.state.facts, story.state.conclusions, story.now)["plans"]
    status: dict[str, Any] = plan["status"]
    return status["state"], status["missing_now"]


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_p_nothing_is_said_by_the_clock_once_all_is_final(data: st.DataObject) -> None:
    story, now = Story(PRIMARY_CARE, CONTEXT), RECEIVED_AT
    for _ in range(data.draw(st.integers(1, 9))):
        now += timedelta(hours=data.draw(st.sampled_from([0, 1, 12, 50, 400])))
        story.when(data.draw(st.sampled_from(PUBLISHED)), received_at=now)
        if not story.state.facts.discharges or not set(states(story)) <= FINAL:
            continue
        event("final")
        assert story.state.conclusions.due is None
        silent = Story(PRIMARY_CARE, CONTEXT)
        silent.state, silent.now = story.state, story.now
        silent.until(now + timedelta(days=400)).stays_quiet()
