"""C6: a prescription waits 30 minutes for a pharmacist, 4 h for its dispatch and 24 h for the delivery (*policy*)."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.events.consultation import (
    MedicineDispatched,
    MedicineDispensed,
    PrescriptionApproved,
    PrescriptionIssued,
    PrescriptionOverdue,
    PrescriptionRejected,
)
from schemas.message import Event
from services.consultation.policy import prescribing
from services.consultation.routes import PRESCRIPTION
from tests.domain.consultation.kinds import AsItHappened, at, issue, reviewed, step, woken
from tests.domain.consultation.test_prescriptions import (
    AGAIN,
    APPROVED,
    DELIVERED,
    DISPATCHED,
    DISPENSED,
    FAILED,
    known,
)


def late(waits_for: str, attempt: int, since: str, due: str) -> tuple[type[Event], dict[str, Any]]:
    """As the event says it."""
    data = {"waits_for": waits_for, "attempt": attempt, "since": at(since).isoformat(), "due": at(due).isoformat()}
    return PrescriptionOverdue, data


def test_the_times_are_the_policys() -> None:
    hour = timedelta(hours=1)

    assert prescribing("CN-BJ", at("12-10T03:00").date()) == (hour / 2, 4 * hour, 24 * hour)


def test_a_prescription_that_no_pharmacist_looked_at_for_30_minutes_is_overdue() -> None:
    story = known()

    story.until(at("12-10T03:29")).stays_quiet()
    story.until(at("12-10T03:30")).then(late("review", 1, "12-10T03:00", "12-10T03:30"))
    assert story.emitted[0].time == at("12-10T03:30")
    story.until(at("12-20T00:00")).stays_quiet()


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_a_review_in_time_is_not_overdue(decision: str) -> None:
    story = known(reviewed("12-10T03:20", decision))

    story.until(at("12-10T07:00")).stays_quiet()


def test_a_late_review_does_not_undo_that_it_was_late() -> None:
    story = known().until(at("12-10T03:30"))

    story.when(reviewed("12-10T03:40")).then(PrescriptionApproved)
    story.when(reviewed("12-10T03:10"), received_at=at("12-10T04:00")).stays_quiet()
    assert [one.waits_for for one in story.state.conclusions.overdue] == ["review"]


def test_a_review_that_instant_the_very_instant_is_too_late() -> None:
    story = known().when(reviewed("12-10T03:20"), received_at=at("12-10T03:30"))

    story.then(PrescriptionApproved, late("review", 1, "12-10T03:00", "12-10T03:30"))


def test_a_deadline_is_found_once_everything_that_came_by_it_has_been_read() -> None:
    for instant, found in (("03:29", []), ("03:30", [late("review", 1, "12-10T03:00", "12-10T03:30")])):
        received_at = at(f"12-10T{instant}")
        story = known().when(reviewed("12-10T03:20"), received_at=received_at, watermark=at("12-10T03:28"))
        story.then(PrescriptionApproved)
        story.until(at("12-10T03:40")).then(*found)


def test_a_second_review_that_comes_late_does_not_make_the_first_late() -> None:
    story = known(APPROVED).when(reviewed("12-10T03:35"), watermark=at("12-10T03:20")).then(PrescriptionApproved)

    story.until(at("12-10T03:40")).stays_quiet()


def test_an_approved_medicine_that_is_not_dispatched_for_4_hours_is_overdue_dispensed_or_not() -> None:
    for story in (known(APPROVED), known(APPROVED, DISPENSED)):
        story.until(at("12-10T07:09")).stays_quiet()
        story.until(at("12-10T07:10")).then(late("dispatch", 1, "12-10T03:10", "12-10T07:10"))


def test_a_second_approval_gives_no_more_time() -> None:
    story = known(APPROVED, reviewed("12-10T03:20"))

    story.until(at("12-10T07:10")).then(late("dispatch", 1, "12-10T03:10", "12-10T07:10"))


def test_an_approval_after_a_rejection_begins_anew() -> None:
    story = known(APPROVED, reviewed("12-10T03:15", "rejected"), reviewed("12-10T03:20"))

    story.until(at("12-10T07:20")).then(late("dispatch", 1, "12-10T03:20", "12-10T07:20"))


def test_a_medicine_that_is_not_delivered_for_24_hours_is_overdue() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED)

    story.until(at("12-11T03:59")).stays_quiet()
    story.until(at("12-11T04:00")).then(late("delivery", 1, "12-10T04:00", "12-11T04:00"))


def test_a_failed_delivery_that_is_not_dispatched_again_for_4_hours_is_overdue() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED, FAILED)

    story.until(at("12-10T10:00")).then(late("dispatch", 2, "12-10T06:00", "12-10T10:00"))
    story.until(at("12-20T00:00")).stays_quiet()


def test_after_a_second_failure_the_4_hours_begin_anew() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED, FAILED, AGAIN, step("failed", "12-10T11:00"))

    story.until(at("12-10T14:59")).stays_quiet()
    story.until(at("12-10T15:00")).then(late("dispatch", 3, "12-10T11:00", "12-10T15:00"))


def test_each_attempt_has_its_own_24_hours() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED, FAILED, AGAIN)

    story.until(at("12-11T07:59")).stays_quiet()
    story.until(at("12-11T08:00")).then(late("delivery", 2, "12-10T08:00", "12-11T08:00"))


def test_a_medicine_that_was_delivered_in_time_is_not_overdue() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED, DELIVERED)

    story.until(at("12-20T00:00")).stays_quiet()
    assert story.state.conclusions.due is None


def test_what_a_pharmacist_rejected_after_all_waits_for_nothing_more() -> None:
    story = known(APPROVED, DISPENSED).when(reviewed("12-10T03:45", "rejected")).then(PrescriptionRejected)

    story.until(at("12-20T00:00")).stays_quiet()


def test_what_was_overdue_stays_so_when_it_is_rejected() -> None:
    story = known(APPROVED).until(at("12-10T07:10"))

    story.when(reviewed("12-10T08:00", "rejected")).then(PrescriptionRejected)
    story.when(reviewed("12-10T09:00")).then(PrescriptionApproved)
    story.until(at("12-10T13:00")).then(late("dispatch", 1, "12-10T09:00", "12-10T13:00"))


def test_a_dispatch_whose_dispensing_is_not_known_by_the_deadline_is_late() -> None:
    story = known(APPROVED, DISPATCHED)

    story.until(at("12-10T07:10")).then(late("dispatch", 1, "12-10T03:10", "12-10T07:10"))
    story.when(DISPENSED, received_at=at("12-10T08:00")).then(MedicineDispensed, MedicineDispatched)


def test_where_reports_come_so_late_that_no_time_is_left_it_counts_from_when_they_came() -> None:
    context = issue(known_at=at("12-10T09:00"))
    story = woken(AsItHappened(PRESCRIPTION).until(at("12-10T09:00")), context)

    story.then((PrescriptionIssued, {"review_by": at("12-10T09:30").isoformat()}))
    story.when(APPROVED, received_at=at("12-10T09:10")).then(PrescriptionApproved)
    story.when(DISPENSED, received_at=at("12-10T09:10")).then(MedicineDispensed)
    story.until(at("12-10T13:09")).stays_quiet()
    story.until(at("12-10T13:10")).then(late("dispatch", 1, "12-10T03:10", "12-10T13:10"))


def test_a_whole_course_that_is_told_at_once_much_later_was_never_overdue() -> None:
    story = woken(AsItHappened(PRESCRIPTION).until(at("12-20T09:00")), issue(known_at=at("12-20T09:00")))

    story.given(APPROVED, DISPENSED, DISPATCHED, DELIVERED, received_at=at("12-20T09:00"))
    story.until(at("12-31T00:00")).stays_quiet()
