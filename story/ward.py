"""The days on the ward: admission, measurements, images, treatment and tests, until shortly before leaving."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from schemas.reports.treatment import (
    ComorbidityReported,
    ImagingReported,
    PatientAdmitted,
    SeverityReported,
    SymptomsReported,
    TreatmentGiven,
)
from schemas.values import ImagingChange, Respiratory, Severity, TreatmentCategory
from story.chart import FROM_HOSPITAL, HOSPITAL, Chart
from story.laboratory import hours, swab, swab_read_wrong, swab_taken_back
from story.people import FEVER, Case, Person
from story.publication import at
from story.vitals import measured

CLOSE_DAYS: Final = 5
"""Before leaving, temperature is taken on each of so many days, and no test is positive any more."""
_ROUND_EVERY_DAYS: Final = 3
_CR_UNDER_MONTHS: Final = 72
_LONG_STAY: Final = timedelta(days=17)

_MEDICATIONS: Final[dict[TreatmentCategory, tuple[str, ...]]] = {
    "anti_infective": ("J05AX13", "L03AB05", "J05AE"),
    "traditional_chinese_medicine": ("Lianhua Qingwen", "Qingfei Paidu decoction"),
    "symptomatic": ("N02BE01", "R05CB01"),
    "nutrition": ("oral nutritional supplement",),
    "supportive": ("oxygen by nasal cannula",),
}
_COMORBIDITIES: Final = (
    ("I10", ("C08CA01",)),
    ("E11.9", ("A10BA02",)),
    ("I25.1", ("B01AC06", "C10AA05")),
    ("J45.9", ("R03AK06",)),
)


def admitted(chart: Chart, person: Person, moment: datetime, symptoms: tuple[str, ...]) -> None:
    """The admission to the designated hospital."""
    department = "paediatrics" if person.is_child else "infectious diseases"
    chart.write(
        PatientAdmitted(
            case_id=chart.case_id, institution_id=HOSPITAL, department=department, admitted_at=moment, symptoms=symptoms
        ),
        FROM_HOSPITAL,
    )


def illness(chart: Chart, case: Case, begin: datetime, end: datetime) -> None:
    """A whole course that ends well: from falling ill to being ready to leave at `end`."""
    ill_until = _ill_until(chart, case, begin, end)
    for moment in rounds(chart, begin, end):
        if not (case.twist == "temperature_unmeasured" and (end.date() - moment.date()).days == 2):
            measured(chart, case, moment, ill=moment < ill_until)
    _symptoms(chart, case, begin, end)
    _images(chart, case, begin, end)
    _severity(chart, case, begin, end)
    treated(chart, case, begin)
    _comorbidity(chart, case, begin)
    _tests_while_ill(chart, case, begin, end)


def rounds(chart: Chart, begin: datetime, end: datetime) -> Iterator[datetime]:
    """When vital signs are taken: on admission, every third morning, and every morning of the last days."""
    yield begin + hours(chart, 0.3, 1)
    for days in range((end.date() - begin.date()).days - 1, 0, -1):
        if days <= CLOSE_DAYS or days % _ROUND_EVERY_DAYS == 0:
            yield at(end.date() - timedelta(days=days), chart.dice.uniform(6.8, 8.4))


def observed(chart: Chart, moment: datetime, symptoms: tuple[str, ...], respiratory: Respiratory) -> None:
    """The physician's look at the symptoms."""
    chart.write(
        SymptomsReported(case_id=chart.case_id, observed_at=moment, symptoms=symptoms, respiratory=respiratory),
        FROM_HOSPITAL,
    )


def classed(chart: Chart, moment: datetime, severity: Severity) -> None:
    """A class of severity by a clinician."""
    chart.write(SeverityReported(case_id=chart.case_id, assessed_at=moment, severity=severity), FROM_HOSPITAL)


def imaged(chart: Chart, case: Case, moment: datetime, change: ImagingChange) -> None:
    """The chest: on radiograph in small children, else on CT."""
    small = case.person.age.months < _CR_UNDER_MONTHS
    chart.write(
        ImagingReported(
            case_id=chart.case_id,
            study_id=f"I-{chart.case_id}-{moment:%Y%m%dT%H%M}",
            modality="CR" if small else "CT",
            performed_at=moment,
            finding=_finding(case, change, small=small),
            pneumonia=_has_pneumonia(case),
            change=change,
        ),
        FROM_HOSPITAL,
    )


