"""Properties of follow-up over invented lives: silence, answers and refusals, fevers, returns, ends of every kind."""

from collections import Counter
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from schemas.message import Message
from schemas.reports.followup import CallReported, DayReported, ReturnVisitReported
from services.followup.domain.calls import RequestedCall
from services.followup.domain.conclude import Plan
from services.followup.routes import CASE as KIND
from tests.domain.followup.journeys import (
    admitted,
    at,
    called,
    closed,
    discharged,
    log,
    logs,
    retested,
    revoked,
    stay_ended,
    visited,
)
from tests.domain.story import Story

OUTCOMES = ("reached", "no_answer", "refused", "wrong_number")
IN_VAIN = {"no_answer", "wrong_number", "refused", "lapsed"}
ABOUT_VISITS = {"ReturnVisitMissed", "ReturnVisitAttended", "CallRequested", "CallCompleted", "HomeVisitRequested"}
LAST = 36
"""The day up to which a life is told."""


class Life:
    """A case that is told twice a day: everybody who is asked for answers as it was drawn, or does not."""

    def __init__(self, planned: list[tuple[datetime, Message]], answers: list[str | None]) -> None:
        self.story = Story(KIND).when(discharged(), received_at=at(0, 11))
        self.reported: list[tuple[datetime, Message]] = [(at(0, 11), discharged())]
        self.events: list[str] = []
        self.looked_for_on: set[int] = set()
        """The missed days at whose end the patient was being looked for already, or was lost."""
        self._planned = sorted(planned, key=lambda entry: entry[0])
        self._answers = list(answers)
        self._left: set[str] = set()
        for day in range(1, LAST):
            for hour in (1, 11):
                self._until(at(day, hour))

    @property
    def plan(self) -> Plan:
        (plan,) = self.story.state.conclusions.plans
        assert isinstance(plan, Plan)
        return plan

    def _until(self, now: datetime) -> None:
        while self._planned and self._planned[0][0] <= now:
            received_at, message = self._planned.pop(0)
            self._tell(received_at, message)
        self._wait(now.replace(hour=0) - timedelta(minutes=1))
        is_looked_for, before = self._is_looked_for(), self.plan.missed
        self._wait(now)
        if is_looked_for:
            self.looked_for_on.update(set(self.plan.missed) - set(before))
        self._answer(now)
        self._close(now)
        check(self.plan, self.story)

    def _wait(self, until: datetime) -> None:
        self.story.until(max(until, self.story.now or until))
        self.events += [type(emitted.event).__name__ for emitted in self.story.emitted]

    def _is_looked_for(self) -> bool:
        """Whether a call or a home visit is open, or all were in vain without contact: then the patient is lost soon,
        or is already."""
        calls = [call for call in self.plan.calls if is_about_days(call)]
        if not calls or self.plan.status.state == "lost":
            return bool(calls)
        opened_at = max(call.opened_at for call in calls if call.attempt == 1)
        in_vain = calls[-1].home and calls[-1].outcome in IN_VAIN
        contact = any(is_contact(message) for received_at, message in self.reported if received_at >= opened_at)
        return not calls[-1].outcome or (in_vain and not contact)

    def _answer(self, now: datetime) -> None:
        for call in self.plan.calls:
            if not call.outcome and call.call_id not in self._left:
                self._left.add(call.call_id)
                outcome = self._answers.pop(0) if self._answers else None
                if outcome is not None:
                    self._tell(now, called(call.call_id, now - timedelta(minutes=5), outcome))

    def _close(self, now: datetime) -> None:
        for alert in self.plan.alerts:
            if alert.closed is None and alert.received_at < now - timedelta(days=2):
                self._tell(now, closed(alert.alert_id))

    def _tell(self, received_at: datetime, message: Message) -> None:
        self.reported.append((received_at, message))
        self.story.when(message, received_at=received_at)
        self.events += [type(emitted.event).__name__ for emitted in self.story.emitted]


