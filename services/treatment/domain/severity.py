"""S3: how ill, by the protocol's rule and by the clinician, and which of the two holds.

The class of an episode is that of its whole course: who has been short of breath does not become asymptomatic by
recovering. So the rule only ever raises it; to lower it is a clinician's judgement, made by a report.
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from schemas.reference import protocol_on
from services.treatment.domain.courses import Course, courses
from services.treatment.domain.facts import Facts, ReportedSeverity
from services.treatment.domain.signs import Sign, observed_since, signs

GRAVITY = {"asymptomatic": 0, "mild": 1, "common": 2, "severe": 3, "critical": 4}


class ClassInForce(Struct, frozen=True, array_like=True, gc=False):
    """The class that held from an instant on."""

    since: datetime
    severity: str


class Assessment(Struct, frozen=True, array_like=True, gc=False):
    """A class of one episode. `by`: `rule` or `report`; both are shown, `prevails` says which holds (S3).

    `history`: the classes that held, and since when, oldest first; the last of them holds now.
    """

    episode: int
    by: str
    severity: str
    criteria: tuple[str, ...]
    protocol: str
    assessed_at: datetime
    prevails: bool
    history: tuple[ClassInForce, ...] = ()


def assess(facts: Facts) -> tuple[Assessment, ...]:
    """The classes of every episode: by rule once intake has confirmed it, by report once there is one."""
    return tuple(assessment for course in courses(facts) for assessment in _assess(course))


def _assess(course: Course) -> Iterator[Assessment]:
    reported = max(course.severities, key=_precedence, default=None)
    met = list(signs(course)) if course.episode.stands else []
    by_rule = _by_rule(course, reported, met) if course.episode.stands else None
    history = tuple(_history(course, met))
    if by_rule:
        yield replace(by_rule, history=history)
    if reported:
        prevails = not (by_rule and by_rule.prevails)
        given = reported.severity, reported.criteria, reported.at
        yield replace(_assessment(course, "report", *given, prevails=prevails), history=history)


def _precedence(reported: ReportedSeverity) -> tuple[datetime, str]:
    """Of two clinicians at one instant the one who wrote it down later holds."""
    return reported.at, reported.rank


def _history(course: Course, met: list[Sign]) -> Iterator[ClassInForce]:
    """S3, instant by instant: the class in force as of a clinical time, by what was found or reported up to it."""
    first = observed_since(course) if course.episode.stands else None
    found = [(sign.at, 0, "", sign.severity) for sign in met]
    if first:
        found.append((first, 0, "", "asymptomatic"))
    reports = [(reported.at, 1, reported.rank, reported.severity) for reported in course.severities]
    holds: str | None = None
    for at, is_report, _, severity in sorted([*found, *reports]):
        now = severity if is_report or holds is None or GRAVITY[severity] > GRAVITY[holds] else holds
        if now != holds:
            holds = now
            yield ClassInForce(at, now)


def _by_rule(course: Course, reported: ReportedSeverity | None, met: list[Sign]) -> Assessment | None:
    """S3: the report wins at the same or a later clinical time; a sign after it that is not graver proves nothing."""
    if not met:
        since = observed_since(course)
        return _assessment(course, "rule", "asymptomatic", (), since, prevails=not reported) if since else None
    graver = _graver_since(met, reported) if reported else []
    weighed = graver or met
    severity = max((sign.severity for sign in weighed), key=GRAVITY.__getitem__)
    since = min(sign.at for sign in weighed if sign.severity == severity)
    criteria = _criteria(met, weighed, severity)
    return _assessment(course, "rule", severity, criteria, since, prevails=bool(graver) or not reported)


def _graver_since(met: list[Sign], reported: ReportedSeverity) -> list[Sign]:
    gravity = GRAVITY[reported.severity]
    return [sign for sign in met if GRAVITY[sign.severity] > gravity and sign.at > reported.at]


def _criteria(met: list[Sign], weighed: list[Sign], severity: str) -> tuple[str, ...]:
    """What the class rests on. Common is pneumonia with symptoms (S1), so the symptoms are named beside it."""
    criteria = {sign.criterion for sign in weighed if sign.severity == severity}
    if severity == "common":
        criteria |= {sign.criterion for sign in met if sign.severity == "mild"}
    return tuple(sorted(criteria))


def _assessment(
    course: Course, by: str, severity: str, criteria: tuple[str, ...], at: datetime, *, prevails: bool
) -> Assessment:
    episode = course.episode
    day = (at.astimezone(ZoneInfo(episode.time_zone)) if episode.stands else at).date()
    protocol = protocol_on(episode.jurisdiction, day).version
    return Assessment(episode.number, by, severity, criteria, protocol, at, prevails)
