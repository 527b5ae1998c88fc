"""How a case is counted: the days on which it moves a figure, and which figures (B1, B2)."""

from collections.abc import Iterable
from datetime import date, tzinfo
from zoneinfo import ZoneInfo

from msgspec import Struct

from schemas.reference import CHILD_UNDER_MONTHS
from services.bulletin.domain.case.facts import Assessment, Facts, Leaving
from services.bulletin.policy import age_band

_FINAL = frozenset({"recovered", "against_advice"})
"""B1: what counts as a discharge. A transfer is none: the patient lies in another hospital."""


class Counted(Struct, frozen=True, array_like=True):
    """The case's row in `bulletin_case`: the civil days (its own time zone) on which it moves a figure, and which ones.

    At most one of `discharged_on` and `died_on` is set, and neither lies before `confirmed_on`: so on every day
    confirmed = discharged + deaths + in hospital (B2). `age_band` is the band in the tables of the day of discharge.
    """

    jurisdiction: str
    origin: str
    confirmed_on: date
    discharged_on: date | None
    died_on: date | None
    origin_country: str | None
    nationality: str
    severity: str | None
    age_months: int
    age_band: str
    child: bool


def counted(facts: Facts) -> Counted | None:
    """B1, B2: a case counts from its first standing episode; a later one is the same case, positive again."""
    first = next((one for one in facts.confirmations if one.stands), None)
    if first is None or first.confirmed_at is None:
        return None
    zone = ZoneInfo(first.time_zone)
    confirmed_on = first.confirmed_at.astimezone(zone).date()
    death, discharge = _endings(facts.leavings, first.episode)
    discharged_on = None if death else _on(discharge, zone, confirmed_on)
    return Counted(
        jurisdiction=first.jurisdiction,
        origin=first.origin,
        confirmed_on=confirmed_on,
        discharged_on=discharged_on,
        died_on=_on(death, zone, confirmed_on),
        origin_country=first.origin_country,
        nationality=first.nationality,
        severity=_severity(facts.assessments, discharge.episode if discharge else first.episode),
        age_months=first.age_months,
        age_band=age_band(first.jurisdiction, discharged_on or confirmed_on, first.age_months),
        child=first.age_months < CHILD_UNDER_MONTHS,
    )


def _endings(leavings: Iterable[Leaving], since_episode: int) -> tuple[Leaving | None, Leaving | None]:
    """The death, which counts instead of any discharge, and the first discharge, which no readmission undoes (B2)."""
    standing = [one for one in leavings if one.stands and one.episode >= since_episode]
    deaths = [one for one in standing if one.disposition == "died"]
    discharges = [one for one in standing if one.disposition in _FINAL]
    return min(deaths, key=lambda one: one.at, default=None), min(discharges, key=lambda one: one.at, default=None)


def _on(leaving: Leaving | None, zone: tzinfo, confirmed_on: date) -> date | None:
    """The civil day; one who was confirmed only after leaving moves both figures on the day of confirmation."""
    return max(leaving.at.astimezone(zone).date(), confirmed_on) if leaving else None


def _severity(assessments: Iterable[Assessment], episode: int) -> str | None:
    of_episode = (one for one in assessments if one.stands and one.episode == episode)
    holds = max(of_episode, key=lambda one: one.weight, default=None)
    return holds.severity if holds else None
