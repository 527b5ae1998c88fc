"""Every report becomes one recorded fact; of two reports about one thing one holds."""

from datetime import timedelta

import pytest

from schemas.events.treatment import (
    Admitted,
    ComorbidityRecorded,
    ImagingRecorded,
    SymptomsRecorded,
    TreatmentRecorded,
    VitalSignsRecorded,
)
from schemas.message import CaseReport, Event
from services.treatment.routes import CASE as KIND
from tests.domain.story import Story
from tests.domain.treatment.journeys import (
    COUGH,
    HOSPITAL,
    admitted,
    at,
    comorbidity,
    imaging,
    symptoms,
    treatment,
    vital_signs,
)

REPORTS = [
    (admitted(), Admitted),
    (vital_signs("09-16T08:00", temperature_c=36.9, heart_rate_per_min=118, weight_kg=9.8), VitalSignsRecorded),
    (symptoms("09-16T08:00", COUGH, respiratory="same"), SymptomsRecorded),
    (imaging("s-1", "09-16T10:00"), ImagingRecorded),
    (treatment("09-16T11:00", medication="J01CR02", dose="30 mg/kg"), TreatmentRecorded),
    (comorbidity(), ComorbidityRecorded),
]


@pytest.mark.parametrize(("report", "event"), REPORTS)
def test_a_report_is_recorded_with_every_field_it_had(report: CaseReport, event: type[Event]) -> None:
    story = Story(KIND).when(report, received_at=at("10-01T00:00"))
    story.then((event, report.model_dump(mode="json", exclude_none=True)))


@pytest.mark.parametrize("report", [report for report, _ in REPORTS])
def test_the_same_report_under_another_id_says_nothing_new(report: CaseReport) -> None:
    received_at = at("10-01T00:00")
    Story(KIND).given(report, received_at=received_at).when(
        report, received_at=received_at + timedelta(hours=1)
    ).stays_quiet()


def test_an_event_carries_the_clinical_time() -> None:
    story = Story(KIND).when(vital_signs("09-16T08:00", temperature_c=36.9), received_at=at("09-18T00:00"))
    assert [emitted.time for emitted in story.emitted] == [at("09-16T08:00")]


def test_an_admission_corrected_within_its_day_is_recorded_again() -> None:
    corrected = admitted(admitted_at=at("09-15T12:30"))
    (
        Story(KIND)
        .given(admitted())
        .when(corrected)
        .then((Admitted, {"institution_id": HOSPITAL, "admitted_at": "2020-09-15T12:30:00+08:00"}))
    )


def test_an_admission_on_another_day_is_another_admission() -> None:
    story = Story(KIND).given(admitted()).when(admitted(admitted_at=at("09-16T00:10")))
    story.then(Admitted)
    assert len(story.state.facts.admissions) == 2


def test_an_earlier_version_that_comes_late_stays_quiet() -> None:
    received_at = at("09-18T00:00")
    story = Story(KIND).given(imaging("s-1", "09-16T10:00", pneumonia=False), received_at=received_at)
    story.when(
        imaging("s-1", "09-16T10:00"), received_at=received_at, sequence=0, recorded=at("09-16T10:30")
    ).stays_quiet()


def test_a_comorbidity_is_as_last_written_down() -> None:
    received_at = at("09-18T00:00")
    story = Story(KIND).given(comorbidity(), received_at=received_at)
    story.when(comorbidity(active=False), received_at=received_at).then((ComorbidityRecorded, {"active": False}))
