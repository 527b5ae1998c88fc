"""What follows for a case: how it is counted. It waits for nothing."""

from datetime import datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.bulletin.domain.case.counted import Counted, counted
from services.bulletin.domain.case.facts import Facts


class Conclusions(Struct, frozen=True, array_like=True):
    """How the case is counted; None while nothing confirms it."""

    counted: Counted | None = None
    due: datetime | None = None
    done: dict[str, str] = {}


CaseState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: None) -> Conclusions:
    """How the case is counted. It waits for nothing."""
    return Conclusions(counted(facts), due=clock.due, done=clock.done)
