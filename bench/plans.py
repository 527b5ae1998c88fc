"""A full plan as the followup service is told of it: the discharge, two logs a day, two re-tests, the return visit."""

from collections.abc import Iterator

from bench.courses import PATTERN, Course, at, course
from bench.stays import HOSPITAL, Happened
from schemas.events.discharge import Discharged
from schemas.events.treatment import TestResultRecorded
from schemas.message import Message
from schemas.reports.followup import DayReported, ReturnVisitReported

DAYS = 14
RETEST_DAYS = (7, 14)


def whole_plan() -> Course:
    """Fourteen days with nothing missed."""
    return course([*_home(), *(given for day in range(1, DAYS + 1) for given in _day(day))])


def home_today() -> Course:
    """Only the discharge: nothing has been logged yet."""
    return course(_home())


def _home() -> Iterator[Happened]:
    fields = {
        "episode": 1,
        "institution_id": HOSPITAL,
        "discharged_at": at(0, 10),
        "disposition": "recovered",
        "destination": "home",
        "residence": {"jurisdiction": "CN-SH", "district": "Pudong"},
        "time_zone": "Asia/Shanghai",
        "length_of_stay_days": 16,
        "protocol": "v8",
        "criteria_met": True,
    }
    yield at(0, 10), Discharged.model_validate({"case_id": PATTERN, **fields})


def _day(day: int) -> Iterator[Happened]:
    yield at(day, 8), _log(day, "am", 8)
    if day in RETEST_DAYS:
        yield at(day, 15), _retested(day)
    if day == DAYS:
        yield at(day, 16), ReturnVisitReported(case_id=PATTERN, visit="week_2", attended_at=at(day, 16))
    yield at(day, 20), _log(day, "pm", 20)


def _log(day: int, slot: str, hour: int) -> Message:
    when = at(day, hour)
    fields = {"reported_at": when, "local_date": when.date(), "slot": slot, "stayed_in": True}
    measured = {"temperature_c": 36.6, "temperature_site": "axillary", "channel": "app", "reporter": "guardian"}
    return DayReported.model_validate({"case_id": PATTERN, **fields, **measured})


def _retested(day: int) -> Message:
    fields = {
        "result_id": f"{PATTERN}-f-{day}",
        "specimen_id": f"{PATTERN}-t-{day}",
        "specimen_type": "nasopharyngeal",
        "test": "94500-6",
        "result": "not_detected",
        "collected_at": at(day, 9),
        "resulted_at": at(day, 15),
        "lab": "SH-CDC",
        "setting": "follow_up",
        "status": "final",
    }
    return TestResultRecorded.model_validate({"case_id": PATTERN, **fields})
