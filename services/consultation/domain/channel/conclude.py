"""What follows for a channel: whether it is open, whose it is and where, and when nobody is on duty (C4)."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.consultation.domain.channel.facts import Declaration, Facts
from services.consultation.domain.channel.rosters import Gap, gaps
from services.consultation.domain.institutions import Directory
from services.consultation.policy import LOOK_AGAIN, LOOK_AHEAD


class Conclusions(Struct, frozen=True, array_like=True):
    """As of the last judgement.

    `opened_at`: the declaration that holds, by its instant; the first one, while none has begun. `jurisdiction` and
    `district` are those of its institution, None while the directory does not list it. `gaps`: all that have been
    found, of the past too; `open_gaps` of them, the last ones, are not over. `closed_at`: what ended that declaration.
    """

    is_open: bool = False
    opened_at: datetime | None = None
    jurisdiction: str | None = None
    district: str | None = None
    gaps: tuple[Gap, ...] = ()
    open_gaps: int = 0
    due: datetime | None = None
    done: dict[str, str] = {}
    closed_at: datetime | None = None


ChannelState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Directory) -> Conclusions:
    """A channel is open from its latest opening to the first closing after it; the gaps come up to 7 days before."""
    if not facts.declarations:
        return Conclusions(due=clock.due, done=clock.done)
    begun = [one for one in facts.declarations if clock.passed(one.opened_at)]
    holds = begun[-1] if begun else facts.declarations[0]
    institution = context.entry(holds.institution_id)
    if institution is None:  # listed at this very moment it would wake a channel that has a row, and this may have none
        clock.passed((holds.received_at or holds.opened_at) + LOOK_AGAIN)
    found = tuple(_found(facts, clock))
    closed_at = _closed_at(facts, holds, clock)
    return Conclusions(
        is_open=bool(begun) and closed_at is None,
        opened_at=holds.opened_at,
        jurisdiction=institution.jurisdiction if institution else None,
        district=institution.district if institution else None,
        gaps=found,
        open_gaps=sum(not clock.passed(gap.until) for gap in found),
        due=clock.due,
        done=clock.done,
        closed_at=closed_at,
    )


def _closed_at(facts: Facts, holds: Declaration, clock: Clock) -> datetime | None:
    """The first closing after a declaration, once it has passed."""
    after = (one.closed_at for one in facts.closings if one.closed_at > holds.opened_at)
    return next((closed_at for closed_at in after if clock.passed(closed_at)), None)


def _found(facts: Facts, clock: Clock) -> Iterator[Gap]:
    """C4: the gaps that begin within 7 days, or have begun; the next one is found when its time has come."""
    for gap in gaps(facts):
        if not clock.passed(gap.from_at - LOOK_AHEAD):
            return
        yield gap
