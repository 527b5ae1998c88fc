"""S3: by rule and by report, both are shown; and which protocol and episode a class belongs to."""

from datetime import date

import pytest

from schemas.events.treatment import SeverityAssessed, VitalSignsRecorded
from schemas.message import Message
from schemas.reference import protocol_on
from services.treatment.routes import CASE as KIND
from tests.domain.story import Story
from tests.domain.treatment.journeys import (
    COUGH,
    adult,
    at,
    excluded,
    imaging,
    result,
    severity,
    symptoms,
    vital_signs,
)

RECEIVED_AT = at("12-01T00:00")


def reported(*messages: Message) -> Story:
    return Story(KIND).given(*messages, received_at=RECEIVED_AT)


def prevailing(*messages: Message) -> tuple[str, str]:
    """Whose class holds, and which."""
    holds = [each for each in reported(*messages).state.conclusions.assessments if each.prevails]
    assert len(holds) == 1
    return holds[0].by, holds[0].severity


def test_s3_both_classes_are_shown() -> None:
    story = reported(adult(), imaging("s-1", "09-16T10:00"))
    story.when(severity("09-16T12:00", "mild", "CT read as normal")).then(
        (SeverityAssessed, {"by": "report", "severity": "mild", "prevails": True, "criteria": ["CT read as normal"]}),
        (SeverityAssessed, {"by": "rule", "severity": "common", "prevails": False}),
    )


@pytest.mark.parametrize(("reported_at", "holds"), [("10:00", "report"), ("11:00", "report"), ("09:59", "rule")])
def test_s3_a_reported_class_wins_at_the_same_or_a_later_clinical_time(reported_at: str, holds: str) -> None:
    by, _ = prevailing(adult(), imaging("s-1", "09-16T10:00"), severity(f"09-16T{reported_at}", "mild"))
    assert by == holds


def test_s3_a_graver_sign_after_the_report_prevails_again() -> None:
    low = (vital_signs("09-16T08:00", spo2_percent=90), vital_signs("09-18T08:00", spo2_percent=91))
    story = reported(adult(), low[0], severity("09-17T08:00", "common"))
    story.when(low[1]).then(
        VitalSignsRecorded,
        (SeverityAssessed, {"by": "rule", "assessed_at": "2020-09-18T08:00:00+08:00", "prevails": True}),
        (SeverityAssessed, {"by": "report", "prevails": False}),
    )


def test_s3_a_lighter_sign_after_the_report_proves_nothing_against_it() -> None:
    later = symptoms("09-18T08:00", COUGH)
    assert prevailing(adult(), severity("09-17T08:00", "critical"), later) == ("report", "critical")


def test_s3_the_latest_report_of_the_episode_holds() -> None:
    reports = (severity("09-20T08:00", "mild"), severity("09-16T08:00", "severe"))
    assert prevailing(adult(), *reports) == ("report", "mild")


def test_s3_a_class_is_reported_of_somebody_not_yet_confirmed() -> None:
    Story(KIND).when(severity("09-16T08:00", "mild")).then(
        (SeverityAssessed, {"by": "report", "episode": 1, "protocol": "v8", "prevails": True})
    )


def test_s3_more_of_the_same_stays_quiet_about_severity() -> None:
    story = reported(adult(), vital_signs("09-16T08:00", spo2_percent=90))
    story.when(vital_signs("09-17T08:00", spo2_percent=89)).then(VitalSignsRecorded)


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2020, 1, 20), "v6"),
        (date(2020, 2, 18), "v6"),
        (date(2020, 3, 3), "v7"),
        (date(2020, 8, 17), "v7"),
        (date(2020, 8, 18), "v8"),
        (date(2022, 3, 14), "v9"),
        (date(2023, 1, 5), "v10"),
    ],
)
def test_the_protocol_is_the_one_in_force_on_the_clinical_day(day: date, version: str) -> None:
    assert protocol_on("CN-SH", day).version == version


def test_the_clinical_day_is_that_of_the_cases_time_zone() -> None:
    """16:30 UTC on 17 August is already the 18th in Shanghai, where v8 is in force."""
    measured = vital_signs("08-18T00:30", spo2_percent=90)
    utc = measured.model_copy(update={"measured_at": measured.measured_at.astimezone(RECEIVED_AT.tzinfo)})
    assert [each.protocol for each in reported(adult(), utc).state.conclusions.assessments] == ["v8"]


def test_a_second_episode_has_a_class_of_its_own() -> None:
    second = adult(episode=2, confirmed_at=at("10-25T18:00"), basis=("r-9",))
    story = reported(adult(), imaging("s-1", "09-16T10:00"), second)
    story.when(symptoms("10-26T08:00", COUGH))
    classes = [(each.episode, each.severity) for each in story.state.conclusions.assessments]
    assert classes == [(1, "common"), (2, "mild")]
    story.when(excluded(episode=2))
    assert [(each.episode, each.severity) for each in story.state.conclusions.assessments] == [(1, "common")]


def test_a_second_episode_begins_when_the_positive_that_made_it_one_was_collected() -> None:
    second = adult(episode=2, confirmed_at=at("10-25T18:00"), basis=("r-9",))
    coughing = symptoms("10-25T09:00", COUGH)
    retest = result("r-9", "10-25T08:00", resulted_at=at("10-25T18:00"), setting="follow_up")
    story = reported(adult(), second, coughing)
    assert [each.episode for each in story.state.conclusions.assessments] == [1]
    story.when(retest)
    assert [each.episode for each in story.state.conclusions.assessments] == [2]


def test_a_second_episode_begins_by_the_version_of_its_positive_that_stands() -> None:
    second = adult(episode=2, confirmed_at=at("10-25T18:00"), basis=("r-9",))
    first_emitted = result("r-9", "10-08T08:00", "not_detected", resulted_at=at("10-08T18:00"), setting="follow_up")
    moved = result("r-9", "10-25T08:00", resulted_at=at("10-25T18:00"), setting="follow_up", status="corrected")
    story = reported(adult(), second, symptoms("10-12T09:00", COUGH), first_emitted).when(moved)
    assert [each.episode for each in story.state.conclusions.assessments] == [1]
