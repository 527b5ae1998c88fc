"""Which event goes to whom, when it is tried again, and how it ends."""

from datetime import timedelta
from itertools import pairwise

import pytest

from schemas.events.contact import ContactRequested, ContactSettled
from services.contact import policy, views
from services.contact.domain import Subscriber, Subscriptions
from services.contact.domain.case.facts import Facts
from tests.domain.contact.journeys import (
    CASE_ID,
    CENTRE,
    CLINIC,
    COMMISSION,
    CONTEXT,
    EVERYTHING,
    KIND,
    RECEIVED_AT,
    SETTLING,
    SINCE,
    at,
    delivery,
    event_id,
    forwarded,
    notified,
    reported,
)
from tests.domain.story import Story


def published(*, context: Subscriptions = CONTEXT) -> Story:
    """The centre has to hear of a discharge, and the delivery worker has been asked."""
    return Story(KIND, context).given(notified(), received_at=RECEIVED_AT - SETTLING).until(RECEIVED_AT)


def facts_of(story: Story) -> Facts:
    facts: Facts = story.state.facts
    return facts


def test_an_event_is_asked_to_be_delivered_to_each_subscription_that_wants_it() -> None:
    story = Story(KIND, CONTEXT).given(forwarded(), received_at=RECEIVED_AT).until(RECEIVED_AT + SETTLING)
    story.then(
        (ContactRequested, {"subscription_id": CLINIC, "delivery_id": delivery(to=CLINIC), "attempt": 1}),
        (ContactRequested, {"subscription_id": EVERYTHING, "delivery_id": delivery(to=EVERYTHING), "attempt": 1}),
    )


def test_a_request_carries_the_event_under_its_own_id_and_sequence() -> None:
    story = Story(KIND, CONTEXT).when(notified(), received_at=RECEIVED_AT, sequence=4_000).stays_quiet()
    story.until(RECEIVED_AT + SETTLING)
    carried = {"about": CASE_ID, "event_id": event_id(1), "event_type": "afterward.PrimaryCareNotified.v1"}
    data = notified().model_dump(mode="json", exclude_none=True)
    story.then((ContactRequested, {**carried, "sequence": 4_000, "message": data}))


def test_what_another_institution_is_told_is_not_told_to_this_one() -> None:
    Story(KIND, CONTEXT).when(notified(institution_id=COMMISSION), received_at=RECEIVED_AT).stays_quiet()


def test_an_event_nobody_wants_leaves_no_trace() -> None:
    story = Story(KIND, CONTEXT).when(notified(institution_id=COMMISSION), received_at=RECEIVED_AT)
    assert story.state is not None
    assert facts_of(story) == Facts()


def test_a_subscription_may_want_what_is_escalated_to_its_institution() -> None:
    wants = Subscriber("commission", frozenset({"AlertEscalated"}), SINCE, COMMISSION)
    escalated = {"case_id": CASE_ID, "episode": 1, "alert_id": "alert-1", "level": 1, "institution_id": CENTRE}
    event = next(route.message for route in KIND.learns if route.message.__name__ == "AlertEscalated")
    assert wants.wants(event.model_validate({**escalated, "to_institution_id": COMMISSION}), RECEIVED_AT)  # type: ignore[arg-type]
    assert not wants.wants(event.model_validate(escalated), RECEIVED_AT)  # type: ignore[arg-type]


def test_what_was_written_down_before_a_subscription_holds_is_not_told_whenever_it_comes() -> None:
    story = Story(KIND, CONTEXT)
    story.when(notified(), received_at=RECEIVED_AT, recorded=SINCE - timedelta(seconds=1)).stays_quiet()
    story.when(notified(), received_at=RECEIVED_AT, recorded=SINCE).until(RECEIVED_AT + SETTLING).then(ContactRequested)


def test_only_events_that_somebody_wants_are_learnt() -> None:
    names = {route.message.__name__ for route in KIND.learns}
    assert names == {"ContactReported", "AlertForwarded", "PrimaryCareNotified", "AlertEscalated", "CallRequested"}


def test_what_was_delivered_is_settled_with_the_number_of_attempts() -> None:
    story = published().when(reported("delivered", "10-22T09:00:01"))
    story.then((ContactSettled, {"outcome": "delivered", "attempts": 1, "delivery_id": delivery()}))
    assert story.state.conclusions.due is None


def test_a_failed_attempt_is_followed_by_another_after_a_pause() -> None:
    story = published().when(reported("failed", "10-22T09:00:01"), received_at=at("10-22T09:00:01")).stays_quiet()
    story.until(at("10-22T09:00:05")).stays_quiet()
    story.until(at("10-22T09:00:06")).then((ContactRequested, {"attempt": 2, "delivery_id": delivery()}))


def test_pauses_grow_and_the_last_attempt_begins_a_day_after_the_event_came() -> None:
    story, asked = published(), [RECEIVED_AT]
    while story.state.conclusions.deliveries[0].state == "asked":
        attempt = len(asked)
        failed = reported("failed", "10-22T09:00:00", attempt).model_copy(update={"reported_at": asked[-1]})
        story.when(failed, received_at=asked[-1])
        if story.state.conclusions.due is not None:
            asked.append(story.state.conclusions.due)
            story.until(asked[-1]).then((ContactRequested, {"attempt": attempt + 1}))
    story.then((ContactSettled, {"outcome": "given_up", "attempts": 9}))
    *pauses, _rest = [later - earlier for earlier, later in pairwise(asked)]
    assert tuple(pauses) == policy.retrying(RECEIVED_AT.date()).pauses
    assert sorted(pauses) == pauses
    assert asked[-1] == RECEIVED_AT - SETTLING + timedelta(days=1)


