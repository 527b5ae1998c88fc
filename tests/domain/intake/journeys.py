"""What ports, authorities and the other services tell intake: builders with believable defaults, and journeys."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from schemas.events.discharge import Discharged, DischargeRevoked, OtherStayEnded
from schemas.events.followup import RetestedPositive
from schemas.events.treatment import (
    Admitted,
    TestResult,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
)
from schemas.message import Message
from schemas.reports.intake import CaseWithdrawn, LocalCaseReported, TravellerArrived
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


def discharged(when: str, how: str = "recovered", **changed: Any) -> Discharged:
    """Discharge's word on the first episode."""
    fields = {
        "case_id": CASE,
        "episode": 1,
        "institution_id": HOSPITAL,
        "discharged_at": at(when),
        "disposition": how,
        "time_zone": "Asia/Shanghai",
        "known_at": at(when),
        "protocol": "v8",
        "criteria_met": True,
    }
    return Discharged.model_validate({**fields, **changed})


def revoked(when: str, by: str, why: str = "corrected", **changed: Any) -> DischargeRevoked:
    """The discharge at `when` is undone at `by`."""
    fields = {"episode": 1, "discharged_at": at(when), "revoked_at": at(by), "why": why, "institution_id": HOSPITAL}
    return DischargeRevoked.model_validate({"case_id": CASE, **fields, **changed})


def other_stay(began: str, ended: str, how: str = "recovered", **changed: Any) -> OtherStayEnded:
    """A stay after the discharge, for another illness."""
    fields = {"institution_id": HOSPITAL, "admitted_at": at(began), "ended_at": at(ended), "disposition": how}
    return OtherStayEnded.model_validate({"case_id": CASE, "episode": 1, **fields, **changed})


def withdrawn(when: str) -> CaseWithdrawn:
    """The authority takes the local case back."""
    return CaseWithdrawn(case_id=CASE, withdrawn_at=at(when), reason="entered in error")


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


def taken_back_by_its_authority() -> list[Message]:
    """A local case that is withdrawn, then reported anew, and whose result was another's."""
    return [local(), recorded("r-1"), withdrawn("09-20T09:00"), local(needs=("dialysis",)), retracted(version("r-1"))]


def recalled_and_sent_on() -> list[Message]:
    """Discharged on a result that was corrected since, brought back, and sent on to another house."""
    return [
        arrived(),
        recorded("r-1"),
        discharged("10-12T10:00"),
        revoked("10-12T10:00", "10-15T09:00"),
        discharged("10-20T10:00", "transferred", to_institution_id="B"),
    ]


def died_before_the_retest() -> list[Message]:
    """The re-test is told after the death, which discharge counts in one episode and then in the other."""
    died = discharged("10-24T12:00", "died")
    positive_again = TestResultRecorded(case_id=CASE, **RETEST.model_dump())
    return [arrived(), recorded("r-1"), positive_again, retested("r-9"), died, died.model_copy(update={"episode": 2})]


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


def whole_course() -> list[Message]:
    """All that may be told of a stay that ends, and does not: at home, elsewhere, on the way, and dead."""
    return [
        local(),
        withdrawn("09-15T10:00"),
        arrived(age=None, origin_country=None),
        recorded("r-1", lab="one"),
        recorded("r-1", "not_detected", lab="another"),
        admitted("CN-SH-OTHER", "09-15T10:00"),
        admitted(),
        discharged("10-12T10:00", "transferred", to_institution_id="B"),
        admitted("C", "10-12T12:00"),
        discharged("10-14T10:00", institution_id="C"),
        other_stay("10-20T08:00", "10-21T08:00", "transferred", institution_id="C"),
        other_stay("10-20T08:00", "10-21T08:00", institution_id="C"),
        revoked("10-14T10:00", "10-22T09:00"),
        TestResultRecorded(case_id=CASE, **RETEST.model_dump()),
        retested("r-9", discharged_at=at("10-14T10:00")),
        discharged("10-24T12:00", "died"),
        discharged("10-24T12:00", "died", episode=2),
        discharged("10-24T12:00", "died", episode=2, withdrawn=True),
    ]


RECEIVED_AT = at("12-01T00:00")
"""When everything came: after all that the journeys tell."""


def small() -> Iterator[list[Message]]:
    """Journeys of a few messages, to be told in every order."""
    yield small_journey()
    yield retest_taken_back()
    yield never_admitted()
    yield taken_back_by_its_authority()
    yield recalled_and_sent_on()
    yield died_before_the_retest()


def full() -> Iterator[list[Message]]:
    """Whole journeys, to be told in any order."""
    yield full_journey()
    yield whole_course()
