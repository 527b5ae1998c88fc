"""Questions that others may ask of treatment's database; read only."""

from datetime import datetime
from typing import Any

from msgspec import to_builtins
from msgspec.structs import asdict

from services.treatment.domain import Conclusions, Facts
from services.treatment.domain.results import by_result
from services.treatment.domain.taken_back import admissions, imaging

RECORDS = ("vital_signs", "symptoms", "treatments", "comorbidities")


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """What was found and done, in clinical order: results as they stand, with how many versions led there."""
    results = by_result(facts.results).values()
    return {
        "admissions": [as_json(admission) for admission in admissions(facts)],
        "imaging": [as_json(study) for study in imaging(facts)],
        **{name: [as_json(fact) for fact in getattr(facts, name)] for name in RECORDS},
        "results": [{**as_json(versions[-1]), "versions": len(versions)} for versions in results],
        "severity": [as_json(assessment) for assessment in conclusions.assessments],
    }


def as_json(fact: Any) -> dict[str, Any]:
    """The fields that say something, ready for JSON; `rank` is the service's own business."""
    fields = asdict(fact)
    return {name: to_builtins(value) for name, value in fields.items() if value is not None and name != "rank"}
