"""What names a thing: two devices, two laboratories and two clinicians never overwrite each other."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from schemas.envelope import Message
from schemas.events.rejections import ReportRejected
from schemas.events.treatment import (
    SeverityAssessed,
    TestResultCorrected,
    TestResultRecorded,
    TreatmentRecorded,
    VitalSignsRecorded,
)
from services.treatment import views
from services.treatment.domain.facts import Facts
from services.treatment.routes import CASE as KIND
from tests.domain.story import Story
from tests.domain.treatment.journeys import admitted, at, imported, result, severity, treatment, vital_signs

LATER = at("12-01T00:00")
WARD, MONITOR = "/hospitals/sh-phcc", "/devices/monitor-7"
FEVER = vital_signs("09-16T08:00", temperature_c=39.5)
SATURATION = vital_signs("09-16T08:00", spo2_percent=97)


def given_by(*reports: tuple[Message, str, str]) -> Story:
    """Messages with who said them and when they were written down."""
    story = Story(KIND)
    for message, source, recorded in reports:
        story.when(message, source=source, recorded=at(recorded), received_at=LATER)
    return story


def measurements(story: Story) -> list[tuple[str, float | None, float | None]]:
    signs = story.state.facts.vital_signs
    return [(one.observer, one.temperature_c, one.spo2_percent) for one in signs]


def test_a_fever_of_the_ward_and_a_saturation_of_the_monitor_at_one_minute_are_both_kept() -> None:
    story = given_by((FEVER, WARD, "09-16T08:05"), (SATURATION, MONITOR, "09-16T08:10"))

    assert measurements(story) == [(MONITOR, None, 97), (WARD, 39.5, None)]


def test_what_a_later_version_does_not_mention_it_does_not_take_back() -> None:
    story = given_by((FEVER, WARD, "09-16T08:05"), (SATURATION, WARD, "09-16T08:10"))

    assert measurements(story) == [(WARD, 39.5, 97)]


def test_a_measurement_is_the_same_in_whatever_order_its_versions_come() -> None:
    versions = [
        (vital_signs("09-16T08:00", temperature_c=39.5, spo2_percent=97), WARD, "09-16T08:01"),
        (vital_signs("09-16T08:00", spo2_percent=95), WARD, "09-16T08:02"),
        (vital_signs("09-16T08:00", temperature_c=38.0), WARD, "09-16T08:03"),
        (vital_signs("09-16T08:00", heart_rate_per_min=120), WARD, "09-16T08:04"),
    ]

    signs = [given_by(*order).state.facts.vital_signs for order in permutations(versions)]

    assert {(one.temperature_c, one.spo2_percent, one.heart_rate_per_min) for (one,) in signs} == {(38.0, 95, 120)}


def test_a_measurement_of_before_observers_were_known_gives_way_to_the_next_report_of_its_instant() -> None:
    story = given_by((FEVER, "", "09-16T08:05"))
    story.when(SATURATION, source=WARD, recorded=at("09-16T08:10"), received_at=LATER)

    assert measurements(story) == [(WARD, None, 97)]
    withdrawn = [each.event.withdrawn for each in story.emitted if isinstance(each.event, VitalSignsRecorded)]
    assert withdrawn == [True, None]


def test_a_measurement_names_its_observer() -> None:
    event = given_by((FEVER, WARD, "09-16T08:05")).emitted[0].event

    assert isinstance(event, VitalSignsRecorded)
    assert event.observer == WARD


def test_two_laboratories_with_one_id_have_two_results() -> None:
    positive = result("17", "09-16T08:00", lab="A")
    negative = result("17", "09-16T09:00", "not_detected", lab="B")
    story = given_by((positive, "/labs/a", "09-16T15:00"), (negative, "/labs/b", "09-16T16:00"))

    assert [type(each.event) for each in story.emitted] == [TestResultRecorded]
    assert not [each for each in story.emitted if isinstance(each.event, TestResultCorrected)]
    shown = views.case(story.state.facts, story.state.conclusions, LATER)["results"]
    assert [(each["lab"], each["result"], each["versions"]) for each in shown] == [
        ("A", "detected", 1),
        ("B", "not_detected", 1),
    ]


def test_two_medicines_given_at_one_instant_are_two_treatments() -> None:
    given = [treatment("09-16T11:00", medication=name) for name in ("J01CR02", "N02BE01", None)]
    story = given_by(*((one, WARD, "09-16T11:05") for one in given))

    assert len(story.state.facts.treatments) == 3
    again = given_by(*((one, WARD, "09-16T11:05") for one in given)).when(
        treatment("09-16T11:00", medication="J01CR02", dose="30 mg"), source=WARD, received_at=LATER
    )
    assert [type(each.event) for each in again.emitted] == [TreatmentRecorded]


def test_of_two_clinicians_at_one_instant_both_are_kept_and_the_later_record_holds() -> None:
    mild, severe = severity("09-16T08:00", "mild"), severity("09-16T08:00", "severe")
    for order in permutations([(mild, "/wards/1", "09-16T09:00"), (severe, "/wards/2", "09-16T08:30")]):
        story = given_by(*order)
        assert len(story.state.facts.severities) == 2
        assert [one.severity for one in story.state.conclusions.assessments] == ["mild"]


CORRECTION: dict[str, Any] = {"status": "corrected", "resulted_at": at("09-17T09:00")}


def conflicts(story: Story) -> list[ReportRejected]:
    return [each.event for each in story.emitted if isinstance(each.event, ReportRejected)]


@pytest.mark.parametrize("status", ["corrected", "retracted"])
def test_a_correction_of_a_result_that_nobody_has_is_shown_and_answered_after_a_day(status: str) -> None:
    at_ten = at("09-17T10:00")
    story = Story(KIND).when(result("r-2", "09-16T08:00", **{**CORRECTION, "status": status}), received_at=at_ten)
    shown = views.case(story.state.facts, story.state.conclusions, at_ten)["results"]

    assert shown[0]["corrects_a_result_that_nobody_has"] is True
    assert conflicts(story.until(at_ten + timedelta(hours=24) - timedelta(seconds=1))) == []
    (answer,) = conflicts(story.until(at_ten + timedelta(hours=24)))
    assert (answer.code, answer.at) == ("conflict", "result_id")


def test_a_correction_whose_result_comes_within_the_day_is_not_answered() -> None:
    at_ten = at("09-17T10:00")
    story = Story(KIND).when(result("r-2", "09-16T08:00", **CORRECTION), received_at=at_ten)
    story.when(result("r-2", "09-16T08:00"), received_at=at_ten + timedelta(hours=23))

    assert conflicts(story.until(at_ten + timedelta(days=3))) == []
    assert (
        "corrects_a_result_that_nobody_has"
        not in views.case(story.state.facts, story.state.conclusions, at_ten)["results"][0]
    )


def test_a_correction_of_a_known_result_waits_for_nothing() -> None:
    story = Story(KIND).given(result("r-2", "09-16T08:00"), result("r-2", "09-16T08:00", **CORRECTION))

    assert story.state.conclusions.due is None


def test_a_test_on_no_list_is_shown_as_not_understood_and_waits_on_the_work_list() -> None:
    story = Story(KIND).given(imported(), result("r-3", "09-16T08:00", test="94558-4"), received_at=LATER)
    shown = views.case(story.state.facts, story.state.conclusions, LATER)["results"]
    assert KIND.table is not None
    row = KIND.table.row(story.state)

    assert shown[0]["test_not_understood"] is True
    assert row is not None
    assert (row[0], row[1], row[-1]) == ("CN-SH", "Pudong", "pudong")
    assert msgspec.json.decode(row[3])["tests"] == ["94558-4"]


def test_every_test_in_use_is_understood_and_a_retracted_one_waits_for_nobody() -> None:
    in_use = Story(KIND).given(imported(), result("r-4", "09-16T08:00", test="96957-6"), received_at=LATER)
    gone = Story(KIND).given(
        imported(),
        result("r-5", "09-16T08:00", test="94558-4", **{**CORRECTION, "status": "retracted"}),
        received_at=LATER,
    )

    assert KIND.table is not None
    assert KIND.table.row(in_use.state) is None
    assert KIND.table.row(gone.state) is None


def history(story: Story) -> list[tuple[str, str]]:
    (holds,) = [one for one in story.state.conclusions.assessments if one.prevails]
    return [(one.since.strftime("%m-%dT%H:%M"), one.severity) for one in holds.history]


def test_s3_as_of_an_old_instant_the_class_then_in_force_is_known() -> None:
    story = Story(KIND).given(
        imported(),
        severity("09-17T09:00", "common"),
        severity("09-26T09:00", "mild"),
        received_at=LATER,
    )

    assert history(story) == [("09-17T09:00", "common"), ("09-26T09:00", "mild")]


def test_s3_the_rule_raises_the_class_and_never_lowers_it() -> None:
    story = Story(KIND).given(
        imported(months=30 * 12),
        severity("09-17T09:00", "mild"),
        vital_signs("09-18T09:00", spo2_percent=92),
        vital_signs("09-19T09:00", spo2_percent=98),
        received_at=LATER,
    )

    assert history(story) == [("09-17T09:00", "mild"), ("09-18T09:00", "severe")]


def test_s3_the_history_goes_with_every_assessment() -> None:
    story = Story(KIND).given(imported(), received_at=LATER)
    story.when(severity("09-17T09:00", "common"), received_at=LATER)
    (event,) = [each.event for each in story.emitted if isinstance(each.event, SeverityAssessed)]

    assert [(one.severity, one.since) for one in event.history] == [("common", at("09-17T09:00"))]


def test_a_document_of_the_first_edition_is_read_and_judged() -> None:
    first = Story(KIND).given(imported(), FEVER, admitted(), result("r-1", "09-16T08:00"), received_at=LATER)
    document = msgspec.json.decode(msgspec.json.encode(first.state.facts))
    for shelf, fields in ((4, 10), (3, 13)):  # vital signs and results, without the fields that at_ten since
        document[shelf] = [fact[:fields] for fact in document[shelf]]

    facts = msgspec.json.decode(msgspec.json.encode(document[:11]), type=Facts)

    assert facts.vital_signs[0].observer == ""
    assert facts.results[0].collected_precision == "minute"
    assert facts.corrections == ()
