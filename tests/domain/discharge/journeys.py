"""Inputs of discharge, as its neighbours state them: builders of single messages, and whole journeys of them.

All of Shanghai, autumn 2020: confirmed on 1 October, admitted the same day. Times are told as `at(day, hour, minute)`
in October; a day past 31 runs on into November.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from schemas.events.intake import CaseExcluded, CaseImported
from schemas.events.treatment import (
    Admitted,
    ComorbidityRecorded,
    ImagingRecorded,
    SeverityAssessed,
    SymptomsRecorded,
    TestResult,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
    VitalSignsRecorded,
)
from schemas.message import Message
from schemas.reports.discharge import DischargeApproved, DischargeCancelled, Override, PatientDischarged
from schemas.values import Age, Residence

CASE = "case-17"
HOSPITAL = "CN-SH/sphcc"
SHANGHAI = timezone(timedelta(hours=8))
HOME = Residence(jurisdiction="CN-SH", district="Pudong")


def at(day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """An instant in Shanghai, October 2020."""
    return datetime(2020, 10, 1, tzinfo=SHANGHAI) + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)


RECEIVED_AT = at(26)
"""When everything came: after all that the journeys tell, before any answer to an unexplained discharge is due."""


def confirmed(**given: Any) -> CaseImported:
    """The child of the story: an imported case, confirmed on 1 October."""
    fields: dict[str, Any] = {
        "case_id": CASE,
        "person_ref": "p-17",
        "sex": "female",
        "age": Age(value=13, unit="mo"),
        "nationality": "CN",
        "jurisdiction": "CN-SH",
        "time_zone": "Asia/Shanghai",
        "residence": HOME,
        "origin_country": "PH",
        "arrived_at": at(1, 2),
        "confirmed_at": at(1, 7),
        "basis": ("r-1",),
        "episode": 1,
    }
    return CaseImported(**{**fields, **given})


def excluded(when: datetime, **given: Any) -> CaseExcluded:
    return CaseExcluded(case_id=CASE, **{"episode": 1, "excluded_at": when, **given})


def admitted(when: datetime | None = None, **given: Any) -> Admitted:
    fields = {"institution_id": HOSPITAL, "admitted_at": when or at(1, 10)}
    return Admitted(case_id=CASE, **{**fields, **given})


def _result(result_id: str, when: datetime, result: str, **given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "result_id": result_id,
        "specimen_id": f"sp-{result_id}",
        "specimen_type": "nasopharyngeal",
        "test": "94500-6",
        "result": result,
        "collected_at": when,
        "resulted_at": when + timedelta(hours=6),
        "lab": "lab-1",
        "setting": "hospital",
        "status": "final",
    }
    return {**fields, **given}


def _changed(old: TestResultRecorded, given: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(old, name) for name in TestResult.model_fields} | given


def swabbed(result_id: str, when: datetime, result: str = "not_detected", **given: Any) -> TestResultRecorded:
    """A final NAT on a nasopharyngeal swab, resulted six hours after its collection."""
    return TestResultRecorded(case_id=CASE, **_result(result_id, when, result, **given))


def corrected(old: TestResultRecorded, resulted_at: datetime, **given: Any) -> TestResultCorrected:
    """`old` as corrected at `resulted_at`."""
    now = _changed(old, {"resulted_at": resulted_at, "status": "corrected", **given})
    return TestResultCorrected(case_id=CASE, **now, old=TestResult(**_changed(old, {})), new=TestResult(**now))


def retracted(old: TestResultRecorded, resulted_at: datetime) -> TestResultRetracted:
    """`old` as taken back at `resulted_at`."""
    now = _changed(old, {"resulted_at": resulted_at, "status": "retracted"})
    return TestResultRetracted(case_id=CASE, **now, old=TestResult(**_changed(old, {})))


def measured(
    when: datetime, celsius: float | None = 36.6, site: str | None = "axillary", **given: Any
) -> VitalSignsRecorded:
    """A temperature; `observer`: who took it."""
    return VitalSignsRecorded.model_validate(
        {"case_id": CASE, "measured_at": when, "temperature_c": celsius, "temperature_site": site, **given}
    )


def measured_daily(first: int, last: int, hour: int = 8) -> list[VitalSignsRecorded]:
    """A normal temperature on each day from `first` to `last`."""
    return [measured(at(day, hour)) for day in range(first, last + 1)]


def observed(when: datetime, respiratory: str = "improved", **given: Any) -> SymptomsRecorded:
    return SymptomsRecorded.model_validate({"case_id": CASE, "observed_at": when, "respiratory": respiratory, **given})


def imaged(study_id: str, when: datetime, change: str = "improved", *, pneumonia: bool = True) -> ImagingRecorded:
    return ImagingRecorded.model_validate(
        {
            "case_id": CASE,
            "study_id": study_id,
            "modality": "CR",
            "performed_at": when,
            "finding": "bronchopneumonia",
            "pneumonia": pneumonia,
            "change": change,
        }
    )


def assessed(when: datetime, severity: str, by: str = "report", **given: Any) -> SeverityAssessed:
    """The last word on the class; `history`: (since, severity) of the classes that prevailed."""
    history = tuple({"since": since, "severity": held} for since, held in given.pop("history", ()))
    fields = {"assessed_at": when, "severity": severity, "by": by, "protocol": "v8", "prevails": True}
    return SeverityAssessed.model_validate({"case_id": CASE, **fields, "history": history, **given})


def comorbid(condition: str = "I10", **given: Any) -> ComorbidityRecorded:
    return ComorbidityRecorded(
        case_id=CASE, **{"condition": condition, "active": True, "needs_regular_care": True, **given}
    )


def approved(when: datetime, *, override: str | None = None) -> DischargeApproved:
    """The panel approves; `override`: the evidence for somebody who stays positive."""
    given = Override(kind="persistently_positive", evidence=override) if override else None
    return DischargeApproved(case_id=CASE, approved_at=when, panel=("physician", "nurse"), override=given)


def discharged(when: datetime, disposition: str = "recovered", **given: Any) -> PatientDischarged:
    destination = {"died": None, "transferred": "hospital"}.get(disposition, "home")
    fields = {"institution_id": HOSPITAL, "discharged_at": when, "disposition": disposition, "destination": destination}
    return PatientDischarged(case_id=CASE, **{**fields, **given})


def cancelled(when: datetime) -> DischargeCancelled:
    return DischargeCancelled(case_id=CASE, cancelled_at=when, reason="entered for another patient")


FIRST_NEGATIVE = swabbed("r-8", at(14, 8))
SECOND_NEGATIVE = swabbed("r-9", at(15, 8))


def stay(*, without: tuple[str, ...] = ()) -> list[Message]:
    """A stay up to noon of the 16th, in clinical order, all criteria met at 15 October 14:00 with the second negative.

    `without`: names of criteria whose decisive facts are left out.
    """
    reported: list[tuple[str, Message]] = [
        ("", confirmed()),
        ("", swabbed("r-1", at(1, 3), "detected", setting="entry_screening")),
        ("", admitted(symptoms=("49727002",))),
        ("", imaged("s-1", at(1, 12), "first")),
        ("", measured(at(2, 8), 38.4)),
        ("respiratory", observed(at(3), "same")),
        ("", swabbed("r-5", at(9, 8), "detected")),
        *(("temperature", reported) for reported in measured_daily(9, 16)),
        ("respiratory", observed(at(10), "improved")),
        ("imaging", imaged("s-2", at(12, 15))),
        ("two_negatives", FIRST_NEGATIVE),
        ("two_negatives", SECOND_NEGATIVE),
    ]
    return [message for name, message in reported if name not in without]


def ordinary() -> list[Message]:
    """The stay, the approval, and the discharge on 17 October."""
    return [*stay(), comorbid(), approved(at(16, 15)), discharged(at(17, 10))]


def small() -> Iterator[list[Message]]:
    """Journeys of few messages, for every order of them."""
    recovered = discharged(at(17, 10))
    yield [admitted(), recovered, discharged(at(25, 4), "died")]
    yield [admitted(), recovered, cancelled(at(17, 12)), discharged(at(18, 9))]
    yield [admitted(at(20, 9)), recovered, admitted(), confirmed()]
    late = corrected(SECOND_NEGATIVE, at(19, 9), result="detected")
    yield [confirmed(), FIRST_NEGATIVE, SECOND_NEGATIVE, late, recovered]
    yield [confirmed(), admitted(), excluded(at(3)), recovered]
    yield [measured(at(14)), measured(at(14), 38.5), *measured_daily(15, 17), admitted()]
    again = confirmed(episode=2, confirmed_at=at(24, 16), basis=("r-20",))
    yield [confirmed(), admitted(), again, excluded(at(25), episode=2), excluded(at(25), episode=2, withdrawn=True)]
    moved, elsewhere = discharged(at(5, 9), "transferred", destination="hospital"), "CN-SH/huashan"
    there = [admitted(at(5, 13), institution_id=elsewhere), discharged(at(9, 9), institution_id=elsewhere)]
    yield [admitted(), moved, *there, cancelled(at(9, 10))]
    yield [admitted(), moved, *there, discharged(at(10), "transferred")]
    back = [admitted(at(22), institution_id=elsewhere), discharged(at(26), institution_id=elsewhere)]
    yield [admitted(), recovered, *back, swabbed("r-20", at(21, 10), "detected")]
    yield [admitted(), discharged(at(17, 10), "died"), discharged(at(17, 9, 50)), cancelled(at(17, 9, 55)), *back[1:]]
    fever = measured(at(14), 38.5, observer="/hospitals/ward-3")
    yield [measured(at(14), None, None, observer="/hospitals/ward-3"), fever, measured(at(14)), *measured_daily(15, 17)]


def full() -> Iterator[list[Message]]:
    """Whole stays with what goes wrong in them."""
    late = corrected(SECOND_NEGATIVE, at(20, 9), result="detected", ct_values={"N": 33.0})
    yield ordinary()
    yield [*ordinary(), late, admitted(at(20, 16))]
    yield [*stay(), measured(at(16, 9), 38.2), observed(at(16, 10), "worse"), *ordinary()[-2:]]
    yield [*stay(), retracted(FIRST_NEGATIVE, at(16, 9)), swabbed("r-10", at(16, 10)), measured(at(17, 8))]
    yield [*ordinary(), cancelled(at(17, 11)), *measured_daily(17, 20), discharged(at(20, 18), "against_advice")]
    yield [*ordinary(), *second_episode(), discharged(at(29, 4), "died", destination="hospital")]
    back = [admitted(at(18, 9), institution_id="CN-SH/huashan"), discharged(at(19, 9), institution_id="CN-SH/huashan")]
    yield [
        *ordinary(),
        *back,
        excluded(at(20)),
        swabbed("r-9", at(15, 9), "detected", lab="lab-2", ct_values={"N": 36.0}),
    ]


def second_episode() -> list[Message]:
    """Positive again a week after the discharge, with fever: readmitted as episode 2."""
    return [
        swabbed("r-20", at(24, 10), "detected", setting="follow_up"),
        confirmed(episode=2, confirmed_at=at(24, 16), basis=("r-20",)),
        admitted(at(25, 9)),
        measured(at(25, 10), 38.1),
    ]
