"""S1 and S2: what in the course of an episode speaks for which class of severity."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.ages import grown
from schemas.calendar import local_date
from schemas.values import on_air
from services.treatment.domain.courses import Course
from services.treatment.domain.facts import Episode, VitalSigns
from services.treatment.policy import Limits, limits_on

ONE_DAY = timedelta(days=1)

Measurements = list[tuple[VitalSigns, Limits]]
"""Vital signs, each with the limits in force on its clinical day."""


class Sign(NamedTuple):
    """At an instant, a criterion of a class was met."""

    at: datetime
    severity: str
    criterion: str


def signs(course: Course) -> Iterator[Sign]:
    """Everything that speaks for more than an asymptomatic infection, in no particular order."""
    yield from _of_symptoms(course)
    yield from _of_imaging(course)
    measurements = [(measured, _limits(course, measured.measured_at)) for measured in course.vital_signs]
    yield from _of_temperatures(measurements, course.episode.time_zone)
    yield from _of_breathing(measurements)


def observed_since(course: Course) -> datetime | None:
    """When symptoms, imaging or vital signs were first looked at; None: there is nothing to judge."""
    firsts = [found[0].at for found in (course.symptoms, course.imaging, course.vital_signs) if found]
    return min(firsts, default=None)


def _of_symptoms(course: Course) -> Iterator[Sign]:
    """S1 mild: symptoms without pneumonia. Symptoms told to intake belong to the first episode."""
    episode = course.episode
    if episode.symptoms and episode.symptoms_at and episode.number == 1:
        yield Sign(episode.symptoms_at, "mild", "symptoms")
    for admission in course.admissions:
        if admission.symptoms:
            yield Sign(admission.admitted_at, "mild", "symptoms")
    for seen in course.symptoms:
        if seen.symptoms or seen.respiratory == "worse":
            yield Sign(seen.observed_at, "mild", "symptoms")


def _of_imaging(course: Course) -> Iterator[Sign]:
    """S1 common: pneumonia (also where no symptom was ever reported: S1 has no lighter class for it).

    S2 severe, adults: lesions that progress by more than 50 % (the report's figure is that of 24 to 48 h).
    """
    for study in course.imaging:
        if study.pneumonia:
            yield Sign(study.performed_at, "common", "pneumonia")
        if study.progression_percent is not None:
            limit = _limits(course, study.performed_at).progression
            if limit is not None and study.progression_percent > limit:
                yield Sign(study.performed_at, "severe", "lesion_progression")


def _of_temperatures(measurements: Measurements, time_zone: str) -> Iterator[Sign]:
    """S1 mild: a measured fever is a symptom. S2 severe, children: a high one that lasts."""
    high = []
    for measured, limits in measurements:
        celsius = measured.temperature_c
        if celsius is None or celsius < limits.fever_c[measured.temperature_site or "axillary"]:
            continue
        yield Sign(measured.measured_at, "mild", "fever")
        if limits.high_fever_c is not None and celsius >= limits.high_fever_c:
            high.append((measured.measured_at, limits.high_fever))
    if high:
        yield from _of_high_fever(high, time_zone)


def _of_breathing(measurements: Measurements) -> Iterator[Sign]:
    """S2 severe, in the order of the protocol."""
    for measured, limits in measurements:
        rate, spo2, ratio = measured.respiratory_rate_per_min, measured.spo2_percent, measured.pao2_fio2_mmhg
        if rate is not None and rate >= limits.rate:
            yield Sign(measured.measured_at, "severe", "respiratory_rate")
        if spo2 is not None and spo2 <= limits.spo2 and not (limits.spo2_on_air_only and _is_supported(measured)):
            yield Sign(measured.measured_at, "severe", "spo2")
        if ratio is not None and limits.pao2_fio2 is not None and ratio <= limits.pao2_fio2:
            yield Sign(measured.measured_at, "severe", "pao2_fio2")


def _is_supported(measured: VitalSigns) -> bool:
    return not on_air(measured.oxygen_support)


def _of_high_fever(high: list[tuple[datetime, timedelta]], time_zone: str) -> Iterator[Sign]:
    """S2 severe, children: high fever for more than 3 days: over 72 h from the first high measurement to another.

    A civil day without a high measurement ends it; a lower one on the same day does not, as medicines lower a fever.
    """
    zone = ZoneInfo(time_zone)
    since = before = None
    for at, limit in high:
        day = at.astimezone(zone).date()
        if since is None or before is None or day - before > ONE_DAY:
            since = at
        before = day
        if at - since > limit:
            yield Sign(at, "severe", "high_fever")


def _limits(course: Course, at: datetime) -> Limits:
    episode = course.episode
    day = local_date(at, episode.time_zone)
    return limits_on(episode.jurisdiction, day, _age_months(episode, day))


def _age_months(episode: Episode, day: date) -> int | None:
    """On a clinical day, counted from the report's; None where it is not known: the adult's limits then."""
    if not episode.age_is_known:
        return None
    if episode.symptoms_at is None:
        return episode.age_months
    return grown(episode.age_months, local_date(episode.symptoms_at, episode.time_zone), day)
