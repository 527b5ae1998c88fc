"""Whether a subscription is on: the last word on it, by when it was switched. Nothing is said of it."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from chassis.judge import Clock, Receipt, Said, State
from schemas.reports.contact import SubscriptionSwitched


class Switch(Struct, frozen=True, array_like=True):
    """How a subscription was last switched; None: never, so it is on."""

    switched_at: datetime | None = None
    rank: str = ""
    is_on: bool = True
    why: str = ""


class Nothing(Struct, frozen=True, array_like=True):
    """Nothing follows, and the clock does not change it."""

    due: datetime | None = None
    done: dict[str, str] = {}


def learn_switched(switch: Switch, report: SubscriptionSwitched, receipt: Receipt) -> Switch:
    """Of two the one that was switched later holds, else the one written down later."""
    known = switch.switched_at
    if known is not None and (known, switch.rank) >= (report.switched_at, receipt.rank):
        return switch
    return Switch(report.switched_at, receipt.rank, report.on, report.why)


def conclude(switch: Switch, announced: Nothing, clock: Clock, world: None) -> Nothing:
    """Nothing."""
    return Nothing(clock.due, clock.done)


def announce(before: State, after: State) -> Iterator[Said]:
    """Nothing: cases ask the table when they are judged."""
    return iter(())


def row(state: State) -> tuple[bool]:
    """Whether it is on."""
    return (state.facts.is_on,)
