"""Inputs of followup, as patients, callers and its neighbours state them: builders of messages, and whole journeys.

The child of the story, home in Shanghai since 17 October 2020 (day 0), told as `at(day, hour, minute)`: day 1 is the
18th, the plan ends at the midnight after day 14.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

from schemas.events.consultation import PatientConsulted
from schemas.events.discharge import Discharged, DischargeRevoked, OtherStayEnded
from schemas.events.intake import CaseExcluded
from schemas.events.primarycare import AlertClosed
from schemas.events.treatment import (
    Admitted,
    ImagingRecorded,
    SymptomsRecorded,
    TestResult,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
    VitalSignsRecorded,
)
from schemas.message import Message
from schemas.plans import plan_key
from schemas.reports.followup import CallReported, DayReported, ResidenceChanged, ReturnVisitReported
from schemas.values import Residence
from services.followup.domain.rounds import alert_id_of

CASE = "case-17"
HOSPITAL = "CN-SH/sphcc"
SHANGHAI = timezone(timedelta(hours=8))
HOME = Residence(jurisdiction="CN-SH", district="Pudong")
FEVER, COUGH, FATIGUE, DYSPNOEA = "386661006", "49727002", "84229001", "267036007"


def at(day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """An instant in Shanghai on a day of the plan."""
    return datetime(2020, 10, 17, tzinfo=SHANGHAI) + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def on(day: int) -> date:
    """The civil date of a day of the plan."""
    return at(day).date()


RECEIVED_AT = at(0, 18)
"""An instant before every deadline, for publishing a journey in any order."""


def discharged(when: datetime | None = None, disposition: str = "recovered", **given: Any) -> Discharged:
    """Home on 17 October 2020 at 10:00, by version 8."""
    fields: dict[str, Any] = {
        "episode": 1,
        "institution_id": HOSPITAL,
        "discharged_at": when or at(0, 10),
        "disposition": disposition,
        "destination": "home",
        "residence": HOME,
        "time_zone": "Asia/Shanghai",
        "protocol": "v8",
        "criteria_met": True,
    }
    return Discharged(case_id=CASE, **{**fields, **given})


def revoked(when: datetime, **given: Any) -> DischargeRevoked:
    fields = {"episode": 1, "discharged_at": at(0, 10), "revoked_at": when, "why": "cancelled"}
    return DischargeRevoked(case_id=CASE, **{**fields, **given})


def log(day: int, slot: str = "am", celsius: float = 36.6, **given: Any) -> DayReported:
    """The log of a slot of a day, at 8:00 or at 20:00."""
    fields: dict[str, Any] = {
        "reported_at": at(day, 8 if slot == "am" else 20),
        "local_date": on(day),
        "slot": slot,
        "temperature_c": celsius,
        "temperature_site": "axillary",
        "stayed_in": True,
        "channel": "app",
        "reporter": "guardian",
    }
    return DayReported(case_id=CASE, **{**fields, **given})


def logs(first: int, last: int) -> list[DayReported]:
    """Both slots of each day from `first` to `last`."""
    return [log(day, slot) for day in range(first, last + 1) for slot in ("am", "pm")]


def called(call_id: str, when: datetime, outcome: str = "reached", **given: Any) -> CallReported:
    return CallReported(case_id=CASE, call_id=call_id, called_at=when, **{"outcome": outcome, **given})


def visited(visit: str, when: datetime | None) -> ReturnVisitReported:
    return ReturnVisitReported.model_validate({"case_id": CASE, "visit": visit, "attended_at": when})


def closed(alert_id: str, **given: Any) -> AlertClosed:
    return AlertClosed(case_id=CASE, **{"episode": 1, "alert_id": alert_id, "level": 0, "why": "acknowledged", **given})


def retested(result_id: str, when: datetime, result: str = "not_detected", **given: Any) -> TestResultRecorded:
    """A final re-test on a nasopharyngeal swab, resulted six hours after its collection."""
    fields: dict[str, Any] = {
        "result_id": result_id,
        "specimen_id": f"sp-{result_id}",
        "specimen_type": "nasopharyngeal",
        "test": "94500-6",
        "result": result,
        "collected_at": when,
        "resulted_at": when + timedelta(hours=6),
        "lab": "lab-1",
        "setting": "follow_up",
        "status": "final",
    }
    return TestResultRecorded(case_id=CASE, **{**fields, **given})


def corrected(old: TestResultRecorded, resulted_at: datetime, **given: Any) -> TestResultCorrected:
    """`old` as corrected at `resulted_at`."""
    now = _changed(old, {"resulted_at": resulted_at, "status": "corrected", **given})
    return TestResultCorrected(case_id=CASE, **now, old=TestResult(**_changed(old, {})), new=TestResult(**now))


def retracted(old: TestResultRecorded, resulted_at: datetime) -> TestResultRetracted:
    """`old` as taken back at `resulted_at`."""
    return TestResultRetracted(case_id=CASE, **_changed(old, {"resulted_at": resulted_at, "status": "retracted"}))


def admitted(when: datetime, **given: Any) -> Admitted:
    """Back in a hospital."""
    return Admitted(case_id=CASE, **{"institution_id": "CN-SH/other", "admitted_at": when, **given})


def stay_ended(admitted_at: datetime, when: datetime, **given: Any) -> OtherStayEnded:
    """Home from another stay than the episode's."""
    fields = {"episode": 1, "institution_id": "CN-SH/other", "disposition": "recovered"}
    return OtherStayEnded(case_id=CASE, **{**fields, "admitted_at": admitted_at, "ended_at": when, **given})


