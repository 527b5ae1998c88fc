"""What follows for a case: a delivery for each event and each subscription that wants it."""

from datetime import datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.contact.domain.case.deliveries import Delivery, deliveries
from services.contact.domain.case.facts import Facts
from services.contact.domain.case.subscribers import Subscriptions


class Conclusions(Struct, frozen=True, array_like=True):
    """All that follows for a case. `due`, `done`: the clock's (chassis.decide.judge.Clock)."""

    deliveries: tuple[Delivery, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = {}


CaseState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Subscriptions) -> Conclusions:
    """Where each delivery stands."""
    return Conclusions(deliveries(facts, announced.deliveries, clock, context), clock.due, clock.done)
