"""A believable stay as the discharge service is told of it: about 100 facts in 16 days, or as many as wanted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any

from bench.courses import PATTERN, Course, at, course
from schemas.events.intake import CaseImported
from schemas.events.treatment import (
    Admitted,
    ComorbidityRecorded,
    ImagingRecorded,
    SeverityAssessed,
    SymptomsRecorded,
    TestResultRecorded,
    VitalSignsRecorded,
)
from schemas.message import Message
from schemas.reports.discharge import DischargeApproved, PatientDischarged

HOSPITAL = "CN-SH-SPHCC"
COUGH = "49727002"
HOME_ON_DAY = 16
FEVER_UNTIL_DAY = 5
NEGATIVE_FROM_DAY = 12
MEASURED_AT_HOURS = (6, 10, 14, 18)
Happened = tuple[datetime, Message]


def whole_stay() -> Course:
    """From the confirmation to the discharge, all criteria met the day before."""
    return course([*_confirmed(), *(given for day in range(HOME_ON_DAY) for given in _ward_day(day)), *_going_home()])


def facts_of_a_stay(number: int) -> Course:
    """The first so many facts of a stay that goes on, with nothing that ends it."""
    return course(islice(_without_end(), number))


def one_more_temperature(after: Course) -> Course:
    """`after`, and the temperature that is taken an hour after its last fact."""
    happened = after[-1].publish_at + timedelta(hours=1)
    *_, more = course([*((happened, _measured(happened, 36.6)) for _ in range(len(after) + 1))])
    return (*after, more)


def _without_end() -> Iterator[Happened]:
    yield from _confirmed()
    for day in count():
        yield from _ward_day(day)


def _confirmed() -> Iterator[Happened]:
    arrival: dict[str, Any] = {
        "person_ref": f"p-{PATTERN}",
        "sex": "female",
        "age": {"value": 13, "unit": "mo"},
        "nationality": "CN",
        "jurisdiction": "CN-SH",
        "time_zone": "Asia/Shanghai",
        "residence": {"jurisdiction": "CN-SH", "district": "Pudong"},
        "symptoms": (COUGH,),
        "origin_country": "PH",
        "arrived_at": at(0, 1),
        "confirmed_at": at(0, 3),
        "basis": (f"{PATTERN}-r-0",),
        "episode": 1,
    }
    yield at(0, 3), CaseImported.model_validate({"case_id": PATTERN, **arrival})
    yield at(0, 4), Admitted(case_id=PATTERN, institution_id=HOSPITAL, admitted_at=at(0, 4), symptoms=(COUGH,))
    assessed = {"severity": "common", "protocol": "v8", "by": "rule", "prevails": True, "episode": 1}
    yield at(0, 5), SeverityAssessed.model_validate({"case_id": PATTERN, "assessed_at": at(0, 5), **assessed})
    yield at(0, 5), ComorbidityRecorded(case_id=PATTERN, condition="J45.9", active=True, needs_regular_care=True)


def _ward_day(day: int) -> Iterator[Happened]:
    """Temperatures four times, the symptoms, every third day a swab, every fifth an image."""
    given = [(at(day, hour), _measured(at(day, hour), _celsius(day))) for hour in MEASURED_AT_HOURS]
    given.append((at(day, 9), _observed(day)))
    if day % 3 == 0:
        given.append((at(day, 14.5), _swabbed(day)))
    if day % 5 == 0:
        given.append((at(day, 15), _imaged(day)))
    yield from sorted(given, key=lambda happened: happened[0])


def _going_home() -> Iterator[Happened]:
    yield at(HOME_ON_DAY, 8), _measured(at(HOME_ON_DAY, 8), 36.6)
    yield (
        at(HOME_ON_DAY, 9),
        DischargeApproved(case_id=PATTERN, approved_at=at(HOME_ON_DAY, 9), panel=("physician", "infection")),
    )
    left = at(HOME_ON_DAY, 10)
    going = {"disposition": "recovered", "destination": "home", "institution_id": HOSPITAL}
    yield left, PatientDischarged.model_validate({"case_id": PATTERN, "discharged_at": left, **going})


def _celsius(day: int) -> float:
    return 38.2 if day < FEVER_UNTIL_DAY else 36.6


def _measured(when: datetime, celsius: float) -> Message:
    rates = {"spo2_percent": 97, "respiratory_rate_per_min": 26, "heart_rate_per_min": 110}
    fields = {"measured_at": when, "temperature_c": celsius, "temperature_site": "axillary", **rates}
    return VitalSignsRecorded.model_validate({"case_id": PATTERN, **fields})


def _observed(day: int) -> Message:
    seen = {"symptoms": (COUGH,), "respiratory": "same" if day < FEVER_UNTIL_DAY else "improved"}
    return SymptomsRecorded.model_validate({"case_id": PATTERN, "observed_at": at(day, 9), **seen})


def _swabbed(day: int) -> Message:
    """Resulted as soon as it is told: two negatives count from day 15 on."""
    fields = {
        "result_id": f"{PATTERN}-r-{day}",
        "specimen_id": f"{PATTERN}-s-{day}",
        "specimen_type": "nasopharyngeal",
        "test": "94500-6",
        "result": "detected" if day < NEGATIVE_FROM_DAY else "not_detected",
        "collected_at": at(day, 8),
        "resulted_at": at(day, 14.5),
        "lab": "SH-CDC",
        "setting": "hospital",
        "status": "final",
    }
    return TestResultRecorded.model_validate({"case_id": PATTERN, **fields})


def _imaged(day: int) -> Message:
    study = {"study_id": f"{PATTERN}-x-{day}", "modality": "CR", "performed_at": at(day, 15)}
    change = "first" if day == 0 else "improved"
    found = {"finding": "bronchopneumonia", "pneumonia": True, "change": change}
    return ImagingRecorded.model_validate({"case_id": PATTERN, **study, **found})
