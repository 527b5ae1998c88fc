"""P1: the primary institution of the residence is told of every discharge home."""

from datetime import datetime

from msgspec import Struct

from chassis.decide.judge import Clock
from services.primarycare import policy
from services.primarycare.domain.basis import Basis, Choosing, Ending
from services.primarycare.domain.facts import Facts
from services.primarycare.domain.institutions import PRIMARY, Directory
from services.primarycare.domain.linkage import Linkage, linkage


class Aftercare(Struct, frozen=True, array_like=True):
    """What follows from one discharge. `primary_id`: of the residence; None: nobody near home is known yet.

    `waits_until`: how long somebody is looked for; the plan's end, at least.
    `ended`: what undid the discharge, or ended the plan before its time.
    """

    key: str
    episode: int
    ground: Choosing
    primary_id: str | None
    waits_until: datetime
    linkage: Linkage | None = None
    ended: Ending | None = None


def aftercare(basis: Basis, facts: Facts, before: Aftercare | None, clock: Clock, context: Directory) -> Aftercare:
    primary_id = _primary(basis, before, clock.now, context)
    if primary_id is None and basis.goes_home and basis.ended is None:
        _look_again(basis, clock)
    linked = linkage(basis, facts, primary_id, before.linkage if before else None, clock, context)
    return Aftercare(
        basis.key, basis.start.episode, basis.choosing, primary_id, _waits_until(basis), linked, basis.ended
    )


def _primary(basis: Basis, before: Aftercare | None, now: datetime, context: Directory) -> str | None:
    """P1: named in the discharge, else the community centre of the district.

    Once told it stays the one, while it is one of the district; when the plan is over, whatever becomes of it.
    """
    start = basis.start
    if start.primary_institution_id is not None:
        return start.primary_institution_id
    chosen = before.primary_id if before is not None and before.ground == basis.choosing else None
    if chosen is not None and (basis.ended is not None or now >= basis.ends_at):
        return chosen
    if chosen is not None and context.stands(chosen, start.jurisdiction, start.district, (PRIMARY,)):
        return chosen
    return context.primary(start.jurisdiction, start.district)


def _look_again(basis: Basis, clock: Clock) -> None:
    """Nobody known: looked for again daily, and once more when there is nothing left to be told of."""
    every = policy.looking(basis.start.jurisdiction, basis.day_0).again_after
    rounds = max(0, (clock.now - basis.start.discharged_at) // every) + 1
    clock.passed(min(basis.start.discharged_at + rounds * every, _waits_until(basis)))


def _waits_until(basis: Basis) -> datetime:
    """The plan's end, but not before it was looked again: a plan of no days ends with the day of the discharge."""
    every = policy.looking(basis.start.jurisdiction, basis.day_0).again_after
    return max(basis.ends_at, basis.start.discharged_at + every)
