"""Whatever waits for somebody has a time at which it is asked about, and the page that says so is held against the
rules."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.message import Message
from services.primarycare import policy, views
from services.primarycare.domain import Conclusions
from services.primarycare.domain.alerts import Alert
from services.primarycare.domain.institutions import Directory
from services.primarycare.domain.linkage import Linkage
from services.primarycare.routes import CASE
from tests.architecture.sample_repo import ROOT
from tests.domain.primarycare.journeys import (
    ALL,
    CENTRE,
    CLINIC,
    CONTEXT,
    HOME_AT,
    NOBODY,
    SECOND,
    acknowledged,
    answered,
    at,
    cared,
    discharged,
    needing,
    raised,
    revoked,
)
from tests.domain.story import Story

AFTERCARE_END = at("11-15T00:00")
State = tuple[str, str]
FINAL = {
    ("notification", "notified"),
    ("notification", "elsewhere"),
    ("notification", "taken_back"),
    ("notification", "unreached"),
    ("linkage", "closed"),
    ("alert", "closed"),
}


def reported(*messages: Message, until: str = "10-17T10:30", context: Directory = CONTEXT) -> Story:
    story = Story(CASE, context)
    for message in messages:
        story.given(message, received_at=max(at("10-17T10:30"), _when(message)))
    assert story.now is not None
    return story.until(max(story.now, at(until)))


def _when(message: Message) -> datetime:
    fields = ("discharged_at", "revoked_at", "answered_at", "delivered_at", "raised_at", "acknowledged_at")
    reported: list[datetime | None] = [getattr(message, field, None) for field in fields]
    return max(instant for instant in reported if instant is not None)


def states(story: Story) -> Iterator[State]:
    """The states in which the things of a case are, as the view names them."""
    assert story.now is not None
    shown = views.case(story.state.facts, story.state.conclusions, story.now)
    for one in shown["aftercare"]:
        yield "notification", one["notification"]
        if one["linkage"]:
            yield "linkage", one["linkage"]["state"]
    for alert in shown["alerts"]:
        yield "alert", alert["state"]


COMMISSIONS = Directory(one for one in ALL if one.kind == "health_commission")
ILL, WELL = discharged(needing()), discharged()
IN: dict[State, tuple[Story, datetime | None]] = {
    ("notification", "waiting"): (reported(WELL, context=NOBODY), HOME_AT + timedelta(days=1)),
    ("notification", "commission"): (
        reported(WELL, context=COMMISSIONS, until="10-18T10:00"),
        HOME_AT + timedelta(days=2),
    ),
    ("notification", "notified"): (reported(WELL), None),
    ("notification", "elsewhere"): (reported(discharged(needing(), destination="hospital"), context=NOBODY), None),
    ("notification", "taken_back"): (reported(WELL, revoked("10-19T08:00")), None),
    ("notification", "unreached"): (reported(WELL, until="11-15T00:00", context=NOBODY), None),
    ("linkage", "requested"): (reported(ILL), HOME_AT + timedelta(days=1)),
    ("linkage", "last_level"): (reported(ILL, until="10-19T10:00"), AFTERCARE_END),
    ("linkage", "accepted"): (reported(ILL, answered(CENTRE, "accepted", "10-17T12:00")), AFTERCARE_END),
    ("linkage", "closed"): (reported(ILL, until="11-15T00:00"), None),
    ("alert", "forwarded"): (reported(WELL, raised("urgent")), at("10-22T10:15")),
    ("alert", "last_level"): (reported(WELL, raised("urgent"), until="10-22T12:15"), at("10-23T12:15")),
    ("alert", "closed"): (reported(WELL, raised(), acknowledged("10-22T11:00")), None),
}
"""A case in each state, and when the clock looks at it again."""


def table() -> dict[State, str]:
    """(thing, state) → what the page says of the clock."""
    text = (ROOT / "docs" / "architecture" / "primarycare.md").read_text(encoding="utf-8")
    return {(thing, state): clock for thing, state, clock in _ROW.findall(text)}


_ROW = re.compile(r"^\| (\w+) \| `(\w+)` \| [^|]*\| ([^|]*) \|", re.MULTILINE)


@pytest.mark.parametrize("state", IN, ids="-".join)
def test_every_state_is_looked_at_again_unless_it_is_final(state: State) -> None:
    story, due = IN[state]
    assert state in states(story)
    assert story.state.conclusions.due == due
    assert (due is None) == (state in FINAL)


def test_the_page_tells_every_state_and_which_are_final() -> None:
    assert table().keys() == IN.keys()
    assert {state for state, clock in table().items() if clock == "final"} == FINAL
    assert all(clock.startswith("`due`") for state, clock in table().items() if state not in FINAL)


def test_the_page_tells_the_numbers_of_the_policy() -> None:
    def hours(time: timedelta) -> str:
        return f"{time // timedelta(hours=1)} h"

    within = policy.alerting("CN-SH", HOME_AT.date()).acknowledge_within
    assert f"after {hours(within['urgent'])} (urgent), {hours(within['high'])} (high)" in table()["alert", "forwarded"]
    assert hours(policy.linking("CN-SH", HOME_AT.date()).respond_within) in table()["linkage", "requested"]
    assert hours(policy.looking("CN-SH", HOME_AT.date()).again_after) in table()["notification", "waiting"]


def unwatched(conclusions: Conclusions) -> list[Any]:
    """What is open without a step of the ladder ahead of it, although the last level has not been reached."""
    linked = [one.linkage for one in conclusions.aftercare if one.linkage is not None]
    waiting: list[Linkage | Alert] = [one for one in linked if one.accepted_by is None]
    waiting += conclusions.alerts
    return [one for one in waiting if one.ending is None and one.next_at is None and len(one.steps) < 2]


PUBLISHED: list[Message] = [
    ILL,
    WELL,
    discharged(needing(), primary_institution_id=CLINIC),
    discharged(needing(), destination="hospital"),
    discharged(needing(), disposition="died", discharged_at=at("10-23T08:00")),
    revoked("10-19T08:00"),
    *(answered(who, what, "10-18T09:30") for who in (CENTRE, SECOND, CLINIC) for what in ("accepted", "declined")),
    cared("10-20T10:00"),
    raised("high"),
    raised("urgent"),
    raised("routine"),
    raised(withdrawn=True),
    acknowledged("10-22T12:00"),
]


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_nothing_open_is_ever_without_a_step_ahead_until_the_last_level(data: st.DataObject) -> None:
    story = Story(CASE, CONTEXT)
    now = at("10-17T10:30")
    for _ in range(data.draw(st.integers(2, 9))):
        now += timedelta(hours=data.draw(st.sampled_from([0, 1, 3, 12, 24, 50, 200])))
        story.context = data.draw(st.sampled_from([CONTEXT, NOBODY, Directory(ALL[:1]), Directory(ALL[1:])]))
        story.when(data.draw(st.sampled_from(PUBLISHED)), received_at=now)
        conclusions = story.state.conclusions
        assert not unwatched(conclusions)
        assert conclusions.due is not None or set(states(story)) <= FINAL
        assert all(levels == [1, 2][: len(levels)] for levels in _levels(conclusions))
        assert conclusions.due is None or conclusions.due > now


def _levels(conclusions: Conclusions) -> Iterator[list[int]]:
    ladders = [one.linkage.steps for one in conclusions.aftercare if one.linkage is not None]
    ladders += [alert.steps for alert in conclusions.alerts]
    yield from ([step.level for step in steps] for steps in ladders)


def test_a_thing_without_a_step_ahead_is_seen() -> None:
    """A guard that cannot fail guards nothing."""
    open_one = Alert("alert-1", "high", (), HOME_AT, False, HOME_AT)
    assert unwatched(Conclusions(alerts=(open_one,))) == [open_one]
