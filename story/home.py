"""The weeks after the ward: two logs a day, some days with one or none, the two re-tests and the two return visits.

Calls are not told here: who is to be called is decided by the service that notices the silence (`answers.py`).
"""

from datetime import date, datetime, timedelta
from typing import Final

from schemas.reports.followup import DayReported, ReturnVisitReported
from schemas.values import LogChannel, Reporter, ReturnVisitName, Slot
from story.chart import FROM_HOSPITAL, FROM_PATIENT, Chart
from story.known import CHILD, CHILD_SILENT_DAY
from story.laboratory import swab
from story.people import Case
from story.publication import at
from story.vitals import temperature

DAYS: Final = 14
RETEST_DAYS: Final = (7, 14)
RETURN_VISITS: Final[tuple[tuple[ReturnVisitName, int], ...]] = (("week_2", 14), ("week_4", 28))
AT_HOME_AXILLARY_C: Final = (36.2, 36.9)
_HOURS: Final[dict[Slot, tuple[float, float]]] = {"am": (7.2, 9.2), "pm": (19.2, 21.2)}
_SILENT_SHARE: Final = 0.015
_ONE_LOG_SHARE: Final = 0.22
_NO_SHOW_SHARE: Final = 0.02
_CHANNELS: Final[tuple[LogChannel, ...]] = ("app", "sms", "phone")


def fourteen_days(chart: Chart, case: Case, discharged_at: datetime, until: datetime | None = None) -> None:
    """Logs and re-tests after the discharge; up to `until`, where the plan was cut short."""
    channel = _channel(chart, case)
    for number in range(1, _length(case) + 1):
        day = discharged_at.date() + timedelta(days=number)
        if until is not None and day >= until.date():
            return
        for slot in _slots(chart, number):
            _logs(chart, case, day, slot, channel)
        if number in RETEST_DAYS:
            _retested(chart, case, number, day)
    for visit, number in RETURN_VISITS:
        day = discharged_at.date() + timedelta(days=number)
        if until is None and (chart.case_id == CHILD or chart.dice.random() >= _NO_SHOW_SHARE):
            _returns(chart, visit, day)


def _length(case: Case) -> int:
    """A re-test that is positive on the last day is followed by two days more (F5)."""
    return DAYS + 2 if case.twist == "positive_on_day_14" else DAYS


def _channel(chart: Chart, case: Case) -> LogChannel:
    if not case.goes_home:
        return "site"
    return "app" if case.person.is_child else chart.dice.choices(_CHANNELS, (8, 1, 1))[0]


def _slots(chart: Chart, number: int) -> tuple[Slot, ...]:
    """The slots that somebody thought of: mostly both, and now and then neither."""
    if chart.case_id == CHILD:
        return () if number == CHILD_SILENT_DAY else ("am", "pm")
    chance = chart.dice.random()
    if chance < _SILENT_SHARE:
        return ()
    if chance < _SILENT_SHARE + _ONE_LOG_SHARE:
        return (chart.dice.choice(("am", "pm")),)
    return ("am", "pm")


def _logs(chart: Chart, case: Case, day: date, slot: Slot, channel: LogChannel) -> None:
    chart.write(
        DayReported(
            case_id=chart.case_id,
            reported_at=at(day, chart.dice.uniform(*_HOURS[slot])),
            local_date=day,
            slot=slot,
            temperature_c=temperature(chart, *AT_HOME_AXILLARY_C),
            temperature_site="axillary",
            stayed_in=True,
            channel=channel,
            reporter=_reporter(case),
        ),
        FROM_PATIENT,
    )


def _reporter(case: Case) -> Reporter:
    if not case.goes_home:
        return "staff"
    return "guardian" if case.person.is_child else "patient"


def _retested(chart: Chart, case: Case, number: int, day: date) -> None:
    """Negative, but for the few who are positive again without being ill: two negatives, a day apart, follow."""
    moment = at(day, chart.dice.uniform(9, 10))
    if case.twist not in {"positive_on_day_7", "positive_on_day_14"} or number != _positive_day(case):
        swab(chart, moment, "not_detected", "follow_up")
        return
    swab(chart, moment, "detected", "follow_up")
    swab(chart, moment + timedelta(days=1), "not_detected", "follow_up")
    swab(chart, moment + timedelta(days=2, minutes=30), "not_detected", "follow_up")


def _positive_day(case: Case) -> int:
    return RETEST_DAYS[0] if case.twist == "positive_on_day_7" else RETEST_DAYS[1]


def _returns(chart: Chart, visit: ReturnVisitName, day: date) -> None:
    attended_at = at(day, chart.dice.uniform(13.5, 16.5))
    chart.write(ReturnVisitReported(case_id=chart.case_id, visit=visit, attended_at=attended_at), FROM_HOSPITAL)
