"""Nothing follows from how a subscription was switched: cases ask when they are judged."""

from datetime import datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.contact.domain.subscription.facts import Switch


class Nothing(Struct, frozen=True, array_like=True):
    """Nothing follows, and the clock does not change it."""

    due: datetime | None = None
    done: dict[str, str] = {}


SwitchState = State[Switch, Nothing]


def conclude(switch: Switch, announced: Nothing, clock: Clock, context: None) -> Nothing:
    """Nothing."""
    return Nothing(clock.due, clock.done)