def is_about_days(call: RequestedCall) -> bool:
    """Whether a call is about days, and neither about a return visit nor about a re-test."""
    return not call.visit and call.why != "retest_missed"


def is_contact(message: Message) -> bool:
    """Whether the patient was heard of (F3)."""
    if isinstance(message, CallReported):
        return message.outcome in {"reached", "refused"}
    return isinstance(message, DayReported | ReturnVisitReported)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    silent = draw(st.sets(st.integers(1, 14), max_size=12))
    late = draw(st.dictionaries(st.sampled_from(range(1, 15)), st.integers(1, 20), max_size=3))
    planned: list[tuple[datetime, Message]] = [
        (reported.reported_at + timedelta(minutes=1), reported)
        for day in set(range(1, 15)) - silent
        for reported in logs(day, day)
    ]
    planned += [(at(day + after, 10), log(day, "pm", reported_at=at(day + after, 9))) for day, after in late.items()]
    planned += [(at(day, 13), log(day, "pm", 38.2)) for day in draw(st.sets(st.integers(1, 14), max_size=2))]
    planned += [(at(day, 16), visited(name, at(day, 15))) for name, day in draw(_returns()).items()]
    tested = draw(st.dictionaries(st.sampled_from((7, 14)), st.integers(0, 4), max_size=2))
    planned += [(at(day + later, 15), retested(f"due-{day}", at(day + later, 8))) for day, later in tested.items()]
    planned += draw(_ends())
    return Life(planned, draw(st.lists(st.sampled_from((*OUTCOMES, None)), max_size=12)))


def _returns() -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(st.sampled_from(("week_2", "week_4")), st.integers(10, 32))


def _ends() -> st.SearchStrategy[list[tuple[datetime, Message]]]:
    """Mostly nothing; else a death, a revocation with or without a revival, or a positive re-test."""
    day = st.integers(1, 20)
    return st.one_of(
        st.just([]),
        day.map(lambda n: [(at(n, 6), discharged(at(n, 4), "died"))]),
        day.map(lambda n: [(at(n, 6), revoked(at(n, 5)))]),
        day.map(lambda n: [(at(n, 6), revoked(at(n, 5))), (at(n + 2, 6), discharged())]),
        day.map(lambda n: [(at(n, 15), retested("r-x", at(n), "detected"))]),
        _stays(),
    )


def _stays() -> st.SearchStrategy[list[tuple[datetime, Message]]]:
    """In hospital for something else, from the admission on, or as told later; and home again, or not."""

    def reports(day: int, nights: int, late: int, *, ends: bool) -> list[tuple[datetime, Message]]:
        end = (at(day + nights, 17), stay_ended(at(day, 10), at(day + nights, 16)))
        return [(at(day + late, 12), admitted(at(day, 10))), *([end] if ends and late <= nights else [])]

    return st.builds(reports, st.integers(0, 20), st.integers(0, 9), st.integers(0, 4), ends=st.booleans())


def check(plan: Plan, story: Story) -> None:
    """What holds at every moment."""
    now, due = story.now, story.state.conclusions.due
    assert now is not None
    open_calls = [call for call in plan.calls if not call.outcome]
    aggregates = Counter((call.visit, call.why == "retest_missed" and call.days) for call in open_calls)
    assert all(number == 1 for number in aggregates.values()), "one ladder at a time"
    assert len({call.call_id for call in plan.calls}) == len(plan.calls), "each under an id of its own"
    state = plan.status.state
    if state == "cancelled":
        assert due is None
        assert not open_calls
    elif state in {"lost", "paused"}:
        assert not open_calls
    elif state != "completed" and (due is None or due - now > timedelta(hours=72)):
        assert (state, open_calls) == ("held", []), "only an alert's physician or a laboratory is waited for"
        waits = plan.status.tests or any(alert.why == "refuses" for alert in plan.alerts)
        assert waits or not plan.status.missing, "or the district"


@settings(deadline=None, max_examples=10)
@given(life=lives())
def test_the_properties_of_a_life(life: Life) -> None:
    it_keeps_its_promises(life)