def test_an_attempt_nobody_answers_for_a_day_is_settled_as_unanswered_and_a_later_answer_is_taken() -> None:
    story = published().until(at("10-23T08:59:59")).stays_quiet()
    story.until(at("10-23T09:00")).then((ContactSettled, {"outcome": "unanswered", "attempts": 1}))
    assert story.state.conclusions.due is None
    story.when(reported("delivered", "10-25T12:00:00"), received_at=at("10-25T12:00"))
    story.then((ContactSettled, {"outcome": "delivered", "attempts": 1}))


def test_a_failure_said_after_a_day_ends_what_was_unanswered() -> None:
    story = published().until(at("10-23T10:00"))
    story.when(reported("failed", "10-24T12:00:00"), received_at=at("10-24T12:00"))
    story.then((ContactSettled, {"outcome": "given_up", "attempts": 1}))


def test_a_receiver_that_is_gone_is_tried_no_more() -> None:
    story = published().when(reported("gone", "10-22T09:00:01"), received_at=at("10-22T09:00:01"))
    story.then((ContactSettled, {"outcome": "gone", "attempts": 1}))
    assert story.state.conclusions.due is None


def test_that_it_was_delivered_holds_against_every_other_word() -> None:
    story = published().given(reported("gone", "10-22T09:00:01"), reported("failed", "10-22T09:00:02"))
    story.when(reported("delivered", "10-22T09:00:00"))
    story.then((ContactSettled, {"outcome": "delivered"}))
    story.when(reported("failed", "10-22T10:00:00")).stays_quiet()


def test_the_same_word_again_changes_nothing() -> None:
    story = published().given(reported("failed", "10-22T09:00:01"), received_at=at("10-22T09:00:01"))
    state = story.state.conclusions
    story.when(reported("failed", "10-22T09:00:01")).stays_quiet()
    assert story.state.conclusions.deliveries == state.deliveries


def test_a_subscription_that_is_off_ends_what_is_under_way_for_good() -> None:
    story = published().given(reported("failed", "10-22T09:00:01"), received_at=at("10-22T09:00:01"))
    story.context = Subscriptions(frozenset({EVERYTHING}))
    story.until(at("10-22T09:00:06")).then((ContactSettled, {"outcome": "unsubscribed", "attempts": 1}))
    story.context = CONTEXT
    story.when(reported("failed", "10-22T09:00:07", 2), received_at=at("10-22T09:00:07")).stays_quiet()
    assert story.state.conclusions.due is None


def test_what_comes_while_a_subscription_is_off_is_said_not_to_be_delivered() -> None:
    story = Story(KIND, Subscriptions(frozenset({EVERYTHING}))).when(notified(), received_at=RECEIVED_AT)
    story.then((ContactSettled, {"outcome": "unsubscribed", "attempts": 0, "subscription_id": CLINIC}))


def test_what_was_under_way_when_the_subscription_was_switched_off_may_still_have_been_delivered() -> None:
    story = published()
    story.context = Subscriptions(frozenset())
    story.given(reported("failed", "10-22T09:00:01"), received_at=at("10-22T09:00:01"))
    story.when(reported("delivered", "10-22T09:00:02")).then((ContactSettled, {"outcome": "delivered"}))


def test_the_data_of_an_event_are_kept_until_everybody_has_them() -> None:
    story = Story(KIND, CONTEXT).given(forwarded(), received_at=RECEIVED_AT)
    story.given(reported("delivered", "10-22T09:00:01"))
    assert facts_of(story).events[0].data is not None
    story.given(reported("gone", "10-22T09:00:01", to=EVERYTHING))
    assert facts_of(story).events[0].data is None


def test_an_event_that_is_withdrawn_is_delivered_too() -> None:
    story = published().when(notified(withdrawn=True), received_at=RECEIVED_AT).until(RECEIVED_AT + SETTLING)
    story.then((ContactRequested, {"delivery_id": delivery(2)}))
    assert facts_of(story).events[1].data == notified(withdrawn=True).model_dump(mode="json", exclude_none=True)


@pytest.mark.parametrize(
    ("outcome", "until", "awaited"),
    [
        (None, "10-22T09:30:00", True),
        (None, "10-24T09:30:00", True),
        ("failed", "10-22T09:00:02", False),
        ("delivered", "10-22T09:00:02", False),
    ],
)
def test_the_delivery_worker_may_begin_what_was_asked_and_not_answered(
    outcome: str | None, until: str, awaited: bool
) -> None:
    story = published()
    if outcome is not None:
        story.given(reported(outcome, "10-22T09:00:01"), received_at=at("10-22T09:00:01"))
    assert KIND.table is not None
    row = KIND.table.row(story.until(at(until)).state)
    assert row == ((f'{{"{delivery()}":1}}',) if awaited else None)


def test_a_view_tells_each_delivery_and_why_it_failed() -> None:
    story = published().given(reported("failed", "10-22T09:00:01"), received_at=at("10-22T09:00:01"))
    shown = views.case(story.state.facts, story.state.conclusions, RECEIVED_AT)
    assert shown["looks_again_at"] == "2020-10-22T09:00:06+08:00"
    (one,) = shown["deliveries"]
    assert (one["state"], one["reason"], one["event_type"]) == (
        "failed",
        "server_error",
        "afterward.PrimaryCareNotified.v1",
    )
