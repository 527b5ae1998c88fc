"""D3: whether the images of the chest have clearly improved, and since when."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Final

from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.facts import Assessment
from services.discharge.domain.timeline import Spells, last_by, spells

SAME: Final = "same"
IMAGING_REQUIRED: Final = frozenset({"common", "severe", "critical"})
"""The severities at which a patient who was never imaged does not meet the criterion."""


class Imaging:
    """D3. Imaging clearly improved, or no pneumonia to be seen; never imaged: not required below severity common.

    Source: trial versions 6 to 10, criteria for discharge.
    """

    name: ClassVar[str] = "imaging"
    required: ClassVar[bool] = True

    def __init__(self, as_of: AsOf) -> None:
        self.as_of = as_of
        self._fine, self._since = as_of.facts.once(_fine).at(as_of.local)

    def judge(self) -> Criterion:
        """By the last study, or by the severity while there is none."""
        studies = self.as_of.facts.studies
        last = last_by(studies, self.as_of.local)
        evidence = (studies[last].study_id,) if last >= 0 else ()
        return Criterion(self.name, self._fine, self._since if self._fine else None, evidence)

    def unmet_from(self) -> datetime | None:
        """The study or the assessment from which on it was not fine."""
        return self._since

    def next_changes(self) -> None:
        """The clock alone never turns it."""


def _fine(facts: EpisodeFacts) -> Spells:
    """When it was met."""
    return spells(_found(facts), before=True)


def _found(facts: EpisodeFacts) -> Iterator[tuple[datetime, bool]]:
    """By the severity until there is a study, then by the studies alone; `same` says the word before again."""
    studies = facts.studies
    for at, severity in facts.once(_classes):
        if studies and at >= studies[0].at:
            break
        yield at, severity not in IMAGING_REQUIRED
    word = ""
    for study in studies:
        word = word if study.change == SAME else study.change
        yield study.at, word == "improved" or not study.pneumonia


def _classes(facts: EpisodeFacts) -> list[tuple[datetime, str]]:
    """S3. The class that held, from each instant on at which it changed: as treatment tells the whole history of it.

    Events of the first edition tell none: then the last word of each, the rule and the clinician.
    """
    histories = [known for known in facts.assessments if known.history and known.episode == facts.episode.number]
    if histories:
        last = max(histories, key=_prevailing)
        return [(known.at, known.severity) for known in last.history]
    found: list[tuple[datetime, str]] = []
    highest = None
    for known in facts.assessments:
        weight = known.prevails, known.at, known.by == "report"  # the class that holds of two (S3)
        if highest is None or weight > highest[0]:
            highest = weight, known.severity
        found.append((known.at, highest[1]))
    return found


def _prevailing(known: Assessment) -> tuple[bool, str]:
    return known.prevails, known.rank
