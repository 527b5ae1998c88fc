"""What follows for a delivery: where it is counted, and on which day. It waits for nothing."""

from datetime import date, datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.bulletin.domain.delivery.facts import Facts
from services.bulletin.policy import zone_of


class Delivered(Struct, frozen=True, array_like=True):
    """The row in `bulletin_delivery`; `delivered_on`: the civil day where the patient asked from."""

    jurisdiction: str
    channel_id: str
    delivered_on: date


class Conclusions(Struct, frozen=True, array_like=True):
    """How the delivery is counted; None while there is none."""

    delivered: Delivered | None = None
    due: datetime | None = None
    done: dict[str, str] = {}


DeliveryState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: None) -> Conclusions:
    """A delivery counts in the channel of its consultation, in the jurisdiction from which that was asked for."""
    return Conclusions(_delivered(facts), due=clock.due, done=clock.done)


def _delivered(facts: Facts) -> Delivered | None:
    one = next(iter(facts.arrivals), None)
    if one is None or not one.stands or one.delivered_at is None:
        return None
    if one.jurisdiction is None or one.channel_id is None:
        return None
    delivered_on = one.delivered_at.astimezone(zone_of(one.jurisdiction)).date()
    return Delivered(one.jurisdiction, one.channel_id, delivered_on)
