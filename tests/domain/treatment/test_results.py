"""A result through its versions: recorded, corrected, retracted, in whatever order the versions come."""

from datetime import timedelta

from schemas.events.treatment import TestResultCorrected, TestResultRecorded, TestResultRetracted
from schemas.reports.treatment import TestResultReported
from services.treatment.routes import CASE as KIND
from tests.domain.story import Story
from tests.domain.treatment.journeys import at, result

RECEIVED_AT = at("10-01T00:00")
POSITIVE = result("r-1", "09-14T23:00")
NEGATIVE = result(
    "r-1", "09-14T23:00", "not_detected", status="corrected", resulted_at=POSITIVE.resulted_at + timedelta(hours=9)
)
RETRACTED = result("r-1", "09-14T23:00", status="retracted", resulted_at=POSITIVE.resulted_at + timedelta(days=1))


def reported(*reports: TestResultReported) -> Story:
    return Story(KIND).given(*reports, received_at=RECEIVED_AT)


def test_a_result_is_recorded_when_it_resulted() -> None:
    story = Story(KIND).when(POSITIVE, received_at=RECEIVED_AT)
    story.then((TestResultRecorded, POSITIVE.model_dump(mode="json", exclude_none=True)))
    assert story.emitted[0].time == POSITIVE.resulted_at


def test_a_correction_carries_both_the_old_and_the_new() -> None:
    story = reported(POSITIVE).when(NEGATIVE)
    story.then((TestResultCorrected, {"result": "not_detected", "status": "corrected"}))
    event = story.emitted[0].event
    assert (event.old.result, event.new.result, event.earlier) == ("detected", "not_detected", ())


def test_a_correction_that_comes_before_what_it_corrects_is_told_as_a_correction_once_both_are_known() -> None:
    Story(KIND).when(NEGATIVE, received_at=RECEIVED_AT).then((TestResultRecorded, {"status": "corrected"}))
    story = reported(NEGATIVE).when(POSITIVE)
    story.then((TestResultCorrected, {"result": "not_detected"}))
    assert story.emitted[0].event.old.resulted_at == POSITIVE.resulted_at


def test_a_retraction_says_what_had_stood() -> None:
    story = reported(POSITIVE, NEGATIVE).when(RETRACTED)
    story.then((TestResultRetracted, {"status": "retracted"}))
    event = story.emitted[0].event
    assert event.old.result == "not_detected"
    assert [version.result for version in event.earlier] == ["detected"]


def test_an_oldest_version_that_comes_last_completes_the_history() -> None:
    """D0 asks what a result said at an instant: so the last word on a result holds every version of it."""
    story = reported(NEGATIVE, RETRACTED).when(POSITIVE)
    story.then((TestResultRetracted, {"status": "retracted"}))
    assert [version.result for version in story.emitted[0].event.earlier] == ["detected"]


def test_a_retraction_of_a_result_nobody_knows_is_said_at_once() -> None:
    Story(KIND).when(RETRACTED, received_at=RECEIVED_AT).then((TestResultRetracted, {"result_id": "r-1"}))


def test_a_preliminary_result_made_final_is_recorded_again_not_corrected() -> None:
    preliminary = result("r-1", "09-14T23:00", status="preliminary", resulted_at=at("09-15T01:00"))
    reported(preliminary).when(POSITIVE).then((TestResultRecorded, {"status": "final"}))


def test_a_preliminary_report_that_comes_after_the_final_one_stays_quiet() -> None:
    preliminary = result("r-1", "09-14T23:00", status="preliminary", resulted_at=at("09-15T01:00"))
    reported(POSITIVE).when(preliminary).stays_quiet()


def test_of_two_versions_resulted_at_one_instant_the_one_written_down_later_holds() -> None:
    negative = result("r-1", "09-14T23:00", "not_detected", status="corrected")
    story = reported(POSITIVE).when(negative, recorded=RECEIVED_AT + timedelta(hours=1))
    story.then((TestResultCorrected, {"result": "not_detected"}))
    story.when(
        result("r-1", "09-14T23:00", ct_values={"N": 24.5}), recorded=RECEIVED_AT - timedelta(days=1)
    ).stays_quiet()


def test_a_result_of_another_id_is_another_result() -> None:
    reported(POSITIVE).when(result("r-2", "09-14T23:00", "not_detected")).then(
        (TestResultRecorded, {"result_id": "r-2"})
    )


def test_a_result_from_the_future_is_refused() -> None:
    early = result("r-1", "09-14T23:00")
    Story(KIND).when(early, received_at=early.resulted_at - timedelta(minutes=6)).refuses(
        "impossible_time", "resulted_at"
    )
    Story(KIND).when(early, received_at=early.resulted_at - timedelta(minutes=5)).then(TestResultRecorded)