def treated(chart: Chart, case: Case, begin: datetime) -> None:
    """What is given in the first days, each at its own hour; a child is given all four."""
    categories: list[TreatmentCategory] = ["anti_infective", "traditional_chinese_medicine"]
    if case.person.is_child:
        categories += ["nutrition", "symptomatic"]
    elif chart.dice.random() < 0.5:
        categories.append("symptomatic")
    if case.severity in {"severe", "critical"}:
        categories.append("supportive")
    for number, category in enumerate(categories):
        given_at = begin + timedelta(hours=7 * number) + hours(chart, 2, 6)
        medication = chart.dice.choice(_MEDICATIONS[category])
        chart.write(
            TreatmentGiven(case_id=chart.case_id, given_at=given_at, category=category, medication=medication),
            FROM_HOSPITAL,
        )


def _ill_until(chart: Chart, case: Case, begin: datetime, end: datetime) -> datetime:
    """When fever (and, in the severe, breathlessness) is over: well before the last days, which D1 looks at."""
    if FEVER not in case.symptoms:
        return begin
    longest = (end - begin) - timedelta(days=CLOSE_DAYS + 2)
    return begin + min(timedelta(days=chart.dice.randint(2, 7)), longest)


def _symptoms(chart: Chart, case: Case, begin: datetime, end: datetime) -> None:
    if not case.symptoms:
        observed(chart, begin + hours(chart, 1, 3), (), "none")
        return
    observed(chart, begin + hours(chart, 1, 3), case.symptoms, "same")
    if chart.dice.random() < 0.5:
        observed(chart, _morning(chart, _part_way(begin, end, 0.5)), case.symptoms[-1:], "improved")
    observed(chart, _morning(chart, end.date() - timedelta(days=1)), (), "none")


def _images(chart: Chart, case: Case, begin: datetime, end: datetime) -> None:
    imaged(chart, case, begin + hours(chart, 3, 8), "first")
    if not _has_pneumonia(case):
        return
    if end - begin > _LONG_STAY:
        imaged(chart, case, _morning(chart, _part_way(begin, end, 0.45)), "same")
    imaged(chart, case, _morning(chart, end.date() - timedelta(days=chart.dice.randint(2, 4))), "improved")


def _has_pneumonia(case: Case) -> bool:
    return case.severity not in {"asymptomatic", "mild"}


def _finding(case: Case, change: ImagingChange, *, small: bool) -> str:
    if not _has_pneumonia(case):
        return "no abnormality"
    if change == "improved":
        return "lesions mostly absorbed"
    return "bronchopneumonia" if small else "ground-glass opacities"


def _severity(chart: Chart, case: Case, begin: datetime, end: datetime) -> None:
    if case.severity == "severe":
        classed(chart, begin + hours(chart, 1, 4), "severe")
        classed(chart, _morning(chart, _part_way(begin, end, 0.6)), "common")


def _comorbidity(chart: Chart, case: Case, begin: datetime) -> None:
    """Every fifth of those over 45 has an illness that needs regular care, and medicines for some weeks."""
    if case.person.age.months < 45 * 12 or chart.dice.random() > 0.2:
        return
    condition, medicines = chart.dice.choice(_COMORBIDITIES)
    chart.write(
        ComorbidityReported(
            case_id=chart.case_id,
            condition=condition,
            active=True,
            needs_regular_care=True,
            regular_medicines=medicines,
            medicines_last_until=case.left_at.date() + timedelta(days=chart.dice.randint(4, 40)),
        ),
        FROM_HOSPITAL,
        known_at=begin + hours(chart, 1, 5),
    )


def _tests_while_ill(chart: Chart, case: Case, begin: datetime, end: datetime) -> None:
    """One or two more positive tests; a few of them wrong at first, or taken back, or not clear."""
    window = (begin + timedelta(days=2), end - timedelta(days=CLOSE_DAYS + 1))
    parts = (0.25, 0.8) if end - begin > _LONG_STAY else (0.5,)
    for part in parts:
        collected_at = _morning(chart, _part_way(*window, part))
        chance = chart.dice.random() if case.twist == "ordinary" else 1
        if chance < 0.015:
            swab_read_wrong(chart, collected_at, "not_detected", "detected")
        elif chance < 0.025:
            swab_taken_back(chart, collected_at, "detected")
        else:
            swab(chart, collected_at, "inconclusive" if chance < 0.06 else "detected")


def _part_way(begin: datetime, end: datetime, part: float) -> date:
    return (begin + max(end - begin, timedelta()) * part).date()


def _morning(chart: Chart, day: date) -> datetime:
    return at(day, chart.dice.uniform(8.5, 11.5))
