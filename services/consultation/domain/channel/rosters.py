"""The minutes of a 24-hour channel in which nobody is on its roster (C4). Pure; instants in their order."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from services.consultation.domain.channel.facts import Closing, Declaration, Facts, Shift
from services.consultation.policy import LOOK_AHEAD, ROSTERS_FROM, SHORTEST_GAP


class Gap(Struct, frozen=True, array_like=True):
    """Nobody is on duty, from and until, in a channel that this institution declared as always open."""

    from_at: datetime
    until: datetime
    institution_id: str


class Period(NamedTuple):
    """Somebody has to be on duty, from and until; without `until`: for ever, by what is known."""

    from_at: datetime
    until: datetime | None
    institution_id: str


def gaps(facts: Facts) -> Iterator[Gap]:
    """C4: every gap that is known, in the order of the instants. Without end where nobody is rostered afterwards."""
    shifts = [shift for shift in facts.shifts if shift.stands]
    for period in _periods(facts.declarations, facts.closings):
        for from_at, until in _uncovered(period, shifts):
            yield from _pieces(from_at, until, period.institution_id)


def closed_at(declaration: Declaration, closings: Iterable[Closing]) -> datetime | None:
    """The first closing after an opening; one at the same instant ends what was before."""
    return next((one.closed_at for one in closings if one.closed_at > declaration.opened_at), None)


def _periods(declarations: Sequence[Declaration], closings: Sequence[Closing]) -> Iterator[Period]:
    """The periods that a 24-hour channel is open; what is declared anew without a break is one."""
    open_period: Period | None = None
    for declaration, following in pairwise((*declarations, None)):
        if declaration is None or not declaration.open_24h:
            continue
        ends = [closed_at(declaration, closings), following.opened_at if following else None]
        until = min((end for end in ends if end is not None), default=None)
        period = Period(max(declaration.opened_at, ROSTERS_FROM), until, declaration.institution_id)
        if open_period is not None and _goes_on(open_period, period):
            open_period = open_period._replace(until=until)
            continue
        if open_period is not None:
            yield open_period
        open_period = period
    if open_period is not None:
        yield open_period


def _goes_on(before: Period, after: Period) -> bool:
    return before.until == after.from_at and before.institution_id == after.institution_id


def _uncovered(period: Period, shifts: Iterable[Shift]) -> Iterator[tuple[datetime, datetime | None]]:
    """What of a period no shift covers; shifts in the order in which they begin."""
    covered = period.from_at
    for shift in shifts:
        if period.until is not None and shift.from_at >= period.until:
            break
        if shift.from_at > covered:
            yield covered, shift.from_at
        covered = max(covered, shift.until)
    if period.until is None or covered < period.until:
        yield covered, period.until


def _pieces(from_at: datetime, until: datetime | None, institution_id: str) -> Iterator[Gap]:
    """A gap as it is said: whole, or one without end in pieces, for ever."""
    if until is not None:
        if until - from_at >= SHORTEST_GAP:
            yield Gap(from_at, until, institution_id)
        return
    while True:
        yield Gap(from_at, from_at + LOOK_AHEAD, institution_id)
        from_at += LOOK_AHEAD
