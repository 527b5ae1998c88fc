"""What follows for a patient in aftercare: each consultation that names the case, once, by when it was asked for."""

from datetime import datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.consultation.domain.care.facts import Care, Facts


class Conclusions(Struct, frozen=True, array_like=True):
    """The consultations under the case, in the order of the requests. Nothing waits here: each does by itself."""

    consultations: tuple[Care, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = {}


CareState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: tuple[Care, ...] | None) -> Conclusions:
    """F4: what a patient in aftercare asked, as the consultations say it; None: no consultation names the case now."""
    by_request = sorted(context or (), key=lambda one: (one.requested_at, one.consultation_id))
    return Conclusions(tuple(by_request), clock.due, clock.done)
