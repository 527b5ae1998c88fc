"""Whose case it is, as far as somebody has to be found for them: where they are, and what they need (I3, Where)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from schemas.calendar import end_of, local_date
from schemas.plans import STARTS_A_PLAN
from schemas.reference import AFTERCARE_DAYS, CHILD_UNDER_MONTHS, time_zone_of
from services.intake.domain.confirmation import Episode
from services.intake.domain.departures import DIED, ending
from services.intake.domain.facts import Arrival, Facts, LocalCase
from services.intake.domain.institutions import Institutions
from services.intake.policy import WATCHED_FOR, sending

UNKNOWN = "unknown"
"""The place of a case that nobody has reported, and whose institution nobody knows."""


class Place(Struct, frozen=True, array_like=True):
    """Where a case is looked after. `district` is empty where nobody knows it."""

    jurisdiction: str
    district: str
    time_zone: str

    @property
    def is_known(self) -> bool:
        return self.jurisdiction != UNKNOWN


NOWHERE = Place(UNKNOWN, "", "UTC")


def place_of(facts: Facts, context: Institutions) -> Place:
    """Where a case is: as it was reported; else where the institution lies that admitted or discharged it last."""
    return reported_place(facts) or next(_places(facts, context), NOWHERE)


def reported_place(facts: Facts) -> Place | None:
    """Where a case is as its arrival or local report says; None while neither is known."""
    person = facts.person
    return Place(person.jurisdiction, person.residence.district, person.time_zone) if person else None


def _places(facts: Facts, context: Institutions) -> Iterator[Place]:
    discharges = [one for one in facts.discharges if not one.withdrawn]
    admissions = [one for one in facts.admissions if one.stands]
    stays = [(one.admitted_at, one.institution_id) for one in admissions]
    stays += [(one.discharged_at, one.institution_id) for one in discharges]
    for _, institution_id in sorted(stays, reverse=True):
        entry = context.entry(institution_id)
        if entry is not None:
            zone = time_zone_of(entry.jurisdiction) or next((one.time_zone for one in discharges), "UTC")
            yield Place(entry.jurisdiction, entry.district, zone)
    for one in discharges:
        if one.jurisdiction:
            yield Place(one.jurisdiction, one.district, one.time_zone)


def months_on(person: Arrival | LocalCase, instant: datetime) -> int | None:
    """The age in completed months at an instant, counted from the report's; None where it is unknown."""
    if not person.age.unit:
        return None
    zone = ZoneInfo(person.time_zone)
    reported_at = person.arrived_at if isinstance(person, Arrival) else person.confirmed_at
    then, now = reported_at.astimezone(zone), instant.astimezone(zone)
    since = (now.year - then.year) * 12 + now.month - then.month - (now.day < then.day)
    return person.age.months + max(0, since)


def is_child(person: Arrival | LocalCase | None, instant: datetime) -> bool:
    """Whether somebody is known to be under 18 at an instant."""
    months = months_on(person, instant) if person else None
    return months is not None and months < CHILD_UNDER_MONTHS


def required(person: Arrival | LocalCase | None, instant: datetime) -> tuple[str, ...]:
    """I3: every capability that a patient needs at an instant, in one order; none for an age that is unknown."""
    if person is None:
        return ()
    months = months_on(person, instant)
    terms = sending(person.jurisdiction, instant.astimezone(ZoneInfo(person.time_zone)).date())
    by_age = ("paediatric",) if months is not None and months < terms.paediatric_under_months else ()
    return tuple(dict.fromkeys((*by_age, *person.needs)))


def course(facts: Facts, episodes: tuple[Episode, ...]) -> tuple[datetime | None, datetime | None]:
    """I6: from the arrival or the confirmation to the end of aftercare or the death; open while the patient lies.

    Somebody who arrived and is no case is taken to be in the course of one for a while. Whoever is excluded is not.
    """
    person = facts.person
    standing = [episode for episode in episodes if not episode.excluded_at]
    if person is None or (episodes and not standing):
        return None, None
    if not standing:
        return (person.arrived_at, person.arrived_at + WATCHED_FOR) if isinstance(person, Arrival) else (None, None)
    begins = standing[0].confirmed_at
    if isinstance(person, Arrival):
        begins = min(begins, person.arrived_at)
    left = ending(facts, standing[-1].number)
    if left and left.how == DIED:
        return begins, left.at
    if left and left.how in STARTS_A_PLAN:
        return begins, end_of(local_date(left.at, person.time_zone) + timedelta(days=AFTERCARE_DAYS), person.time_zone)
    return begins, None
