"""Questions that others may ask of treatment's database; read only."""

from datetime import datetime
from typing import Any, Final

from msgspec import to_builtins
from msgspec.structs import asdict

from chassis.questions.question import CaseQuestion, Location, Questions, WorkListQuestion
from chassis.store.connection import Connection, sql
from chassis.store.pagination import Entry, Page, read_page
from services.treatment import answers
from services.treatment.domain import Conclusions, Facts
from services.treatment.domain.results import Result, Versions, by_result, is_understood, unexplained
from services.treatment.domain.taken_back import admissions, imaging

INTERNAL = frozenset({"rank", "ranks"})
RECORDS = ("vital_signs", "symptoms", "treatments", "comorbidities")


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """What was found and done, in clinical order: results as they stand, with how many versions led there."""
    results = by_result(facts.results).values()
    waiting = {correction.of for correction in unexplained(facts)}
    return {
        "admissions": [as_json(admission) for admission in admissions(facts)],
        "imaging": [as_json(study) for study in imaging(facts)],
        **{name: [as_json(fact) for fact in getattr(facts, name)] for name in RECORDS},
        "results": [_result(versions, waiting) for versions in results],
        "severity": [as_json(assessment) for assessment in conclusions.assessments],
    }


def place(facts: Facts, conclusions: Conclusions) -> Location | None:
    """Where the case is by its last episode that stands; treatment knows it of no other."""
    found = next((episode for episode in reversed(facts.episodes) if episode.stands), None)
    return Location(found.jurisdiction, found.district or None) if found and found.jurisdiction else None


async def not_understood(connection: Connection, page: Page) -> list[Entry]:
    """The cases with tests that no list knows, the earliest first: `domain.worklist.NotUnderstood`."""
    return await read_page(connection, sql("list_not_understood", "services.treatment.sql"), page)


def _result(versions: Versions, waiting: set[Result]) -> dict[str, Any]:
    """A result as it stands, and what a reader has to know of it: nothing rests on what is not understood."""
    notes = {
        "test_not_understood": not is_understood(versions[-1]),
        "corrects_a_result_that_nobody_has": versions[-1].of in waiting,
    }
    return {
        **as_json(versions[-1]),
        "versions": len(versions),
        **{name: True for name, holds in notes.items() if holds},
    }


def as_json(fact: Any) -> dict[str, Any]:
    """The fields that say something, ready for JSON; what ranks them is the service's own business."""
    fields = asdict(fact)
    return {name: to_builtins(value) for name, value in fields.items() if value is not None and name not in INTERNAL}


QUESTIONS: Final[Questions] = (
    CaseQuestion(case, answers.Case, place),
    WorkListQuestion("not-understood", not_understood, answers.NotUnderstood),
)
