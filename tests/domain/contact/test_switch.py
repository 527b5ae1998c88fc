"""A subscription is on until it is switched off; the last switch holds, whatever came last."""

from datetime import datetime
from typing import Any

from schemas.reports.contact import SubscriptionSwitched
from services.contact.routes import SUBSCRIPTION
from tests.domain.contact.journeys import CLINIC, at
from tests.domain.story import Story


def switched(on: bool, when: str, why: str = "gone") -> SubscriptionSwitched:
    return SubscriptionSwitched(subscription_id=CLINIC, on=on, switched_at=at(when), why=why)


def is_on(story: Story) -> Any:
    assert SUBSCRIPTION.table is not None
    row = SUBSCRIPTION.table.row(story.state)
    assert row is not None
    return row[0]


def test_a_subscription_that_was_never_switched_is_on() -> None:
    assert is_on(Story(SUBSCRIPTION)) is True


def test_a_subscription_is_off_after_it_was_switched_off_and_on_again_afterwards() -> None:
    story = Story(SUBSCRIPTION).when(switched(False, "10-22T09:00")).stays_quiet()
    assert is_on(story) is False
    assert is_on(story.given(switched(True, "10-23T09:00", "operator"))) is True


def test_the_later_switch_holds_although_the_earlier_came_last() -> None:
    later: datetime = at("10-23T09:01")
    story = Story(SUBSCRIPTION).given(switched(True, "10-23T09:00", "operator"), received_at=later)
    assert is_on(story.given(switched(False, "10-22T09:00"), received_at=later)) is True


def test_of_two_at_the_same_instant_the_one_written_down_later_holds() -> None:
    story = Story(SUBSCRIPTION).given(switched(False, "10-22T09:00"), received_at=at("10-22T09:00:10"))
    story.when(switched(True, "10-22T09:00"), received_at=at("10-22T09:00:20"), recorded=at("10-22T09:00:05"))
    assert is_on(story) is False
