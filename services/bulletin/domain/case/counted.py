"""How a case is counted: the days on which it moves a figure, and which figures (B1, B2)."""

from collections.abc import Iterable, Iterator
from datetime import date, tzinfo
from zoneinfo import ZoneInfo

from msgspec import Struct

from schemas.reference import CHILD_UNDER_MONTHS
from services.bulletin.domain.case.facts import Assessment, Confirmation, Facts, Leaving
from services.bulletin.policy import UNKNOWN, age_band, counts_asymptomatic_apart

_FINAL = frozenset({"recovered", "against_advice"})
"""B1: what counts as a discharge. A transfer is none: the patient lies in another hospital."""


class Counted(Struct, frozen=True, array_like=True):
    """The case's row in `bulletin_case`: the civil days (its own time zone) on which it moves a figure, and which ones.

    At most one of `discharged_on` and `died_on` is set, and neither lies before `confirmed_on`: so on every day
    confirmed = discharged + deaths + in hospital (B2). `age_band` is the band in the tables of the day of discharge;
    `age_months` None: the age is not known. An asymptomatic infection that is counted apart has `asymptomatic_on`, and
    at most one of `turned_on`, from which it is a confirmed case, and `released_on`.
    """

    jurisdiction: str
    origin: str
    confirmed_on: date | None
    discharged_on: date | None
    died_on: date | None
    origin_country: str | None
    nationality: str
    severity: str | None
    age_months: int | None
    age_band: str
    child: bool
    asymptomatic_on: date | None = None
    turned_on: date | None = None
    released_on: date | None = None


def counted(facts: Facts) -> Counted | None:
    """B1, B2: a case counts from its first standing episode; a later one is the same case, positive again."""
    first = next((one for one in facts.confirmations if one.stands), None)
    if first is None or first.confirmed_at is None:
        return None
    zone = ZoneInfo(first.time_zone)
    infected_on = first.confirmed_at.astimezone(zone).date()
    death, discharge = _endings(facts.leavings, first.episode)
    left_on = None if death else _on(discharge, zone, infected_on)
    died_on = _on(death, zone, infected_on)
    confirmed_on = _confirmed_on(first, facts.assessments, infected_on, left_on, died_on)
    is_apart = confirmed_on != infected_on
    months = first.age_months if first.age_is_known else None
    return Counted(
        jurisdiction=first.jurisdiction,
        origin=first.origin,
        confirmed_on=confirmed_on,
        discharged_on=left_on if confirmed_on else None,
        died_on=died_on,
        origin_country=(first.origin_country or UNKNOWN) if first.origin == "imported" else None,
        nationality=first.nationality or UNKNOWN,
        severity=_severity(facts.assessments, discharge.episode if discharge else first.episode),
        age_months=months,
        age_band=age_band(first.jurisdiction, left_on or infected_on, months),
        child=months is not None and months < CHILD_UNDER_MONTHS,
        asymptomatic_on=infected_on if is_apart else None,
        turned_on=confirmed_on if is_apart else None,
        released_on=left_on if confirmed_on is None else None,
    )


def _confirmed_on(
    first: Confirmation,
    assessments: Iterable[Assessment],
    infected_on: date,
    left_on: date | None,
    died_on: date | None,
) -> date | None:
    """B1: where asymptomatic infections are counted apart, the first civil day with a class of mild or more.

    A local case is confirmed by its `confirmed_at`. What is found after the patient has left turns nobody into a case,
    and who died of it was one, at the latest on that day (*default*).
    """
    if first.origin == "local" or not counts_asymptomatic_apart(first.jurisdiction, infected_on):
        return infected_on
    days = _ill_days(first, _holding(assessments, first.episode), infected_on)
    ill_on = min((day for day in days if left_on is None or day <= left_on), default=None)
    return min((day for day in (ill_on, died_on) if day is not None), default=None)


def _ill_days(first: Confirmation, holds: Assessment | None, infected_on: date) -> Iterator[date]:
    """The civil days from which on the class is mild or more; while none is known, symptoms on arrival are enough."""
    zone = ZoneInfo(first.time_zone)
    known = [(max(since.astimezone(zone).date(), infected_on), name) for since, name in holds.classes] if holds else []
    yield from (day for day, name in known if name != "asymptomatic")
    if first.has_symptoms and all(day > infected_on for day, _ in known):
        yield infected_on


def _endings(leavings: Iterable[Leaving], since_episode: int) -> tuple[Leaving | None, Leaving | None]:
    """The death, which counts instead of any discharge, and the first discharge, which no readmission undoes (B2)."""
    standing = [one for one in leavings if one.stands and one.episode >= since_episode]
    deaths = [one for one in standing if one.disposition == "died"]
    discharges = [one for one in standing if one.disposition in _FINAL]
    return min(deaths, key=lambda one: one.at, default=None), min(discharges, key=lambda one: one.at, default=None)


def _on(leaving: Leaving | None, zone: tzinfo, infected_on: date) -> date | None:
    """The civil day; one who was confirmed only after leaving moves both figures on the day of confirmation."""
    return max(leaving.at.astimezone(zone).date(), infected_on) if leaving else None


def _holding(assessments: Iterable[Assessment], episode: int) -> Assessment | None:
    of_episode = (one for one in assessments if one.stands and one.episode == episode)
    return max(of_episode, key=lambda one: one.weight, default=None)


def _severity(assessments: Iterable[Assessment], episode: int) -> str | None:
    holds = _holding(assessments, episode)
    return holds.severity if holds else None
