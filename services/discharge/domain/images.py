"""D3 through time: imaging clearly improved, or no pneumonia ever seen; never imaged: not below severity common."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from services.discharge.domain.facts import Assessment, Study
from services.discharge.domain.timeline import Spells, spells

IMAGING_REQUIRED: Final = frozenset({"common", "severe", "critical"})


def imaging_fine(studies: tuple[Study, ...], assessments: tuple[Assessment, ...]) -> Spells:
    """When D3 was met. Once there is a study, the severity no longer counts."""
    if studies:
        imaged_from = studies[0].at
        assessments = tuple(known for known in assessments if known.at < imaged_from)
    return spells([*_by_severity(assessments), *_by_studies(studies)], before=True)


def _by_severity(assessments: tuple[Assessment, ...]) -> Iterator[tuple[datetime, bool]]:
    """The class that holds of the rule's and the clinician's (S3)."""
    for number, latest in enumerate(assessments, start=1):
        holds = max(assessments[:number], key=lambda known: (known.prevails, known.at, known.by == "report"))
        yield latest.at, holds.severity not in IMAGING_REQUIRED


def _by_studies(studies: tuple[Study, ...]) -> Iterator[tuple[datetime, bool]]:
    pneumonia = False
    for study in studies:
        pneumonia = pneumonia or study.pneumonia
        yield study.at, study.change == "improved" or not pneumonia
