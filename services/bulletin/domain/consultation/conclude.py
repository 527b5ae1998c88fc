"""What follows for a consultation: whether it is counted, where, and on which day (C7). It waits for nothing."""

from datetime import date, datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.bulletin.domain.consultation.facts import Facts
from services.bulletin.policy import zone_of


class Held(Struct, frozen=True, array_like=True):
    """The consultation's row in `bulletin_consultation`; `held_on`: the civil day where the patient asked from."""

    jurisdiction: str
    channel_id: str
    held_on: date
    person_ref: str
    expert_ref: str | None
    refers: bool


class Conclusions(Struct, frozen=True, array_like=True):
    """How the consultation is counted; None while it was not held."""

    held: Held | None = None
    due: datetime | None = None
    done: dict[str, str] = {}


ConsultationState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: None) -> Conclusions:
    """C7: a consultation that was held counts in its channel, in the jurisdiction from which it was asked for."""
    return Conclusions(_held(facts), due=clock.due, done=clock.done)


def _held(facts: Facts) -> Held | None:
    one = next(iter(facts.closings), None)
    if one is None or not one.stands or one.outcome != "held" or one.closed_at is None:
        return None
    if one.jurisdiction is None or one.channel_id is None:
        return None
    held_on = one.closed_at.astimezone(zone_of(one.jurisdiction)).date()
    return Held(one.jurisdiction, one.channel_id, held_on, one.person_ref, one.expert_ref, one.refers)
