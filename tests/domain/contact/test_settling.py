"""A thing settles before it is written of: what is taken back at once is told to nobody, and nothing waits for ever."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.events.contact import ContactRequested
from schemas.events.discharge import DischargeRuleViolated
from schemas.message import Message
from services.contact import policy
from services.contact.domain import Subscriber, Subscriptions
from services.contact.routes import case
from tests.domain.contact.journeys import (
    CASE_ID,
    CLINIC,
    COMMISSION,
    CONTEXT,
    EVERYTHING,
    KIND,
    RECEIVED_AT,
    SETTLING,
    SINCE,
    delivery,
    forwarded,
    notified,
)
from tests.domain.story import Story

SECOND = timedelta(seconds=1)
LONG_AFTER = RECEIVED_AT + timedelta(minutes=5)


def published(*words: tuple[float, Message], until: datetime = LONG_AFTER) -> Story:
    """Each so many seconds after the first."""
    story = Story(KIND, CONTEXT)
    for after, word in words:
        story.given(word, received_at=RECEIVED_AT + after * SECOND)
    return story.until(until)


def asked(story: Story, to: str = CLINIC) -> list[tuple[str, datetime]]:
    """The deliveries to a subscription that were asked for, and when."""
    found = story.state.conclusions.deliveries
    return [(one.delivery_id, one.asked_at) for one in found if one.asked_at is not None and one.subscription_id == to]


def test_a_stay_sent_in_one_go_whose_violations_are_taken_back_within_a_second_writes_nothing() -> None:
    violations = frozenset({"DischargeRuleViolated"})
    kind, on = case((Subscriber("panel", violations, SINCE),)), Subscriptions(frozenset({"panel"}))
    about = {"case_id": CASE_ID, "institution_id": "h-1", "discharged_at": RECEIVED_AT, "disposition": "recovered"}
    fields: dict[str, Any] = {**about, "protocol": "v8", "unmet": ["two_negatives"]}
    story = Story(kind, on)
    for episode in range(1, 9):
        violated = DischargeRuleViolated.model_validate({**fields, "episode": episode})
        story.given(violated, received_at=RECEIVED_AT + episode * SECOND / 20)
        gone = violated.model_copy(update={"withdrawn": True})
        story.given(gone, received_at=RECEIVED_AT + SECOND)
    story.until(LONG_AFTER).stays_quiet()
    assert {one.state for one in story.state.conclusions.deliveries} == {"superseded"}
    assert all(event.data is None for event in story.state.facts.events), "nobody needs them any more"


def test_of_several_words_only_the_last_is_written_once_none_has_followed_for_a_while() -> None:
    story = published(
        (0, notified()), (1, notified(conditions=["N18.6"])), (2.5, notified(conditions=["N18.6", "E11.9"]))
    )
    assert asked(story) == [(delivery(3), RECEIVED_AT + 2.5 * SECOND + SETTLING)]


def test_a_word_that_comes_after_it_has_settled_is_another() -> None:
    story = published((0, notified()), (3, notified(conditions=["N18.6"])))
    assert asked(story) == [(delivery(1), RECEIVED_AT + SETTLING), (delivery(2), RECEIVED_AT + 2 * SETTLING)]


def test_what_was_written_of_is_taken_back_in_writing() -> None:
    story = published((0, notified()), (60, notified(conditions=["N18.6"])), (61, notified(withdrawn=True)))
    assert [name for name, _ in asked(story)] == [delivery(1), delivery(3)]
    again = published(
        (0, notified()), (60, notified(withdrawn=True)), (120, notified()), (121, notified(withdrawn=True))
    )
    assert [name for name, _ in asked(again)] == [delivery(1), delivery(2)]


def test_what_changes_without_end_is_written_all_the_same() -> None:
    most = policy.settling(RECEIVED_AT.date()).most
    restless = [(float(after), notified(conditions=["N18.6"][: after % 2])) for after in range(0, 40, 2)]
    assert asked(published(*restless))[0] == (delivery(15), RECEIVED_AT + most)


def test_an_urgent_alert_waits_for_nothing_that_follows_it() -> None:
    restless = [(float(after), forwarded(severity="urgent", day=5 + after)) for after in range(5)]
    (first, at), *_ = asked(published(*restless), EVERYTHING)
    assert (first, at) == (delivery(3, EVERYTHING), RECEIVED_AT + SETTLING)
    graver = published((0, forwarded()), (2, forwarded(severity="urgent")), (4, forwarded(severity="urgent", day=6)))
    assert asked(graver, EVERYTHING)[0][1] == RECEIVED_AT + 2 * SECOND + SETTLING


def test_two_things_settle_apart() -> None:
    story = published((0, forwarded()), (1, forwarded(institution_id=COMMISSION)))
    assert [at for _, at in asked(story, EVERYTHING)] == [RECEIVED_AT + SETTLING, RECEIVED_AT + SECOND + SETTLING]


@pytest.mark.parametrize("later", [0, 2, 4, 40])
def test_a_word_that_lies_unread_has_come_all_the_same(later: float) -> None:
    """Another topic is read ahead, far beyond the time in which the next word came; then that word is read."""
    punctual = published((0, forwarded()), (later, forwarded(withdrawn=True)))
    ahead = Story(KIND, CONTEXT).given(forwarded(), received_at=RECEIVED_AT)
    just_before = RECEIVED_AT - SECOND
    ahead.now = None
    ahead.when(notified(), received_at=RECEIVED_AT + 60 * SECOND, watermark=just_before).stays_quiet()
    ahead.now = None
    ahead.when(forwarded(withdrawn=True), received_at=RECEIVED_AT + later * SECOND, watermark=RECEIVED_AT).until(
        LONG_AFTER
    )
    assert len(asked(ahead, EVERYTHING)) == len(asked(punctual, EVERYTHING)) == (0 if later < 3 else 2)


def test_an_event_that_the_first_edition_stored_is_not_asked_for_again() -> None:
    story = published((0, notified()))
    (event,) = story.state.facts.events
    old = event.__class__(event.event_id, event.type, event.sequence, event.recorded_at, event.received_at, event.to)
    story.state = story.state._replace(facts=story.state.facts.__class__(CASE_ID, (old,)))
    story.when(notified(withdrawn=True), received_at=LONG_AFTER).until(LONG_AFTER + SETTLING)
    story.then((ContactRequested, {"delivery_id": delivery(2)}))
