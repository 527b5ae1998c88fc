"""What contact states: for each delivery what is asked of the delivery worker, or how it ended."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from chassis.decide.announcing import Announcer, Statement, Things
from schemas.events.contact import ContactRequested, ContactSettled
from services.contact.domain.case.conclude import CaseState, Conclusions
from services.contact.domain.case.deliveries import UNDER_WAY, Delivery
from services.contact.domain.case.facts import Facts, Wanted


class Carried(NamedTuple):
    """A delivery, and the event on its way."""

    delivery: Delivery
    event: Wanted


def _source(state: CaseState) -> tuple[tuple[Wanted, ...], tuple[Delivery, ...]]:
    return state.facts.events, state.conclusions.deliveries


def _by_delivery(source: tuple[tuple[Wanted, ...], tuple[Delivery, ...]]) -> Mapping[str, Carried]:
    wanted, deliveries = source
    events = {event.event_id: event for event in wanted}
    announced = (one for one in deliveries if one.is_announced)
    return {one.delivery_id: Carried(one, events[one.event_id]) for one in announced}


def _delivery(after: CaseState, delivery_id: str, carried: Carried) -> Statement:
    """The last word on it. While another attempt is to come the last word is the one before."""
    one, event = carried
    data = {
        "about": after.facts.about,
        "delivery_id": delivery_id,
        "subscription_id": one.subscription_id,
        "event_id": event.event_id,
        "event_type": event.type,
    }
    if one.state in UNDER_WAY and one.asked_at is not None:
        asked = {"recorded_at": event.recorded_at, "sequence": event.sequence, "message": event.data or {}}
        return Statement(ContactRequested, one.asked_at, data | asked | {"attempt": one.attempt})
    return Statement(ContactSettled, one.since, data | {"outcome": one.state, "attempts": one.attempt})


def _as_now(after: CaseState, delivery_id: str, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """Nothing is ever withdrawn: what was asked was asked."""
    return iter(() if now is None else (now,))


announce: Announcer[Facts, Conclusions] = Announcer(
    {"delivery": Things(_source, _by_delivery, _delivery, change=_as_now)}
)
