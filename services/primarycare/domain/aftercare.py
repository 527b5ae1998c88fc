"""P1: the primary institution of the residence is told of every discharge home."""

from datetime import datetime

from msgspec import Struct

from chassis.decide.judge import Clock
from schemas.places import plain_district
from services.primarycare import policy
from services.primarycare.domain.basis import Basis, Choosing, Ending, asked_at, same_ground
from services.primarycare.domain.facts import Facts
from services.primarycare.domain.institutions import MUNICIPAL_LEVEL, PRIMARY, Directory
from services.primarycare.domain.linkage import Linkage, linkage


class Unplaced(Struct, frozen=True, array_like=True):
    """Nobody near home is known (P1). `why`: `district_unknown` or `no_centre`; `since`: when that was to be known.

    `tell_by`: when the municipal commission is told; `notified`: which was, None where the directory has none.
    `is_over`: there is nothing left to be told of.
    """

    why: str
    since: datetime
    tell_by: datetime
    notified: str | None = None
    is_over: bool = False


class Aftercare(Struct, frozen=True, array_like=True):
    """What follows from one discharge. `primary_id`: of the residence; None: nobody near home is known yet.

    `waits_until`: how long somebody is looked for; the end of aftercare, at least.
    `ended`: what undid the discharge, or ended the plan before its time.
    `unplaced`: while nobody near home is known.
    """

    key: str
    episode: int
    ground: Choosing
    primary_id: str | None
    waits_until: datetime
    linkage: Linkage | None = None
    ended: Ending | None = None
    unplaced: Unplaced | None = None


def aftercare(basis: Basis, facts: Facts, before: Aftercare | None, clock: Clock, context: Directory) -> Aftercare:
    """What follows from a discharge, by what followed before."""
    primary_id = _primary(basis, before, clock.now, context)
    unplaced = None
    if primary_id is None and basis.goes_home and basis.ended is None:
        unplaced = _unplaced(basis, clock, context)
        _look_again(basis, clock)
    linked = linkage(basis, facts, primary_id, before.linkage if before else None, clock, context)
    return Aftercare(
        basis.key,
        basis.start.episode,
        basis.choosing,
        primary_id,
        _waits_until(basis),
        linked,
        basis.ended,
        unplaced,
    )


def _primary(basis: Basis, before: Aftercare | None, now: datetime, context: Directory) -> str | None:
    """P1: named in the discharge, else the community centre of the district.

    Once told it stays the one, while it is one of the district; when aftercare is over, whatever becomes of it.
    """
    home = basis.home
    if home.primary_institution_id is not None:
        return home.primary_institution_id
    chosen = before.primary_id if before is not None and same_ground(before.ground, basis.choosing) else None
    if chosen is not None and (basis.ended is not None or now >= basis.ends_at):
        return chosen
    if chosen is not None and context.stands(chosen, home.jurisdiction, home.district, (PRIMARY,)):
        return chosen
    return context.primary(home.jurisdiction, home.district)


def _unplaced(basis: Basis, clock: Clock, context: Directory) -> Unplaced:
    """P1: who finds nobody is shown with the reason, and after a day the municipal commission is told."""
    home = basis.home
    within = policy.looking(home.jurisdiction, basis.day_0).tell_after
    tell_by = asked_at(home.since, home.known_at, within) + within
    is_due = clock.passed(tell_by)
    notified = context.commission(home.jurisdiction, home.district, MUNICIPAL_LEVEL) if is_due else None
    why = "no_centre" if plain_district(home.district) else "district_unknown"
    return Unplaced(why, home.since, tell_by, notified, clock.passed(_waits_until(basis)))


def _look_again(basis: Basis, clock: Clock) -> None:
    """Nobody known: looked for again daily, and once more when there is nothing left to be told of."""
    since = basis.home.since
    every = policy.looking(basis.home.jurisdiction, basis.day_0).again_after
    rounds = max(0, (clock.now - since) // every) + 1
    clock.passed(min(since + rounds * every, _waits_until(basis)))


def _waits_until(basis: Basis) -> datetime:
    """The end of aftercare, but not before it was looked again."""
    every = policy.looking(basis.home.jurisdiction, basis.day_0).again_after
    return max(basis.ends_at, basis.home.since + every)
