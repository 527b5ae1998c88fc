"""What aftercare stands on: the discharge that began it, where the patient lives, and what ended or undid it."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct

from schemas.calendar import end_of
from schemas.places import plain_district
from schemas.plans import last_day_of_aftercare, plan_days, plan_key, version
from services.primarycare.domain.facts import HOMES, Discharge, Facts, Plan, Standing
from services.primarycare.domain.versions import Named, held, merged
from services.primarycare.policy import FOLLOWED_WITHIN

Choosing = tuple[str | None, str, str]
"""Of a choice among institutions: the one that the patient named, jurisdiction and district of the residence."""

RECALLED = "corrected"
"""Why a discharge was taken back whose patient somebody has to bring back (D8)."""
ELSEWHERE = frozenset({"left_country", "taken_over", "refused_by_law"})
"""Why a follow-up ends by report (F8)."""


def same_ground(one: Choosing, other: Choosing) -> bool:
    """Whether two choices stand on the same; a district is the same however it is spelled (P1)."""
    return one[:2] == other[:2] and plain_district(one[2]) == plain_district(other[2])


class Ending(Struct, frozen=True, array_like=True):
    """What closed a linkage or an alert, and when. `known_at`: when that came; of the first edition's: as it was."""

    at: datetime
    why: str
    known_at: datetime | None = None

    @property
    def first_received_at(self) -> datetime:
        return self.known_at or self.at


class Home(Struct, frozen=True):
    """Where the patient lives. `since`: from when on, the discharge or the move (F9); `known_at`: when that came."""

    jurisdiction: str
    district: str
    time_zone: str
    primary_institution_id: str | None
    since: datetime
    known_at: datetime
    moved: bool = False

    @property
    def placed(self) -> dict[str, Any]:
        """What every event of primary care says of it."""
        return placed(self.jurisdiction, self.district, self.time_zone)


class Basis(Struct, frozen=True):
    """The basis of the aftercare of one discharge, named by (episode, `discharged_at`).

    `day_0`: the civil date of discharge. `plan_ends_on`: the last day of the plan, without extensions. `last_day`,
    `ends_at`: of aftercare (F1, P3). `ended`: what undid the discharge, or ended what follows from it, before its time.
    `alerts_ended`: the same for alerts, which outlive a recall until somebody has brought the patient back (D8).
    `lies_in`: the institution in which the patient lies since. `named_when`: what the episode's discharges named when.
    """

    key: str
    start: Discharge
    home: Home
    day_0: date
    plan_ends_on: date
    last_day: date
    ends_at: datetime
    ended: Ending | None
    alerts_ended: Ending | None
    lies_in: str | None
    is_confirmed: bool
    named_when: tuple[Named, ...] = ()

    @property
    def goes_home(self) -> bool:
        """Whether somebody near home is told of it, and asked (P1, P2); of an alert they hear in any case (P4)."""
        return self.start.destination in HOMES

    @property
    def is_undone(self) -> bool:
        """Whether there was no such discharge, and nobody is to be told of it any more."""
        return self.ended is not None and self.ended.why in {"revoked", "excluded"}

    @property
    def choosing(self) -> Choosing:
        """What a choice among institutions stands on."""
        return self.home.primary_institution_id, self.home.jurisdiction, self.home.district

    @property
    def named_since(self) -> set[datetime]:
        """When something else came to be known of the patient's whereabouts, or may have."""
        return {one.received_at for one in self.named_when} | {self.home.known_at}

    def named_at(self, at: datetime) -> Named | None:
        """What was known of the patient's whereabouts when everything up to an instant had come; None: nothing."""
        if self.home.moved and at >= self.home.known_at:
            primary_id, jurisdiction, district = self.choosing
            return Named(at, self.start.rank, self.start.hospital_id, primary_id, jurisdiction, district)
        return held(self.named_when, at)

    @property
    def linkage_key(self) -> str:
        """What names the linkage: at another place another one begins (F9)."""
        return plan_key_at(self.key, self.home.since) if self.home.moved else self.key


def placed(jurisdiction: str, district: str, time_zone: str) -> dict[str, Any]:
    """Where somebody acts; what is not known is absent."""
    return {"jurisdiction": jurisdiction or None, "district": district or None, "time_zone": time_zone or None}


def plan_key_at(key: str, since: datetime) -> str:
    """A plan's name, since the patient lives elsewhere."""
    return f"{key}/{plan_key(0, since)}"


def asked_at(happened_at: datetime, known_at: datetime, within: timedelta) -> datetime:
    """Since when an answer is awaited: since it happened, or since it came where that left no time to answer.

    Nobody is late before having been told.
    """
    return known_at if known_at >= happened_at + within else happened_at


def bases(facts: Facts) -> Iterator[Basis]:
    """The bases of a case, in the order of its episodes: one for each that left the ward for follow-up."""
    for episode in sorted({discharge.episode for discharge in facts.discharges}):
        of_episode = [discharge for discharge in facts.discharges if discharge.episode == episode]
        start = max((one for one in of_episode if one.starts), key=lambda one: one.rank, default=None)
        if start is not None and start.kind != "withdrawn":
            after = [one for one in of_episode if not one.starts and one.rank > start.rank]
            named_when = merged((), (version for one in of_episode if one.starts for version in one.history))
            yield _basis(facts, start, after, named_when)


