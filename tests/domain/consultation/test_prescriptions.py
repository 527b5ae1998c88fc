"""C6: a prescription is issued in a consultation by a prescriber on duty, approved, dispensed and delivered once."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.events.consultation import (
    DeliveryFailed,
    MedicineDelivered,
    MedicineDispatched,
    MedicineDispensed,
    PrescriptionApproved,
    PrescriptionIssued,
    PrescriptionRejected,
)
from schemas.message import Event, Message
from services.consultation.domain.prescription import Issue
from services.consultation.routes import PRESCRIPTION
from tests.domain.consultation.kinds import (
    CHANNEL_ID,
    CONSULTATION_ID,
    PRESCRIPTION_ID,
    AsItHappened,
    at,
    issue,
    reviewed,
    step,
    woken,
)

APPROVED = reviewed("12-10T03:10")
DISPENSED, DISPATCHED = step("dispensed", "12-10T03:25"), step("dispatched", "12-10T04:00")
FAILED, DELIVERED = step("failed", "12-10T06:00", reason="nobody_home"), step("delivered", "12-10T06:00")
AGAIN = step("dispatched", "12-10T08:00")


def known(*messages: Message, context: Issue | None = None) -> AsItHappened:
    """A consultation wrote it at 3 a.m., and all of this followed, each as it happened."""
    story = woken(AsItHappened(PRESCRIPTION).until(at("12-10T03:01")), context or issue())
    return story.given(*messages)


def withdrawn(event: type[Event]) -> tuple[type[Event], dict[str, Any]]:
    return event, {"withdrawn": True}


# Only inside a consultation, by a prescriber on duty.


def test_what_a_prescriber_on_duty_wrote_in_a_consultation_is_issued_and_waits_30_minutes_for_a_pharmacist() -> None:
    story = woken(AsItHappened(PRESCRIPTION).until(at("12-10T03:01")), issue())

    story.then(
        (
            PrescriptionIssued,
            {
                "prescription_id": PRESCRIPTION_ID,
                "consultation_id": CONSULTATION_ID,
                "channel_id": CHANNEL_ID,
                "jurisdiction": "CN-BJ",
                "district": "Xicheng",
                "expert_ref": "e-1",
                "items": [{"medication": "ibuprofen"}, {"medication": "oral rehydration salts", "dose": "1 sachet"}],
                "issued_at": at("12-10T03:00").isoformat(),
                "review_by": at("12-10T03:30").isoformat(),
            },
        )
    )
    assert story.emitted[0].time == at("12-10T03:00")


@pytest.mark.parametrize("report", [APPROVED, reviewed("12-10T03:10", "rejected"), DISPENSED, DISPATCHED, DELIVERED])
def test_what_no_consultation_wrote_stays_quiet(report: Message) -> None:
    story = AsItHappened(PRESCRIPTION).when(report).stays_quiet()
    story.until(at("12-20T00:00")).stays_quiet()


def test_what_came_before_the_consultation_counts_once_that_is_known() -> None:
    story = AsItHappened(PRESCRIPTION).given(DELIVERED, DISPATCHED, APPROVED, DISPENSED)

    woken(story, issue(known_at=at("12-10T07:00"))).then(
        PrescriptionIssued, PrescriptionApproved, MedicineDispensed, MedicineDispatched, MedicineDelivered
    )


def test_what_nobody_wrote_who_may_prescribe_is_rejected_and_nothing_waits() -> None:
    story = woken(AsItHappened(PRESCRIPTION).until(at("12-10T03:01")), issue(by_prescriber=False))

    why = {"why": "not_a_prescriber_on_duty", "reviewed_at": at("12-10T03:00").isoformat(), "pharmacist_ref": None}
    story.then((PrescriptionRejected, why))
    story.until(at("12-20T00:00")).stays_quiet()


def test_a_pharmacist_cannot_approve_what_nobody_wrote_who_may_prescribe() -> None:
    story = known(context=issue(by_prescriber=False))

    story.when(APPROVED).stays_quiet()
    story.when(DISPENSED).stays_quiet()


def test_a_roster_that_is_known_later_issues_what_was_rejected() -> None:
    story = known(APPROVED, context=issue(by_prescriber=False))

    woken(story, issue()).then(PrescriptionIssued, PrescriptionApproved)


def test_a_prescription_that_a_corrected_consultation_has_no_more_is_withdrawn_with_all_that_followed() -> None:
    story = known(APPROVED, DISPENSED)

    gone = withdrawn(PrescriptionIssued), withdrawn(PrescriptionApproved), withdrawn(MedicineDispensed)
    woken(story, None).then(*gone)


def test_every_event_says_where_the_consultation_is_now() -> None:
    story = known(APPROVED)

    here = {"district": "Haidian"}
    woken(story, issue(district="Haidian")).then((PrescriptionIssued, here), (PrescriptionApproved, here))


# Approved by a pharmacist.


def test_a_pharmacist_approves() -> None:
    known().when(APPROVED).then(
        (PrescriptionApproved, {"pharmacist_ref": "p-1", "reviewed_at": at("12-10T03:10").isoformat()})
    )


def test_a_pharmacist_rejects_and_nothing_waits() -> None:
    story = known().when(reviewed("12-10T03:10", "rejected", reason="interaction"))

    story.then((PrescriptionRejected, {"why": "pharmacist", "reason": "interaction", "pharmacist_ref": "p-1"}))
    story.until(at("12-20T00:00")).stays_quiet()


def test_of_two_reviews_the_one_that_was_made_later_holds_whichever_comes_first() -> None:
    rejected = reviewed("12-10T03:20", "rejected")

    known(APPROVED).when(rejected).then(PrescriptionRejected)
    known(rejected).when(APPROVED).stays_quiet()


def test_of_two_reviews_of_one_instant_the_one_that_was_recorded_later_holds() -> None:
    story = known(APPROVED)

    story.when(reviewed("12-10T03:10", "rejected"), recorded=at("12-10T03:05")).stays_quiet()
    story.when(reviewed("12-10T03:10", "rejected"), recorded=at("12-10T03:40")).then(PrescriptionRejected)


# Approved before it is dispensed.


def test_an_approved_medicine_is_dispensed() -> None:
    known(APPROVED).when(DISPENSED).then((MedicineDispensed, {"dispensed_at": at("12-10T03:25").isoformat()}))


def test_a_medicine_that_is_dispensed_at_the_instant_of_the_approval_is_dispensed_after_it() -> None:
    known(APPROVED).when(step("dispensed", "12-10T03:10")).then(MedicineDispensed)


def test_what_is_dispensed_before_the_approval_stays_quiet_for_good() -> None:
    story = known().when(step("dispensed", "12-10T03:05"), received_at=at("12-10T03:20")).stays_quiet()

    story.when(APPROVED, received_at=at("12-10T03:20")).then(PrescriptionApproved)


def test_a_dispensing_that_comes_before_its_approval_counts_once_that_is_known() -> None:
    story = known().when(DISPENSED, received_at=at("12-10T03:28")).stays_quiet()

    story.when(APPROVED, received_at=at("12-10T03:29")).then(PrescriptionApproved, MedicineDispensed)


def test_what_is_dispensed_after_a_rejection_stays_quiet() -> None:
    known(APPROVED, reviewed("12-10T03:20", "rejected")).when(DISPENSED).stays_quiet()


def test_what_was_dispensed_under_an_approval_stays_dispensed_after_another_review() -> None:
    story = known(APPROVED, DISPENSED)

    story.when(reviewed("12-10T03:45", "rejected")).then(PrescriptionRejected)
    story.when(reviewed("12-10T03:50")).then(PrescriptionApproved)


def test_an_approval_after_a_rejection_lets_it_be_dispensed() -> None:
    story = known(reviewed("12-10T03:10", "rejected"), reviewed("12-10T03:20"))

    story.when(DISPENSED).then(MedicineDispensed)


# Dispensed, dispatched and delivered at most once, in that order.


def test_a_medicine_goes_from_the_pharmacy_to_the_door() -> None:
    story = known(APPROVED, DISPENSED)

    first = {"attempt": 1}
    story.when(DISPATCHED).then((MedicineDispatched, {**first, "dispatched_at": at("12-10T04:00").isoformat()}))
    story.when(DELIVERED).then((MedicineDelivered, {**first, "delivered_at": at("12-10T06:00").isoformat()}))
    story.until(at("12-20T00:00")).stays_quiet()


@pytest.mark.parametrize("report", [DISPATCHED, DELIVERED, FAILED])
def test_what_comes_before_the_dispensing_stays_quiet(report: Message) -> None:
    known(APPROVED).when(report).stays_quiet()


@pytest.mark.parametrize("report", [DELIVERED, FAILED])
def test_what_comes_before_the_dispatch_stays_quiet(report: Message) -> None:
    known(APPROVED, DISPENSED).when(report).stays_quiet()


def test_the_steps_count_once_what_precedes_them_is_known() -> None:
    story = known(APPROVED, DELIVERED, DISPATCHED)

    story.when(DISPENSED, received_at=at("12-10T07:00")).then(MedicineDispensed, MedicineDispatched, MedicineDelivered)


def test_steps_that_are_reported_of_one_minute_are_taken_in_their_order() -> None:
    same = "12-10T04:00"
    story = known(APPROVED, step("dispatched", same), step("failed", same))

    story.when(step("dispensed", same)).then(MedicineDispensed, MedicineDispatched, DeliveryFailed)


def test_nothing_is_dispensed_or_dispatched_twice() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED)

    story.when(step("dispensed", "12-10T04:10")).stays_quiet()
    story.when(AGAIN).stays_quiet()


def test_an_earlier_report_of_the_same_step_is_the_one_that_counts() -> None:
    known(APPROVED, DISPENSED).when(step("dispensed", "12-10T03:20"), received_at=at("12-10T04:00")).then(
        (MedicineDispensed, {"dispensed_at": at("12-10T03:20").isoformat()})
    )


@pytest.mark.parametrize(
    "report", [step(status, "12-10T09:00") for status in ("dispensed", "dispatched", "delivered", "failed")]
)
def test_what_comes_after_the_delivery_stays_quiet(report: Message) -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED, DELIVERED).when(report).stays_quiet()

    assert len(story.state.conclusions.course.ignored) == 1


# A failed delivery may be dispatched again.


def test_a_delivery_that_failed_says_why_and_may_be_dispatched_again() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED)

    story.when(FAILED).then((DeliveryFailed, {"attempt": 1, "reason": "nobody_home"}))
    story.when(AGAIN).then((MedicineDispatched, {"attempt": 2, "dispatched_at": at("12-10T08:00").isoformat()}))
    story.when(step("delivered", "12-10T10:00")).then((MedicineDelivered, {"attempt": 2}))


def test_nothing_is_dispatched_a_third_time_while_the_second_is_on_its_way() -> None:
    known(APPROVED, DISPENSED, DISPATCHED, FAILED, AGAIN).when(step("dispatched", "12-10T09:00")).stays_quiet()


def test_a_second_failure_of_one_attempt_stays_quiet() -> None:
    known(APPROVED, DISPENSED, DISPATCHED, FAILED).when(step("failed", "12-10T07:00")).stays_quiet()


def test_what_failed_is_not_delivered_without_another_dispatch() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED, FAILED)

    story.when(step("delivered", "12-10T09:00")).stays_quiet()
    story.when(AGAIN, received_at=at("12-10T09:10")).then(MedicineDispatched, MedicineDelivered)


def test_a_failure_that_becomes_known_after_the_delivery_takes_that_back() -> None:
    """It failed at 6 and is said to have been brought at 9: somebody must have dispatched it in between."""
    story = known(APPROVED, DISPENSED, DISPATCHED, step("delivered", "12-10T09:00"))

    story.when(FAILED, received_at=at("12-10T10:00")).then(DeliveryFailed, withdrawn(MedicineDelivered))


def test_a_corrected_reason_is_said_again() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED, FAILED)

    later = FAILED.model_copy(update={"reason": "wrong_address"})
    story.when(later, received_at=at("12-10T07:00")).then((DeliveryFailed, {"reason": "wrong_address"}))
    assert story.state.facts.steps[-1].received_at == at("12-10T06:00") + timedelta(minutes=1), "when it first came"
