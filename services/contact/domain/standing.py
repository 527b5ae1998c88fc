"""What stands, and the difference said aloud: for each delivery what is asked of the courier, or how it ended."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from chassis.judge import Said, State, difference
from schemas.events.contact import ContactEvent, ContactRequested, ContactSettled
from schemas.limits import within_limits
from services.contact.domain.conclusions import AWAITED, UNDER_WAY, Conclusions, Delivery
from services.contact.domain.facts import Facts, Wanted


class Statement(NamedTuple):
    """A standing event before it is built: its type, when it became true, and its data."""

    event: type[ContactEvent]
    time: datetime
    data: dict[str, Any]


def announce(before: State, after: State) -> Iterator[Said]:
    """The difference between what stood and what stands. Nothing is ever withdrawn: what was asked was asked."""
    stood, stands = standing(before.facts, before.conclusions), standing(after.facts, after.conclusions)
    for _, _, new in difference(stood, stands):
        if new is not None:
            yield Said(within_limits(new.event)(**new.data), new.time)


def standing(facts: Facts, conclusions: Conclusions) -> dict[str, Statement]:
    """`delivery_id` → the last word on it. While another attempt is to come the last word is the one before."""
    events = {event.event_id: event for event in facts.events}
    return {one.delivery_id: _said(facts.about, events[one.event_id], one) for one in conclusions.deliveries}


def _said(about: str, event: Wanted, one: Delivery) -> Statement:
    data = {
        "about": about,
        "delivery_id": one.delivery_id,
        "subscription_id": one.subscription_id,
        "event_id": event.event_id,
        "event_type": event.type,
    }
    if one.state in UNDER_WAY and one.asked_at is not None:
        carried = {"recorded_at": event.recorded_at, "sequence": event.sequence, "message": event.data or {}}
        return Statement(ContactRequested, one.asked_at, data | carried | {"attempt": one.attempt})
    return Statement(ContactSettled, one.since, data | {"outcome": one.state, "attempts": one.attempt})


def row(state: State) -> tuple[str] | None:
    """What the courier may begin, as the table has it: JSON of `delivery_id` → attempt; None where there is nothing.

    An attempt that nobody has answered for a day is among them: it may lie unread on the bus.
    """
    conclusions: Conclusions = state.conclusions
    awaited = {one.delivery_id: one.attempt for one in conclusions.deliveries if one.state in AWAITED}
    return (msgspec.json.encode(awaited).decode(),) if awaited else None
