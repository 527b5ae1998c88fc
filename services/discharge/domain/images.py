"""D3 through time: imaging clearly improved, or no pneumonia ever seen; never imaged: not below severity common."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from services.discharge.domain.facts import Assessment, Study
from services.discharge.domain.timeline import Spells, spells

IMAGING_REQUIRED: Final = frozenset({"common", "severe", "critical"})


def imaging_fine(studies: tuple[Study, ...], assessments: tuple[Assessment, ...]) -> Spells:
    """When D3 was met."""
    return spells(_fine(studies, assessments), before=True)


def _fine(studies: tuple[Study, ...], assessments: tuple[Assessment, ...]) -> Iterator[tuple[datetime, bool]]:
    """By the severity until there is a study, then by the studies alone."""
    highest = None
    for known in assessments:
        if studies and known.at >= studies[0].at:
            break
        weight = known.prevails, known.at, known.by == "report"  # the class that holds of two (S3)
        if highest is None or weight > highest[0]:
            highest = weight, known.severity
        yield known.at, highest[1] not in IMAGING_REQUIRED
    pneumonia = False
    for study in studies:
        pneumonia = pneumonia or study.pneumonia
        yield study.at, study.change == "improved" or not pneumonia
