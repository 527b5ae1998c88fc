"""An admission that is cancelled and a study that is retracted: taken back, whatever came first."""

from datetime import datetime, timedelta, timezone
from itertools import permutations

import pytest

from schemas.events.treatment import Admitted, ImagingRecorded, SeverityAssessed
from schemas.message import Report
from schemas.reports.treatment import AdmissionCancelled, ImagingReported, PatientAdmitted
from services.treatment.domain.taken_back import admissions, imaging
from services.treatment.routes import CASE
from tests.domain.story import Story
from tests.domain.treatment.journeys import CASE as CASE_ID
from tests.domain.treatment.journeys import imported

SHANGHAI = timezone(timedelta(hours=8))
LATER = datetime(2020, 10, 10, tzinfo=SHANGHAI)


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2020, 10, day, hour, minute, tzinfo=SHANGHAI)


def admitted(when: datetime, institution: str = "hospital-a", symptoms: tuple[str, ...] = ()) -> PatientAdmitted:
    return PatientAdmitted(case_id=CASE_ID, institution_id=institution, admitted_at=when, symptoms=symptoms)


def cancelled(when: datetime, institution: str = "hospital-a") -> AdmissionCancelled:
    return AdmissionCancelled(case_id=CASE_ID, institution_id=institution, cancelled_at=when, reason="other patient")


def studied(status: str = "final", *, pneumonia: bool = True) -> ImagingReported:
    return ImagingReported(
        case_id=CASE_ID,
        study_id="s-1",
        modality="CT",
        performed_at=at(2),
        finding="396285007",
        pneumonia=pneumonia,
        change="first",
        status=status,
    )


def standing(*reports: Report) -> list[datetime]:
    """The admissions that hold after all reports, which were recorded in the order of their clinical times."""
    story = Story(CASE)
    for report in reports:
        story.when(report, received_at=LATER, recorded=report.clinical_at)
    return [one.admitted_at for one in admissions(story.state.facts)]


def test_an_admission_that_is_cancelled_is_said_again_as_withdrawn() -> None:
    story = Story(CASE).given(admitted(at(2)))
    story.when(cancelled(at(2, 12))).then((Admitted, {"institution_id": "hospital-a", "withdrawn": True}))


def test_a_cancellation_that_comes_first_says_nothing_and_nothing_is_said_of_the_admission() -> None:
    Story(CASE).given(cancelled(at(2, 12)), received_at=LATER).when(admitted(at(2)), received_at=LATER).stays_quiet()


def test_a_cancellation_takes_back_the_latest_admission_of_its_institution_only() -> None:
    others = [admitted(at(1)), admitted(at(3), "hospital-b"), admitted(at(5))]
    assert standing(*others, admitted(at(2)), cancelled(at(4))) == [at(1), at(3), at(5)]


def test_an_admission_after_the_cancellation_stands_on_the_same_day_too() -> None:
    reports = [admitted(at(1)), admitted(at(2, 8)), cancelled(at(2, 9)), admitted(at(2, 10))]
    assert standing(*reports) == [at(1), at(2, 10)], "and the stay before is not taken back in its place"


def test_an_admission_is_its_institution_and_its_instant() -> None:
    reports = [admitted(at(2, 8)), admitted(at(2, 8, 30)), cancelled(at(2, 9))]
    assert standing(*reports) == [at(2, 8)], "two instants are two admissions, and the later one was cancelled"


def test_in_whatever_order_they_come_the_same_stands() -> None:
    reports = [admitted(at(1)), admitted(at(2, 8)), cancelled(at(2, 9)), admitted(at(2, 10)), cancelled(at(1, 9))]
    assert {tuple(standing(*order)) for order in permutations(reports)} == {(at(2, 10),)}


def test_symptoms_told_on_an_admission_that_is_taken_back_no_longer_count() -> None:
    story = Story(CASE).given(imported(), admitted(at(2), symptoms=("49727002",)), received_at=LATER)
    story.when(cancelled(at(2, 12)), received_at=LATER)
    assert [type(emitted.event) for emitted in story.emitted] == [Admitted, SeverityAssessed]
    assert all(emitted.event.withdrawn for emitted in story.emitted)


def test_a_retracted_study_is_withdrawn_and_no_longer_weighs() -> None:
    story = Story(CASE).given(imported(), studied(), received_at=LATER)
    story.when(studied("retracted"), received_at=LATER, recorded=LATER + timedelta(hours=1))
    assert [type(emitted.event).__name__ for emitted in story.emitted] == ["ImagingRecorded", "SeverityAssessed"]
    assert all(emitted.event.withdrawn for emitted in story.emitted)
    assert imaging(story.state.facts) == ()


def test_a_retraction_that_comes_first_holds_over_a_study_recorded_before_it() -> None:
    story = Story(CASE).given(studied("retracted"), received_at=LATER)
    story.when(studied(), received_at=LATER, recorded=LATER - timedelta(hours=1)).stays_quiet()


@pytest.mark.parametrize("status", ["final", "corrected"])
def test_a_study_read_anew_is_recorded_as_it_now_stands(status: str) -> None:
    story = Story(CASE).given(studied("retracted"), received_at=LATER)
    story.when(studied(status, pneumonia=False), received_at=LATER, recorded=LATER + timedelta(hours=1))
    story.then((ImagingRecorded, {"pneumonia": False, "status": status}))
