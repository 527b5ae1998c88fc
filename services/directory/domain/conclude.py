"""What follows for an institution: which of its versions have begun to hold."""

from datetime import datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.directory.domain.facts import Facts


class Conclusions(Struct, frozen=True, array_like=True):
    """How many versions have begun to hold; the last of them is what the institution is. It waits for the next."""

    in_force: int = 0
    due: datetime | None = None
    done: dict[str, str] = {}


InstitutionState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: None) -> Conclusions:
    """A version holds from its instant on, whenever it was declared."""
    in_force = sum(clock.passed(version.effective_from) for version in facts.versions)
    return Conclusions(in_force, due=clock.due, done=clock.done)
