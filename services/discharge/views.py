"""Questions that others may ask of discharge's database; read only."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from msgspec import to_builtins
from msgspec.structs import asdict

from chassis.questions.question import CaseQuestion, Location, Questions
from schemas.reference import NUCLEIC_ACID_TESTS
from services.discharge import answers
from services.discharge.domain import Conclusions, Facts
from services.discharge.domain.as_of import AsOf
from services.discharge.domain.conclude import Course
from services.discharge.domain.conclusions import CriteriaStanding, Departure, Violation
from services.discharge.domain.criteria import Judgement, judge
from services.discharge.domain.discharges import Ended, Outcome, ended_at
from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import Discharge
from services.discharge.domain.stays import named_discharges
from services.discharge.policy import CONFLICT_AFTER

ENDED_BY = {"transferred": "transferred", "died": "died"}
"""The stage that a disposition leads to; any other: discharged."""


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """Where a case stands on its way out of hospital, an entry for each episode.

    `stage`: `awaiting_admission`, `in_hospital`, `transferred`, `discharged`, `died`, or `excluded`; of the case, that
    of its last episode. `criteria`: as judged now, or as of the end of the stay; an unmet one with `next_possible_at`.
    `waiting`: discharges that no admission explains, and when they are answered. `conflicts`: discharges that end
    nothing, and why: a transfer by a house where the patient no longer lay, and what is told after a death.
    `other_stays`: those that end a stay, but none of an episode's. `tests_not_understood`: on no list of nucleic acid
    tests. `confirmed`: whether intake has said so; `place`: where the case is by its institution, while it has not.
    """
    course = Course(facts, conclusions.place)
    shown = [_episode(ended, conclusions, now) for ended in course.ended]
    return {
        "stage": shown[-1]["stage"],
        "confirmed": any(episode.confirmation for episode in course.episodes),
        "place": as_json(conclusions.place) if conclusions.place else None,
        "episodes": shown,
        "waiting": [_waiting(discharge, conclusions) for discharge in course.waiting()],
        "conflicts": list(_conflicts(course, conclusions)),
        "other_stays": [_report(discharge) for discharge in _others(course)],
        "cancellations": [to_builtins(cancellation.at) for cancellation in facts.cancellations],
        "comorbidities": [as_json(known, "rank", "withdrawn") for known in facts.comorbidities if not known.withdrawn],
        "tests_not_understood": _not_understood(facts),
        "looks_again_at": to_builtins(conclusions.due),
    }


def place(facts: Facts, conclusions: Conclusions) -> Location | None:
    """Where the case is, as intake confirmed its last episode, else by its institution."""
    found = Course(facts, conclusions.place).episodes[-1].place
    return Location(found.jurisdiction, found.district or None) if found else None


def _others(course: Course) -> Iterator[Discharge]:
    shown = {end.end.discharge.report_id for ended in course.ended for end in ended.ends}
    shown |= {discharge.report_id for discharge in course.waiting()}
    for end in course.stays.ends:
        if end.discharge.report_id not in shown and end.cancelled_at is None:
            yield end.discharge


def _conflicts(course: Course, conclusions: Conclusions) -> Iterator[dict[str, Any]]:
    for discharge in course.stays.elsewhere:
        yield {**_waiting(discharge, conclusions), "conflict": "not_in_this_house"}
    for discharge in course.stays.after_death:
        yield {**_report(discharge), "report_id": discharge.report_id, "conflict": "after_death"}


def _not_understood(facts: Facts) -> list[dict[str, Any]]:
    """The results of tests that no rule reads, each once."""
    names = {known.name: known.test for known in facts.results if not known.withdrawn}
    return [
        {"result_id": result_id, "lab": lab, "test": test}
        for (lab, result_id), test in names.items()
        if test not in NUCLEIC_ACID_TESTS
    ]


def _episode(ended: Ended, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    episode, facts, over_at = ended.episode, ended.facts.case_facts, ended_at(ended)
    judged = judge(AsOf(ended.facts, over_at or now))
    return {
        "episode": episode.number,
        "stage": _stage(episode, ended.ends, over_at, now),
        "admissions": [as_json(known, "rank", "withdrawn", "symptoms") for known in episode.admissions],
        "criteria": _criteria(judged, _of(conclusions.criteria, episode)),
        "approvals": [as_json(known, "rank", "withdrawn") for known in facts.approvals if episode.holds(known.at)],
        "discharge": _departure(_of(conclusions.departures, episode), facts),
        "discharges": [_outcome(end) for end in ended.ends],
        "violation": _violation(_of(conclusions.violations, episode)),
    }


def _stage(episode: Episode, ends: list[Outcome], ended: datetime | None, now: datetime) -> str:
    """By the last discharge that stands, if it ended the stay."""
    if episode.excluded:
        return "excluded"
    if ended is not None:
        last = next((end for end in reversed(ends) if end.why is None), None)
        return ENDED_BY.get(last.discharge.disposition, "discharged") if last else "discharged"
    admitted = episode.admitted_at is not None and episode.admitted_at <= now
    return "in_hospital" if admitted or ends else "awaiting_admission"


def _criteria(judged: Judgement, stands: CriteriaStanding | None) -> dict[str, Any]:
    """`announced`: what was last said of them, met or lost, and the instant at which that became true."""
    return {
        "as_of": to_builtins(judged.as_of.instant),
        "protocol": judged.protocol,
        "met": judged.met,
        "list": [as_json(criterion) for criterion in judged.criteria],
        "announced": {"met": stands.met, "at": to_builtins(stands.at)} if stands else None,
    }


def _departure(left: Departure | None, facts: Facts) -> dict[str, Any] | None:
    if left is None:
        return None
    name = left.report_id or left.discharge
    report = named_discharges(facts, [name])[name]
    return {**as_json(left, "episode", "discharge", "report_id"), **_report(report), "stands": left.why is None}


def _outcome(end: Outcome) -> dict[str, Any]:
    return {**_report(end.discharge), "revoked_at": to_builtins(end.revoked_at), "why": end.why}


def _violation(broken: Violation | None) -> dict[str, Any] | None:
    if broken is None:
        return None
    criteria = [as_json(criterion) for criterion in broken.criteria]
    return {**as_json(broken, "episode", "discharge", "criteria", "report_id"), "criteria": criteria}


def _waiting(discharge: Discharge, conclusions: Conclusions) -> dict[str, Any]:
    answered = discharge.report_id in conclusions.unexplained
    return {
        **_report(discharge),
        "report_id": discharge.report_id,
        "answered_at": to_builtins(discharge.received_at + CONFLICT_AFTER),
        "answered": answered,
    }


def _report(discharge: Discharge) -> dict[str, Any]:
    left_out = ("rank", "withdrawn", "received_at", "first_received_at", "report_id", "report_type", "source", "at")
    return {"discharged_at": to_builtins(discharge.at), **as_json(discharge, *left_out)}


def as_json(known: Any, *without: str) -> dict[str, Any]:
    """The fields that say something, ready for JSON."""
    return {
        name: to_builtins(value) for name, value in asdict(known).items() if value is not None and name not in without
    }


def _of(concluded: tuple[Any, ...], episode: Episode) -> Any:
    return next((found for found in concluded if found.episode == episode.number), None)


QUESTIONS: Final[Questions] = (CaseQuestion(case, answers.Case, place),)
