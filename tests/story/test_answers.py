"""Whatever the services ask people for is answered in time, and always in the same way."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.envelope import Envelope
from schemas.reports.followup import CallReported
from schemas.reports.primarycare import AlertAcknowledged, LinkageAnswered
from story import CHILD, Publication, answer, answer_call
from tests.story.reading import hear

MIDNIGHT = "2020-10-24T00:00:00+08:00"
NOON = "2020-10-24T12:00:00+08:00"


def _request(**fields: Any) -> dict[str, Any]:
    return {"case_id": "SH-2020-1", "call_id": "call-1", "attempt": 1, "call_by": MIDNIGHT, "days": [5]} | fields


def _report(publication: Publication) -> CallReported:
    report = hear(publication).report
    assert isinstance(report, CallReported)
    return report


def test_the_same_request_is_answered_with_the_same_bytes() -> None:
    assert answer_call(_request(), 1) == answer_call(_request(), 1)
    assert answer_call(_request(), 1) != answer_call(_request(), 2)


@pytest.mark.parametrize("call_by", [MIDNIGHT, NOON, "2020-10-23T16:00:00Z"])
def test_a_call_is_made_by_day_before_it_is_due_and_told_soon_after(call_by: str) -> None:
    due = datetime.fromisoformat(call_by)
    for number in range(50):
        publication = answer_call(_request(call_id=f"call-{number}", call_by=call_by), 1)
        called_at = _report(publication).called_at
        assert 9 <= called_at.hour < 20
        assert timedelta() < due - called_at < timedelta(hours=24)
        assert called_at < publication.publish_at < due


def test_the_second_and_third_attempt_come_after_the_first() -> None:
    next_midnight = "2020-10-25T00:00:00+08:00"
    for number in range(50):
        attempts = [
            _report(answer_call(_request(call_id=f"{number}-{attempt}", attempt=attempt, call_by=by), 1)).called_at
            for attempt, by in ((1, MIDNIGHT), (2, NOON), (3, next_midnight))
        ]
        assert attempts == sorted(attempts)


def test_most_calls_reach_somebody_who_says_how_the_patient_is() -> None:
    reports = [_report(answer_call(_request(call_id=f"call-{number}"), 1)) for number in range(300)]
    outcomes = Counter(report.outcome for report in reports)
    assert 0.8 < outcomes["reached"] / 300 < 0.95
    assert outcomes["no_answer"] == 300 - outcomes["reached"]
    assert all((report.temperature_c is not None) == (report.outcome == "reached") for report in reports)


def test_the_childs_guardian_always_answers() -> None:
    outcomes = {_report(answer_call(_request(case_id=CHILD, call_id=f"c{n}"), 1)).outcome for n in range(50)}
    assert outcomes == {"reached"}


def test_a_home_visit_is_answered_under_its_id() -> None:
    report = _report(answer_call(_request(call_id="visit-1", attempt=4, visit_by=MIDNIGHT), 1))
    assert (report.call_id, report.outcome) == ("visit-1", "reached")


def _event(name: str, **data: Any) -> Envelope:
    at = datetime.fromisoformat("2020-10-17T13:00:00+08:00")
    return Envelope("1", "/services/primarycare", f"afterward.{name}.v1", "SH-2020-1", at, at, data)


def _linkage(number: int = 1, **data: Any) -> Envelope:
    asked = {"case_id": "SH-2020-1", "linkage_id": f"linkage-{number}", "institution_id": "centre-1", "level": 0}
    return _event("LinkageRequested", **asked | data)


def _alert(**data: Any) -> Envelope:
    sent = {"case_id": "SH-2020-1", "alert_id": "alert-1", "institution_id": "centre-1", "level": 0}
    return _event("AlertForwarded", **sent | {"respond_by": "2020-10-17T15:00:00+08:00"} | data)


def test_who_is_asked_to_take_a_patient_on_does_so_or_says_why_not() -> None:
    given = [answer(_linkage(number), 1) for number in range(200)]
    reports = [(one.asks_on, hear(one.publication).report) for one in given if one is not None]
    assert len(reports) == 200
    for asks_on, report in reports:
        assert isinstance(report, LinkageAnswered)
        assert asks_on == (report.answer == "declined") == (report.reason is not None)
        assert timedelta() < report.answered_at - _linkage().time < timedelta(hours=7)
    assert 0.03 < sum(asks_on for asks_on, _ in reports) / 200 < 0.25


def test_an_alert_is_acknowledged_within_the_hour_by_whom_it_was_sent_to() -> None:
    given = answer(_alert(), 1)
    assert given is not None
    report = hear(given.publication).report
    assert isinstance(report, AlertAcknowledged)
    assert (report.alert_id, report.institution_id) == ("alert-1", "centre-1")
    assert timedelta() < report.acknowledged_at - _alert().time < timedelta(hours=1)


def test_an_answer_does_not_come_after_the_evening_on_which_it_is_published() -> None:
    late = _linkage()._replace(time=datetime.fromisoformat("2020-10-17T23:10:00+08:00"))
    given = answer(late, 1)
    assert given is not None
    report = hear(given.publication).report
    assert isinstance(report, LinkageAnswered)
    assert late.time <= report.answered_at < datetime.fromisoformat("2020-10-17T23:50:00+08:00")


@pytest.mark.parametrize(
    "event",
    [
        _alert(respond_by=None),
        _linkage(institution_id=None),
        _linkage(withdrawn=True),
        _event("LinkageClosed", case_id="SH-2020-1"),
    ],
)
def test_what_asks_nobody_is_not_answered(event: Envelope) -> None:
    assert answer(event, 1) is None