def excluded(when: datetime, **given: Any) -> CaseExcluded:
    return CaseExcluded(case_id=CASE, **{"episode": 1, "excluded_at": when, "why": "no_result", **given})


def moved(since: datetime, district: str, jurisdiction: str = "CN-SH", **given: Any) -> ResidenceChanged:
    fields = {"from": since, "residence": {"jurisdiction": jurisdiction, "district": district}}
    return ResidenceChanged.model_validate({"case_id": CASE, **fields, **given})


def measured(when: datetime, celsius: float | None = 36.6, site: str = "axillary") -> VitalSignsRecorded:
    return VitalSignsRecorded.model_validate(
        {"case_id": CASE, "measured_at": when, "temperature_c": celsius, "temperature_site": site}
    )


def observed(when: datetime, *symptoms: str) -> SymptomsRecorded:
    return SymptomsRecorded(case_id=CASE, observed_at=when, symptoms=symptoms, respiratory="same")


def imaged(study_id: str, when: datetime, change: str = "progressed") -> ImagingRecorded:
    return ImagingRecorded.model_validate(
        {
            "case_id": CASE,
            "study_id": study_id,
            "modality": "CT",
            "performed_at": when,
            "finding": "ground-glass opacity",
            "pneumonia": True,
            "change": change,
        }
    )


def consulted(when: datetime, *symptoms: str, **given: Any) -> PatientConsulted:
    """A consultation online, asked for under the case; it waits unless said otherwise."""
    fields: dict[str, Any] = {"consultation_id": "c-1", "requested_at": when, "symptoms": symptoms, "state": "waiting"}
    return PatientConsulted(case_id=CASE, **{**fields, **given})


def held(when: datetime, *symptoms: str, **given: Any) -> PatientConsulted:
    """The same consultation, held half an hour later."""
    return consulted(when, *symptoms, **{"state": "held", "held_at": when + timedelta(minutes=30), **given})


RETURNED = visited("week_2", at(14, 15))
"""The first of the two return visits, on the day it is due."""
TESTED = retested("due-7", at(7, 7)), retested("due-14", at(14, 7))
"""The due re-tests, both negative."""
POSITIVE = retested("r-7", at(7), "detected")


def ordinary() -> list[Message]:
    """The fourteen days with the fifth missed, both re-tests negative."""
    tests = [retested("r-7", at(7)), retested("r-14", at(14))]
    return [discharged(), *logs(1, 4), *logs(6, 14), *tests, called("call-1", at(6, 11)), visited("week_2", at(14, 15))]


