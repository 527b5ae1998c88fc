"""Questions that others may ask of directory's database; read only."""

from datetime import datetime
from typing import Any, Final

from msgspec import to_builtins
from msgspec.structs import asdict

from chassis.questions.question import Questions, ThingQuestion
from services.directory import answers
from services.directory.domain import Conclusions, Facts, Version, entry


def institution(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """What an institution is, was, and will be: `entry` None while nothing holds; `to_come` in order."""
    stands = entry(facts, conclusions)
    return {
        "institution_id": facts.institution_id,
        "entry": None if stands is None else as_json(stands.emitted),
        "state": "unknown" if stands is None else "delisted" if stands.is_gone else "listed",
        "version": conclusions.in_force,
        "to_come": [as_json(version) for version in facts.versions[conclusions.in_force :]],
    }


def as_json(version: Version) -> dict[str, Any]:
    shown: dict[str, Any] = to_builtins(asdict(version))
    return {name: value for name, value in shown.items() if name != "rank"}


QUESTIONS: Final[Questions] = (
    ThingQuestion("/institutions/{institution_id}", "institution", institution, answers.Institution),
)
