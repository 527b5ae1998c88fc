"""What hospitals, laboratories and intake tell treatment: builders with believable defaults, and whole journeys."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.message import Message
from schemas.reports.treatment import (
    AdmissionCancelled,
    ComorbidityReported,
    ImagingReported,
    PatientAdmitted,
    SeverityReported,
    SymptomsReported,
    TestResultReported,
    TreatmentGiven,
    VitalSignsReported,
)

CASE = "case-child"
HOSPITAL = "CN-SH-SPHCC"
COUGH = "49727002"


def at(written: str) -> datetime:
    """`10-15T09:00` of 2020 in Shanghai."""
    return datetime.fromisoformat(f"2020-{written}:00+08:00")


def admitted(**changed: Any) -> PatientAdmitted:
    fields = {"institution_id": HOSPITAL, "department": "paediatrics", "admitted_at": at("09-15T11:00")}
    return PatientAdmitted(case_id=CASE, **{**fields, **changed})


def admission_cancelled(when: str, institution: str = HOSPITAL) -> AdmissionCancelled:
    return AdmissionCancelled(case_id=CASE, institution_id=institution, cancelled_at=at(when), reason="another patient")


def result(result_id: str, when: str, outcome: str = "detected", **changed: Any) -> TestResultReported:
    """Collected at `when`, resulted six hours later."""
    fields = {
        "result_id": result_id,
        "specimen_id": f"specimen-{result_id}",
        "specimen_type": "nasopharyngeal",
        "test": "94500-6",
        "result": outcome,
        "collected_at": at(when),
        "resulted_at": at(when) + timedelta(hours=6),
        "lab": "Shanghai CDC",
        "setting": "hospital",
        "status": "final",
    }
    return TestResultReported.model_validate({"case_id": CASE, **fields, **changed})


def vital_signs(when: str, **measured: Any) -> VitalSignsReported:
    if "temperature_c" in measured:
        measured = {"temperature_site": "axillary", **measured}
    return VitalSignsReported(case_id=CASE, measured_at=at(when), **measured)


def symptoms(when: str, *codes: str, respiratory: str = "same") -> SymptomsReported:
    fields = {"observed_at": at(when), "symptoms": codes, "respiratory": respiratory}
    return SymptomsReported.model_validate({"case_id": CASE, **fields})


def imaging(study_id: str, when: str, *, pneumonia: bool = True, **changed: Any) -> ImagingReported:
    fields = {"modality": "CR", "finding": "bronchopneumonia", "change": "first", **changed}
    return ImagingReported.model_validate(
        {"case_id": CASE, "study_id": study_id, "performed_at": at(when), "pneumonia": pneumonia, **fields}
    )


def severity(when: str, reported: str, *criteria: str) -> SeverityReported:
    fields = {"assessed_at": at(when), "severity": reported, "criteria": criteria}
    return SeverityReported.model_validate({"case_id": CASE, **fields})


def treatment(when: str, category: str = "anti_infective", **changed: Any) -> TreatmentGiven:
    return TreatmentGiven.model_validate({"case_id": CASE, "given_at": at(when), "category": category, **changed})


def comorbidity(condition: str = "E10.9", **changed: Any) -> ComorbidityReported:
    fields = {"active": True, "needs_regular_care": True, "regular_medicines": ("insulin",), **changed}
    return ComorbidityReported.model_validate({"case_id": CASE, "condition": condition, **fields})


def imported(months: int = 13, **changed: Any) -> CaseImported:
    """Intake's word: a child of `months` who came from the Philippines is a confirmed case."""
    fields = {
        "person_ref": "p-7c1f",
        "sex": "female",
        "age": {"value": months, "unit": "mo"} if months < 24 else {"value": months // 12, "unit": "a"},
        "nationality": "CN",
        "jurisdiction": "CN-SH",
        "time_zone": "Asia/Shanghai",
        "residence": {"jurisdiction": "CN-SH", "district": "Pudong"},
        "origin_country": "PH",
        "arrived_at": at("09-14T20:10"),
        "confirmed_at": at("09-15T09:00"),
        "basis": ("r-1",),
        "episode": 1,
    }
    return CaseImported.model_validate({"case_id": CASE, **fields, **changed})


def adult(**changed: Any) -> CaseImported:
    return imported(months=34 * 12, **changed)


def local(**changed: Any) -> LocalCaseConfirmed:
    """A resident confirmed by the authority."""
    fields = imported().model_dump(exclude_none=True) | {"confirmed_at": at("09-15T09:00")}
    return LocalCaseConfirmed.model_validate({**fields, **changed})


def excluded(episode: int = 1) -> CaseExcluded:
    return CaseExcluded(case_id=CASE, episode=episode, excluded_at=at("09-16T09:00"))


def small_journey() -> list[Message]:
    """A positive that is corrected, a fever, and a clinician's class: small enough for every order."""
    return [
        imported(),
        result("r-1", "09-14T23:00"),
        result("r-1", "09-14T23:00", "not_detected", resulted_at=at("09-16T09:00"), status="corrected"),
        vital_signs("09-15T12:00", temperature_c=39.1, respiratory_rate_per_min=44),
        severity("09-15T13:00", "common"),
    ]


def full_journey() -> list[Message]:
    """About a month in hospital with corrections, duplicates, a retraction, and a second episode."""
    return [
        imported(),
        admitted(symptoms=(COUGH,)),
        admitted(department="infectious diseases", admitted_at=at("09-15T11:30")),
        result("r-1", "09-14T23:00", status="preliminary", resulted_at=at("09-15T02:00")),
        result("r-1", "09-14T23:00"),
        result("r-1", "09-14T23:00", status="corrected", ct_values={"ORF1ab": 28.5}, resulted_at=at("09-15T07:00")),
        result("r-2", "09-20T08:00"),
        result("r-2", "09-20T08:00", status="retracted", resulted_at=at("09-21T08:00")),
        result("r-3", "10-08T08:00", "not_detected"),
        result("r-3", "10-08T08:00", "not_detected"),
        result("r-4", "10-10T08:00", "not_detected"),
        *(vital_signs(f"09-{day}T08:00", temperature_c=39.2) for day in range(16, 20)),
        vital_signs("09-19T20:00", temperature_c=39.0, spo2_percent=95),
        vital_signs("09-25T08:00", temperature_c=36.6, respiratory_rate_per_min=28, spo2_percent=97),
        symptoms("09-15T12:00", COUGH, respiratory="same"),
        symptoms("09-28T12:00", respiratory="improved"),
        imaging("s-1", "09-15T14:00"),
        imaging("s-2", "10-05T14:00", pneumonia=False, change="improved"),
        severity("09-15T16:00", "common", "pneumonia"),
        severity("10-06T16:00", "mild"),
        treatment("09-16T09:00", medication="J01CR02"),
        treatment("09-17T09:00", "nutrition"),
        comorbidity(),
        comorbidity(active=False, needs_regular_care=False),
        imported(episode=2, confirmed_at=at("10-25T18:00"), basis=("r-5",)),
        result("r-5", "10-25T08:00", setting="follow_up"),
        symptoms("10-26T12:00", COUGH, respiratory="worse"),
        severity("10-27T09:00", "mild"),
    ]


def taken_back_journey() -> list[Message]:
    """Admissions that are cancelled, one of them before it was told again, and a study that is retracted."""
    return [
        imported(symptoms=()),
        admitted(symptoms=(COUGH,)),
        admission_cancelled("09-15T18:00"),
        imaging("s-1", "09-15T14:00"),
        imaging("s-1", "09-15T14:00", status="retracted"),
        admitted(admitted_at=at("09-15T19:00")),
        admitted(institution_id="CN-SH-OTHER", admitted_at=at("09-16T08:00")),
        admission_cancelled("09-16T09:00", "CN-SH-OTHER"),
        admission_cancelled("09-16T10:00"),
        imaging("s-2", "09-17T14:00", pneumonia=False),
    ]


RECEIVED_AT = at("12-01T00:00")
"""When everything came: after all that the journeys tell."""


def small() -> Iterator[list[Message]]:
    """Journeys of a few messages, to be told in every order."""
    yield small_journey()
    yield taken_back_journey()[:5]


def full() -> Iterator[list[Message]]:
    """Whole journeys, to be told in any order."""
    yield full_journey()
    yield taken_back_journey()