def small() -> Iterator[list[Message]]:
    """Journeys of few messages, for every order of them."""
    cured = retested("r-8", at(8)), retested("r-9", at(9))
    yield [discharged(), log(1), log(1, celsius=37.0, reported_at=at(1, 9)), log(2, "pm"), called("call-1", at(4, 10))]
    yield [discharged(), revoked(at(2)), discharged(), log(1), log(3)]
    yield [discharged(), revoked(at(2)), discharged(at(3, 11)), log(1), log(4)]
    yield [discharged(), discharged(at(5, 4), "died"), log(1), discharged(at(5, 4), "died", withdrawn=True)]
    yield [discharged(), POSITIVE, log(7, celsius=38.2), corrected(POSITIVE, at(8), result="not_detected"), log(8)]
    yield [discharged(), POSITIVE, *cured, measured(at(7, 10), 38.0), measured(at(7, 10), 36.8)]
    yield [discharged(), POSITIVE, observed(at(6), COUGH), retracted(POSITIVE, at(9)), log(6, symptoms=(FEVER,))]
    yield [discharged(), POSITIVE, imaged("s-1", at(7)), imaged("s-1", at(7), "same"), retested("r-8", at(8))]
    yield [
        discharged(),
        log(3, celsius=38.2),
        measured(at(3, 12), 38.6),
        _closed(3, "fever"),
        visited("week_2", at(17)),
    ]
    yield [
        discharged(disposition="against_advice"),
        log(2, stayed_in=False),
        _closed(0, "against_advice"),
        revoked(at(9)),
        discharged(),
    ]
    yield [
        discharged(),
        admitted(at(5, 10)),
        stay_ended(at(5, 10), at(7, 9)),
        log(5),
        admitted(at(5, 10), withdrawn=True),
    ]
    yield [discharged(), excluded(at(3)), log(1), moved(at(2), "Minhang"), excluded(at(3), withdrawn=True)]
    yield [discharged(), revoked(at(3), why="corrected"), admitted(at(4, 9)), log(2), log(2, reported_at=at(2, 9))]
    yield [discharged(), consulted(at(6), COUGH), held(at(6), COUGH, refers=True), POSITIVE, retested("r-8", at(8))]
    yield [discharged(), held(at(6), refers=True), held(at(6), COUGH, withdrawn=True), _closed(6, "consultation")]
    second = discharged(at(12), episode=2)
    yield [discharged(), log(13), second, retested("r-1", at(13), "detected"), visited("week_2", None)]


def _closed(day: int, why: str) -> AlertClosed:
    """Primary care's word that the alert of a day asks for nothing more."""
    return closed(alert_id_of(CASE, plan_key(1, at(0, 10)), day, why))


def full() -> Iterator[list[Message]]:
    """Whole plans with what goes wrong in them."""
    again = [log(3, "pm", 36.9, reported_at=at(3, 22)), *logs(2, 3), retested("r-7", at(7), status="preliminary")]
    yield ordinary()
    yield [*ordinary(), *again, log(5, reported_at=at(6, 9)), measured(at(-3), 38.5), measured(at(-3), 36.5)]
    yield [*ordinary(), POSITIVE, corrected(POSITIVE, at(8), result="not_detected"), observed(at(7), FEVER)]
    yield [discharged(), *logs(1, 14), POSITIVE, log(7, celsius=38.5), *second_episode()]
    yield [discharged(), *logs(1, 14), POSITIVE, retested("r-8", at(15)), retested("r-9", at(16, 8)), *logs(15, 16)]
    yield [
        discharged(),
        *logs(1, 3),
        called("hotline-1", at(8, 9), "refused"),
        *logs(10, 11),
        visited("week_2", at(16)),
    ]
    yield [
        *ordinary(),
        log(9, celsius=38.3),
        observed(at(9), COUGH),
        log(10, stayed_in=False),
        _closed(9, "fever"),
        visited("week_4", at(31)),
    ]
    yield [*ordinary(), consulted(at(9, 3), FEVER), held(at(9, 3), FEVER, refers=True), held(at(20), DYSPNOEA)]
    yield [discharged(), *logs(1, 6), revoked(at(6, 12)), discharged(at(9, 10)), *logs(7, 14)]


def second_episode() -> list[Message]:
    """Readmitted, and home again on day 20."""
    home = discharged(at(20, 10), episode=2)
    return [
        measured(at(8), 38.4),
        home,
        *logs(21, 24),
        retested("r-27", at(27)),
        discharged(at(30, 4), "died", episode=2),
    ]


def _changed(old: TestResultRecorded, given: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(old, name) for name in TestResult.model_fields} | given
