"""What follows from the facts, as announced so far. Keys of facts, not copies; all else is drawn anew."""

from datetime import date, datetime

from msgspec import Struct

from chassis.decide.judge import State
from services.discharge.domain.facts import Facts, Place


class Criterion(Struct, frozen=True, array_like=True, gc=False):
    """One criterion as judged: met or not, since when, on what evidence, and when at the earliest it could be."""

    name: str
    met: bool
    since: datetime | None = None
    evidence: tuple[str, ...] = ()
    next_possible_at: datetime | None = None


class CriteriaStanding(Struct, frozen=True, array_like=True, gc=False):
    """All criteria of an episode: met since `at`, or lost at `at`; `criteria` are drawn as of that instant (D6)."""

    episode: int
    met: bool
    at: datetime
    protocol: str
    criteria: tuple[Criterion, ...]


class Departure(Struct, frozen=True, array_like=True, gc=False):
    """The last word on how an episode's stay ended: a discharge that stands, or one that was taken back (D7, D8).

    `report_id`: of the report that holds; of documents of the first edition that is "", and `discharge` alone (the
    institution, and the civil day as written) names it. `revoked_at`, `why`: set when it was taken back. `known_at`:
    when it came to be known. `jurisdiction`, `district`: of the residence, else where the case is.
    """

    episode: int
    discharge: tuple[str, date]
    protocol: str
    criteria_met: bool
    time_zone: str
    length_of_stay_days: int | None = None
    revoked_at: datetime | None = None
    why: str | None = None
    report_id: str = ""
    known_at: datetime | None = None
    jurisdiction: str | None = None
    district: str | None = None


class Violation(Struct, frozen=True, array_like=True, gc=False):
    """A discharge without the criteria or without the panel's approval (D7). `discharge`, `report_id`: as above."""

    episode: int
    discharge: tuple[str, date]
    protocol: str
    unmet: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    report_id: str = ""


class OtherStay(Struct, frozen=True, array_like=True, gc=False):
    """A stay after the episode's discharge that no re-positive explains (D8). `report_id`: of its end."""

    episode: int
    admitted_at: datetime
    report_id: str


class Conclusions(Struct, frozen=True, array_like=True):
    """What this service holds to be so.

    `unexplained`: report ids of the discharges that were answered (`conflict`). `place`: of the institution that
    admitted or discharged, as the directory has it, where intake has not said where the case is.
    """

    due: datetime | None = None
    done: dict[str, str] = {}
    criteria: tuple[CriteriaStanding, ...] = ()
    departures: tuple[Departure, ...] = ()
    violations: tuple[Violation, ...] = ()
    unexplained: tuple[str, ...] = ()
    other_stays: tuple[OtherStay, ...] = ()
    place: Place | None = None


CaseState = State[Facts, Conclusions]
