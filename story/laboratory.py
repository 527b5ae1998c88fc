"""Specimens and their results: also those that are preliminary first, wrong and corrected, late, or taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schemas.reports.treatment import TestResultReported
from schemas.values import ResultStatus, Setting, SpecimenType, TestOutcome
from story.chart import FROM_LABORATORY, LABORATORY, Chart
from story.publication import named

NAT: Final = "94500-6"
"""LOINC: SARS-CoV-2 RNA, respiratory specimen, by NAA with probe detection."""
_RESPIRATORY: Final[tuple[SpecimenType, ...]] = ("nasopharyngeal", "oropharyngeal", "sputum")


@dataclass(frozen=True, slots=True)
class Specimen:
    """One specimen on which one test is done, under one `result_id`."""

    specimen_id: str
    result_id: str
    kind: SpecimenType
    collected_at: datetime
    setting: Setting


def collect(chart: Chart, collected_at: datetime, setting: Setting) -> Specimen:
    """A respiratory specimen: mostly a swab, sometimes sputum."""
    kind = chart.dice.choices(_RESPIRATORY, (8, 3, 1))[0]
    number = named(chart.label("specimen"), collected_at.isoformat()).hex[:10]
    return Specimen(f"S-{number}", f"R-{number}", kind, collected_at, setting)


def result(
    chart: Chart, specimen: Specimen, outcome: TestOutcome, resulted_at: datetime, status: ResultStatus = "final"
) -> None:
    """What the laboratory found on the specimen; said again with another `status` it is the same result."""
    chart.write(
        TestResultReported(
            case_id=chart.case_id,
            result_id=specimen.result_id,
            specimen_id=specimen.specimen_id,
            specimen_type=specimen.kind,
            test=NAT,
            result=outcome,
            ct_values=_ct_values(chart) if outcome == "detected" else None,
            collected_at=specimen.collected_at,
            resulted_at=resulted_at,
            lab=LABORATORY,
            setting=specimen.setting,
            status=status,
        ),
        FROM_LABORATORY,
        known_at=resulted_at,
    )


def swab(chart: Chart, collected_at: datetime, outcome: TestOutcome, setting: Setting = "hospital") -> Specimen:
    """A specimen and its final result on the same day, five to nine hours later."""
    specimen = collect(chart, collected_at, setting)
    result(chart, specimen, outcome, collected_at + hours(chart, 5, 9))
    return specimen


def swab_read_wrong(chart: Chart, collected_at: datetime, wrong: TestOutcome, right: TestOutcome) -> None:
    """A final result that is corrected within a day and a half."""
    specimen = swab(chart, collected_at, wrong)
    result(chart, specimen, right, collected_at + hours(chart, 20, 34), "corrected")


def swab_taken_back(chart: Chart, collected_at: datetime, outcome: TestOutcome) -> None:
    """A final result that is retracted within a day and a half: specimens were mixed up."""
    specimen = swab(chart, collected_at, outcome)
    result(chart, specimen, outcome, collected_at + hours(chart, 20, 34), "retracted")


def hours(chart: Chart, least: float, most: float) -> timedelta:
    """A span of time between `least` and `most` hours, in whole seconds."""
    return timedelta(seconds=round(chart.dice.uniform(least, most) * 3600))


def _ct_values(chart: Chart) -> dict[str, float]:
    ct = chart.dice.uniform(19, 36)
    return {"ORF1ab": round(ct, 1), "N": round(ct - chart.dice.uniform(0.2, 1.8), 1)}
