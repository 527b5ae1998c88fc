"""What follows for a case: the class of severity of each episode. Everything else is said as it was reported."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from chassis.decide.judge import Clock, State
from services.treatment.domain.facts import Facts
from services.treatment.domain.severity import Assessment, assess


class Conclusions(Struct, frozen=True, array_like=True):
    """How ill the patient is, in each episode, by rule and by report. Nothing here waits for the clock."""

    assessments: tuple[Assessment, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = field(default_factory=dict)


CaseState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Mapping[str, str] | None) -> Conclusions:
    """S1 to S3."""
    return Conclusions(assess(facts), due=clock.due, done=clock.done)
