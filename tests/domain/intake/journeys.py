"""What ports, authorities and the other services tell intake: builders with believable defaults, and journeys."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from schemas.events.followup import RetestedPositive
from schemas.events.treatment import (
    Admitted,
    TestResult,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
)
from schemas.message import Message
from schemas.reports.intake import LocalCaseReported, TravellerArrived
from services.intake.domain.institutions import Institution, Institutions, directory

CASE = "case-child"
HOSPITAL = "CN-SH-SPHCC"
COUGH = "49727002"


def hospital(institution_id: str = HOSPITAL, **changed: Any) -> Institution:
    """A designated one in Jinshan that can do everything."""
    able = ("paediatric", "dialysis", "obstetric")
    fields = {"jurisdiction": "CN-SH", "district": "Jinshan", "designated": True, "capabilities": able}
    return Institution(institution_id, **{**fields, **changed})


def knowing(*institutions: Institution) -> Institutions:
    """What is known where these have been listed, and nobody was sent anywhere."""
    return Institutions(directory(institutions))


CONTEXT = knowing(hospital())
NOBODY = knowing()


def at(written: str) -> datetime:
    """`10-15T09:00` of 2020 in Shanghai."""
    return datetime.fromisoformat(f"2020-{written}:00+08:00")


PERSON: dict[str, Any] = {
    "case_id": CASE,
    "person_ref": "p-7c1f",
    "sex": "female",
    "age": {"value": 13, "unit": "mo"},
    "nationality": "CN",
    "jurisdiction": "CN-SH",
    "residence": {"jurisdiction": "CN-SH", "district": "Pudong"},
    "symptoms": (COUGH,),
}


def arrived(**changed: Any) -> TravellerArrived:
    """A child of 13 months from the Philippines, with a party."""
    fields = {
        "origin_country": "PH",
        "flight": "MU212",
        "port_of_entry": "PVG",
        "arrived_at": at("09-14T20:10"),
        "party_id": "party-4",
    }
    return TravellerArrived.model_validate({**PERSON, **fields, **changed})


def local(**changed: Any) -> LocalCaseReported:
    """The same person, had she not travelled."""
    return LocalCaseReported.model_validate({**PERSON, "confirmed_at": at("09-15T09:00"), **changed})


def version(result_id: str = "r-1", outcome: str = "detected", **changed: Any) -> TestResult:
    """Collected on the evening of the arrival, resulted in the morning."""
    fields = {
        "specimen_id": f"specimen-{result_id}",
        "specimen_type": "nasopharyngeal",
        "test": "94500-6",
        "collected_at": at("09-14T23:00"),
        "resulted_at": at("09-15T09:00"),
        "lab": "Shanghai CDC",
        "setting": "entry_screening",
        "status": "final",
    }
    return TestResult.model_validate({"result_id": result_id, "result": outcome, **fields, **changed})


def recorded(result_id: str = "r-1", outcome: str = "detected", **changed: Any) -> TestResultRecorded:
    return TestResultRecorded(case_id=CASE, **version(result_id, outcome, **changed).model_dump())


def corrected(old: TestResult, outcome: str, *earlier: TestResult, **changed: Any) -> TestResultCorrected:
    """Two days after it resulted, a result says something else."""
    fields = {"status": "corrected", "result": outcome, "resulted_at": old.resulted_at + timedelta(days=2)}
    new = TestResult.model_validate({**old.model_dump(), **fields, **changed})
    return TestResultCorrected(case_id=CASE, **new.model_dump(), old=old, new=new, earlier=earlier)


def retracted(old: TestResult, **changed: Any) -> TestResultRetracted:
    """A day after it resulted, a result never was."""
    fields = {"status": "retracted", "resulted_at": old.resulted_at + timedelta(days=1)}
    return TestResultRetracted.model_validate({"case_id": CASE, **old.model_dump(), "old": old, **fields, **changed})


def admitted(institution_id: str = HOSPITAL, when: str = "09-15T14:00", **changed: Any) -> Admitted:
    fields = {"institution_id": institution_id, "admitted_at": at(when)}
    return Admitted.model_validate({"case_id": CASE, **fields, **changed})


def retested(*evidence: str, branch: str = "readmit", **changed: Any) -> RetestedPositive:
    """Followup's word on the plan that began with the discharge of 17 October."""
    fields = {"episode": 1, "discharged_at": at("10-17T10:00"), "branch": branch, "evidence": evidence}
    return RetestedPositive.model_validate({"case_id": CASE, **fields, **changed})


RETEST = version("r-9", collected_at=at("10-24T08:00"), resulted_at=at("10-24T18:00"), setting="follow_up")


def small_journey() -> list[Message]:
    """An arrival, two positives of which one is corrected and one retracted, and an admission."""
    first, second = version("r-1"), version("r-2", resulted_at=at("09-15T12:00"))
    return [
        arrived(),
        recorded("r-1"),
        corrected(first, "not_detected"),
        retracted(second),
        admitted(),
    ]


def retest_taken_back() -> list[Message]:
    """A second episode whose re-test is retracted; followup takes its word back, as it always does then."""
    return [arrived(), recorded("r-1"), retested("r-9"), retracted(RETEST), retested("r-9", withdrawn=True)]


def never_admitted() -> list[Message]:
    """Two episodes, and nobody admits in the first."""
    positive_again = TestResultRecorded(case_id=CASE, **RETEST.model_dump())
    return [arrived(), recorded("r-1"), positive_again, retested("r-9"), admitted(when="10-24T22:00")]


def full_journey() -> list[Message]:
    """Two episodes with corrections of everything that can be corrected."""
    return [
        arrived(),
        arrived(needs=("dialysis",), symptoms=(COUGH, "tired")),
        recorded("r-0", status="preliminary", resulted_at=at("09-15T01:00")),
        recorded("r-1"),
        corrected(version("r-1"), "detected", ct_values={"N": 24.0}),
        recorded("r-2", resulted_at=at("09-15T12:00")),
        retracted(version("r-2", resulted_at=at("09-15T12:00"))),
        recorded("r-3", "not_detected", collected_at=at("10-08T08:00"), resulted_at=at("10-08T15:00")),
        recorded("r-4", test="5902-2"),
        admitted("CN-SH-OTHER", "09-15T10:00"),
        admitted(),
        admitted(when="09-15T14:30"),
        TestResultRecorded(case_id=CASE, **RETEST.model_dump()),
        retested("r-9", "symptoms@2020-10-24T07:00:00+08:00", branch="convalescent_isolation"),
        retested("r-9", "symptoms@2020-10-24T07:00:00+08:00"),
        retested("r-9", discharged_at=at("10-16T10:00"), withdrawn=True),
        admitted(when="10-24T22:00"),
        admitted(when="10-25T22:00", withdrawn=True),
    ]


RECEIVED_AT = at("12-01T00:00")
"""When everything came: after all that the journeys tell."""


def small() -> Iterator[list[Message]]:
    """Journeys of a few messages, to be told in every order."""
    yield small_journey()
    yield retest_taken_back()
    yield never_admitted()


def full() -> Iterator[list[Message]]:
    """Whole journeys, to be told in any order."""
    yield full_journey()