def _basis(facts: Facts, start: Discharge, after: list[Discharge], named_when: tuple[Named, ...]) -> Basis:
    days = plan_days(start.discharged_at, start.time_zone, start.protocol, start.jurisdiction)
    last_day = last_day_of_aftercare(days.day_0, version(start.protocol, start.jurisdiction, days.day_0))
    ended = min(_endings(facts, start, after), key=lambda one: (one.at, one.why), default=None)
    recalled = ended is not None and ended.why == "revoked" and _recalled(start, after)
    return Basis(
        key=plan_key(start.episode, start.discharged_at),
        start=start,
        home=_home(facts, start),
        day_0=days.day_0,
        plan_ends_on=days.last_day,
        last_day=last_day,
        ends_at=end_of(last_day, start.time_zone),
        ended=ended,
        alerts_ended=_brought_back(facts, start, ended) if recalled and ended is not None else ended,
        lies_in=_lies_in(facts, start),
        is_confirmed=any(one.stands and one.episode == start.episode for one in facts.confirmations),
        named_when=named_when,
    )


def _endings(facts: Facts, start: Discharge, after: list[Discharge]) -> Iterator[Ending]:
    """What undid the discharge, and what ended the aftercare: what was undone ended nothing afterwards."""
    excluded = [one for one in facts.confirmations if one.episode == start.episode and one.excluded_at is not None]
    undone = [Ending(one.excluded_at, "excluded", one.received_at) for one in excluded if one.excluded_at is not None]
    left = _undone(start, after)
    if left is not None:
        undone.append(left)
    if undone:
        yield min(undone, key=lambda one: (one.why != "excluded", one.at))
        return
    last = max(after, key=lambda one: one.rank, default=None)
    if last is not None and last.kind == "died":
        yield Ending(last.at, "died", last.first_received_at)
    cancelled = _standing(facts.standings, start)
    if cancelled is not None and cancelled.cancelled in ELSEWHERE:
        yield Ending(cancelled.received_at, cancelled.cancelled, cancelled.received_at)


def _undone(start: Discharge, after: list[Discharge]) -> Ending | None:
    """What undid the discharge, of all that was said after it.

    Once undone it stays so, and since then, whatever is said of the patient in hospital: a death there is none at home.
    """
    undid = [one for one in after if one.kind not in {"died", "withdrawn"}]
    if not undid:
        return None
    first = max(undid, key=lambda one: (one.discharged_at == start.discharged_at, one.rank))
    return Ending(first.at, "excluded" if first.why == "excluded" else "revoked", first.first_received_at)


def _recalled(start: Discharge, after: list[Discharge]) -> bool:
    """D8: somebody has to bring the patient back."""
    return any(
        one.kind == "revoked" and one.why == RECALLED for one in after if one.discharged_at == start.discharged_at
    )


def _brought_back(facts: Facts, start: Discharge, recalled: Ending) -> Ending | None:
    """When an admission, or followup's word of it, ended the recall; or a death."""
    readmitted = _standing(facts.standings, start)
    if readmitted is not None and readmitted.cancelled:
        why = readmitted.cancelled if readmitted.cancelled in {"died", *ELSEWHERE} else "revoked"
        return Ending(max(recalled.at, readmitted.received_at), why, readmitted.received_at)
    back = [stay.admitted_at for stay in facts.stays if stay.stands and stay.admitted_at >= recalled.at]
    return Ending(min(back), "revoked", max(min(back), recalled.first_received_at)) if back else None


def _standing(standings: Iterable[Standing], start: Discharge) -> Standing | None:
    name = (start.episode, start.discharged_at)
    return next((one for one in standings if one.key == name), None)


def _home(facts: Facts, start: Discharge) -> Home:
    """F9: where followup says that the patient lives now, since it said so; else where the discharge said."""
    plan = next((one for one in facts.plans if one.key == (start.episode, start.discharged_at)), None)
    first_received_at = start.needs_since or start.first_received_at
    home = Home(
        start.jurisdiction,
        start.district,
        start.time_zone,
        start.primary_institution_id,
        start.discharged_at,
        first_received_at,
    )
    if plan is None or not plan.stands or not _has_moved(plan, start):
        return home
    zone, since = plan.time_zone or start.time_zone, plan.received_at
    known_at = max(first_received_at, since)
    return Home(plan.jurisdiction, plan.district, zone, plan.primary_institution_id, since, known_at, moved=True)


def _has_moved(plan: Plan, start: Discharge) -> bool:
    """Whether followup has the patient at a place, or with an institution, that the discharge does not name.

    What it named before counts too, while followup may not have read yet what it names now; then no more: whoever goes
    there has moved, whether or not the discharge was ever said to be there.
    """
    if not plan.jurisdiction:
        return False
    is_read = plan.received_at > (start.placed_at or start.first_received_at) + FOLLOWED_WITHIN
    if plan.primary_institution_id not in {None, start.primary_institution_id, *(() if is_read else start.primaries)}:
        return True
    named = ((start.jurisdiction, start.district), *(() if is_read else start.places))
    here = (plan.jurisdiction, plain_district(plan.district))
    return here not in {(one, plain_district(district)) for one, district in named}


def _lies_in(facts: Facts, start: Discharge) -> str | None:
    """The institution that admitted the patient last since the discharge, while no end of that stay is known."""
    since = [stay for stay in facts.stays if stay.stands and stay.admitted_at > start.discharged_at]
    if not since:
        return None
    last = max(since, key=lambda stay: stay.key)
    ended = any(end.stands and end.admitted_at == last.admitted_at for end in facts.stay_ends)
    left = any(one.at >= last.admitted_at and one.kind not in {"withdrawn", "revoked"} for one in facts.discharges)
    return None if ended or left else last.institution_id
