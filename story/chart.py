"""What is written about one person, report by report, with a stream of chance that is that person's own."""

from datetime import datetime
from typing import Final

from schemas.message import CaseReport
from story.publication import Statement, case_id, dice

HOSPITAL: Final = "CN-SH-SPHCC"
"""The designated hospital: every case of the story is treated there, children on its paediatric ward."""
FROM_HOSPITAL: Final = f"/hospitals/{HOSPITAL}"
FROM_PORT: Final = "/ports/PVG"
FROM_PATIENT: Final = "/patients"
LABORATORY: Final = "SH-CDC"
FROM_LABORATORY: Final = f"/labs/{LABORATORY}"


class Chart:
    """Collects the statements about the person called `name`; `dice` is the only chance they may use."""

    def __init__(self, seed: int, name: str) -> None:
        self.case_id = case_id(name)
        self.dice = dice(seed, "course", name)
        self.statements: list[Statement] = []
        self._name = f"{seed}/{name}"

    def write(self, report: CaseReport, source: str, known_at: datetime | None = None) -> None:
        """One more report. `known_at`: when it could first be written, if later than when it happened.

        Raises ValueError for a report about no instant when `known_at` is not given.
        """
        known_at = known_at or report.clinical_at
        if known_at is None:
            raise ValueError(f"say when {type(report).__name__} was known")
        name = self.label(type(report).__name__)
        self.statements.append(Statement(name, report, source, known_at))

    def label(self, kind: str) -> str:
        """A name for the next thing of this kind in the chart: no two things have one name."""
        return f"{self._name}/{kind}/{len(self.statements)}"