@pytest.mark.wide
@pytest.mark.timeout(900)
@settings(deadline=None, max_examples=50)
@given(life=lives())
def test_the_properties_of_many_lives(life: Life) -> None:
    it_keeps_its_promises(life)


def it_keeps_its_promises(life: Life) -> None:
    plan = life.plan
    event(plan.status.state)
    assert life.events.count("QuarantineStarted") == 0, "one plan, which the discharge began"
    days_are_contiguous(plan)
    every_missed_day_was_covered(plan, life.looked_for_on)
    if "QuarantineCancelled" not in life.events:
        every_day_is_accounted_for(plan)
        a_late_clock_finds_the_same(life)
    nothing_comes_after_the_end(life)


def days_are_contiguous(plan: Plan) -> None:
    assert list(plan.missed) == sorted(set(plan.missed))
    assert set(plan.missed) <= {*range(1, plan.days + 1), *plan.added}
    assert list(plan.added) == sorted(set(plan.added))


def every_missed_day_was_covered(plan: Plan, looked_for_on: set[int]) -> None:
    """Somebody was asked to call about each missed day, unless at its end the patient was looked for already, or had
    refused so often that the district has the case."""
    if any(alert.why == "refuses" for alert in plan.alerts):
        return
    asked = {day for call in plan.calls for day in call.days}
    assert not set(plan.missed) - asked - looked_for_on, "nobody was asked about a missed day"


def every_day_is_accounted_for(plan: Plan) -> None:
    counts = plan.status.counts
    if counts is not None and not any(alert.why == "refuses" for alert in plan.alerts):
        known = counts.logged + counts.reached_by_phone + counts.in_hospital + counts.unknown
        assert known == plan.days + len(plan.added)


def nothing_comes_after_the_end(life: Life) -> None:
    story, state = life.story, life.plan.status.state
    emitted = [type(emitted.event).__name__ for emitted in story.until(at(LAST + 40)).emitted]
    if state == "cancelled":
        assert emitted == []
    if state == "completed":
        assert set(emitted) <= ABOUT_VISITS
    assert story.state.conclusions.due is None, "nothing is left that the clock alone could change"


def a_late_clock_finds_the_same(life: Life) -> None:
    """Everything is learnt before any deadline is judged, as after an outage; then the clock catches up.

    Not so for a plan that was cancelled: what passes meanwhile is skipped when it is judged meanwhile (F8).
    """
    late = Story(KIND)
    for received_at, message in life.reported:
        late.when(message, received_at=received_at, watermark=at(0, 11))
    late.now = None
    late.until(life.story.now or at(LAST))
    life.story.until(life.story.now or at(LAST))
    assert late.state.facts == life.story.state.facts
    assert late.state.conclusions == life.story.state.conclusions


def test_the_property_that_every_missed_day_was_covered_can_fail() -> None:
    """Silent on days 3 and 9, reached after the first: a second ladder that did not open would be seen."""
    answered = [(reported.reported_at + timedelta(minutes=1), reported) for reported in logged_but(3, 9)]
    life = Life([*answered], ["reached", "reached"])
    assert (life.plan.missed, life.looked_for_on) == ((3, 9), set())
    every_missed_day_was_covered(life.plan, life.looked_for_on)
    first = msgspec.structs.replace(life.plan, calls=life.plan.calls[:1])
    with pytest.raises(AssertionError, match="nobody was asked"):
        every_missed_day_was_covered(first, life.looked_for_on)


def logged_but(*silent: int) -> list[DayReported]:
    return [reported for day in range(1, 15) if day not in silent for reported in logs(day, day)]


def test_the_property_of_one_ladder_at_a_time_can_fail() -> None:
    story = Story(KIND).when(discharged(), received_at=at(0, 11)).until(at(2, 0))
    (plan,) = story.state.conclusions.plans
    twice = type(plan)(**{name: getattr(plan, name) for name in plan.__struct_fields__} | {"calls": plan.calls * 2})
    with pytest.raises(AssertionError, match="one ladder"):
        check(twice, story)
