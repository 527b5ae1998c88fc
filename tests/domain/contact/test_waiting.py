"""No delivery waits without a time at which it is looked at again, and the page that says so is held to the rules."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.message import Message
from services.contact import policy
from services.contact.domain.case import Conclusions, Subscriptions
from services.contact.domain.case.deliveries import Delivery
from tests.architecture.sample_repo import ROOT
from tests.domain.contact.journeys import CONTEXT, KIND, RECEIVED_AT, SETTLING, at, forwarded, notified, reported
from tests.domain.story import Story

NONE = Subscriptions(frozenset())


def published(*words: tuple[str, str], until: str = "10-22T09:00:02", context: Subscriptions = CONTEXT) -> Story:
    story = Story(KIND, context).given(notified(), received_at=RECEIVED_AT - SETTLING).until(RECEIVED_AT)
    for attempt, (outcome, when) in enumerate(words, 1):
        story.given(reported(outcome, when, attempt), received_at=at(when))
    assert story.now is not None
    return story.until(max(story.now, at(until)))


def settling(*words: Message) -> Story:
    """All of it has just come."""
    return Story(KIND, CONTEXT).given(*words, received_at=RECEIVED_AT)


IN: dict[str, tuple[Story, datetime | None]] = {
    "settling": (settling(notified()), RECEIVED_AT + SETTLING),
    "superseded": (settling(notified(), notified(withdrawn=True)), None),
    "asked": (published(), RECEIVED_AT + timedelta(days=1)),
    "failed": (published(("failed", "10-22T09:00:01")), at("10-22T09:00:06")),
    "delivered": (published(("delivered", "10-22T09:00:01")), None),
    "gone": (published(("gone", "10-22T09:00:01")), None),
    "given_up": (published(("failed", "10-23T09:00:01")), None),
    "unanswered": (published(until="10-23T09:00"), None),
    "unsubscribed": (published(context=NONE), None),
}
"""A delivery in each state, and when the clock looks at it again."""


def table() -> dict[str, str]:
    """State → what the page says of the clock."""
    text = (ROOT / "docs" / "architecture" / "contact.md").read_text(encoding="utf-8")
    return dict(_ROW.findall(text))


_ROW = re.compile(r"^\| `(\w+)` \| [^|]*\| ([^|]*) \|", re.MULTILINE)


@pytest.mark.parametrize("state", IN)
def test_every_state_is_looked_at_again_unless_it_is_an_end(state: str) -> None:
    story, due = IN[state]
    assert {one.state for one in story.state.conclusions.deliveries} == {state}
    assert story.state.conclusions.due == due


def test_the_page_tells_every_state_and_which_are_ends() -> None:
    assert table().keys() == IN.keys()
    assert {state for state, clock in table().items() if clock == "final"} == {
        state for state, (_, due) in IN.items() if due is None
    }
    assert all(clock.startswith("`due`") for state, clock in table().items() if IN[state][1] is not None)


def test_the_readme_and_the_table_have_the_numbers_of_the_policy() -> None:
    terms = policy.retrying(RECEIVED_AT.date())
    readme = (ROOT / "services" / "contact" / "README.md").read_text(encoding="utf-8")
    pauses = ", ".join(map(_written, terms.pauses))
    assert pauses == "5 s, 1 min, 5 min, 30 min, 2 h, 5 h, 10 h"
    assert pauses in readme
    assert f"after {_written(terms.answer_within)}" in table()["asked"]
    wait = policy.settling(RECEIVED_AT.date())
    assert f"{_written(wait.after)} after the last" in readme
    assert f"{_written(wait.most)} after the first" in readme
    assert f"after {_written(wait.after)}" in table()["settling"]


def _written(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def unwatched(conclusions: Conclusions) -> list[Any]:
    """Deliveries under way that nothing will look at again."""
    return [
        one
        for one in conclusions.deliveries
        if one.state in {"settling", "asked", "failed"} and conclusions.due is None
    ]


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_nothing_under_way_is_ever_without_a_due(data: st.DataObject) -> None:
    story, now = Story(KIND, CONTEXT), RECEIVED_AT
    for _ in range(data.draw(st.integers(2, 9))):
        now += timedelta(seconds=data.draw(st.sampled_from([0, 1, 6, 70, 4_000, 50_000, 90_000])))
        story.context = data.draw(st.sampled_from([CONTEXT, CONTEXT, NONE]))
        outcome = data.draw(st.sampled_from(["failed", "failed", "failed", "delivered", "gone"]))
        emitted = reported(outcome, "10-22T09:00", data.draw(st.integers(1, 4))).model_copy(update={"reported_at": now})
        story.when(data.draw(st.sampled_from([emitted, notified(), forwarded()])), received_at=now)
        conclusions = story.state.conclusions
        assert not unwatched(conclusions)
        assert conclusions.due is None or conclusions.due > now


def test_a_delivery_that_nothing_looks_at_is_seen() -> None:
    """A guard that cannot fail guards nothing."""
    one = Delivery("delivery", "event", "subscription", "asked", 1, RECEIVED_AT, RECEIVED_AT)
    assert unwatched(Conclusions((one,))) == [one]
