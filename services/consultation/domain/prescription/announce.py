"""What is said of a prescription: that it was issued, what the pharmacist says, and each step of the medicine (C6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.decide.announcing import Announcer, Statement, Things, stating
from schemas.events.consultation import (
    DeliveryFailed,
    MedicineDelivered,
    MedicineDispatched,
    MedicineDispensed,
    PrescriptionApproved,
    PrescriptionIssued,
    PrescriptionOverdue,
    PrescriptionRejected,
)
from services.consultation.domain.prescription.conclude import Conclusions, Overdue, PrescriptionState
from services.consultation.domain.prescription.course import Attempt, Course, Point
from services.consultation.domain.prescription.facts import Facts, Issue, Review

NOT_BY_A_PRESCRIBER = "not_a_prescriber_on_duty"


def _about(issue: Issue) -> dict[str, Any]:
    """What every event of a prescription says; a thing is worded with the issue that it belongs to."""
    return {
        "prescription_id": issue.prescription_id,
        "consultation_id": issue.consultation_id,
        "channel_id": issue.channel_id,
        "jurisdiction": issue.jurisdiction,
        "district": issue.district,
    }


def _of_prescription(state: PrescriptionState) -> Conclusions:
    return state.conclusions


def _issued(found: Conclusions) -> Mapping[str, tuple[Issue, datetime]]:
    issue, review_by = found.issue, found.review_by
    return {"prescription": (issue, review_by)} if issue and review_by else {}


def _issue(_after: PrescriptionState, _key: str, thing: tuple[Issue, datetime]) -> Statement:
    issue, review_by = thing
    written = {"expert_ref": issue.expert_ref, "items": issue.items, "issued_at": issue.issued_at}
    return Statement(PrescriptionIssued, issue.issued_at, {**_about(issue), **written, "review_by": review_by})


def _reviewed(found: Conclusions) -> Mapping[str, tuple[Issue, Review | None]]:
    """The review that holds; None: it must not be dispensed, whatever a pharmacist says."""
    if found.issue is None or (found.issue.by_prescriber and found.review is None):
        return {}
    return {"review": (found.issue, found.review)}


def _review(_after: PrescriptionState, _key: str, thing: tuple[Issue, Review | None]) -> Statement:
    issue, review = thing
    if review is None:
        refused = {"why": NOT_BY_A_PRESCRIBER, "reviewed_at": issue.issued_at}
        return Statement(PrescriptionRejected, issue.issued_at, {**_about(issue), **refused})
    by = {**_about(issue), "pharmacist_ref": review.pharmacist_ref, "reviewed_at": review.reviewed_at}
    if review.approved:
        return Statement(PrescriptionApproved, review.reviewed_at, by)
    return Statement(PrescriptionRejected, review.reviewed_at, {**by, "why": "pharmacist", "reason": review.reason})


def _course(state: PrescriptionState) -> tuple[Issue | None, Course]:
    return state.conclusions.issue, state.conclusions.course


def _dispensed(found: tuple[Issue, Course]) -> Mapping[str, tuple[Issue, Point]]:
    issue, course = found
    return {"dispensing": (issue, course.dispensed)} if course.dispensed else {}


def _dispensing(_after: PrescriptionState, _key: str, thing: tuple[Issue, Point]) -> Statement:
    issue, dispensed = thing
    return Statement(MedicineDispensed, dispensed.at, {**_about(issue), "dispensed_at": dispensed.at})


def _dispatched(found: tuple[Issue, Course]) -> Mapping[int, tuple[Issue, datetime]]:
    issue, course = found
    return {attempt.number: (issue, attempt.dispatched.at) for attempt in course.attempts}


def _dispatch(_after: PrescriptionState, number: int, thing: tuple[Issue, datetime]) -> Statement:
    issue, at = thing
    return Statement(MedicineDispatched, at, {**_about(issue), "attempt": number, "dispatched_at": at})


def _ended(found: tuple[Issue, Course]) -> Mapping[tuple[str, int], tuple[Issue, Attempt]]:
    """The medicine is delivered once, whichever the attempt; each attempt may fail."""
    issue, course = found
    return {
        (attempt.outcome, 0 if attempt.is_delivered else attempt.number): (issue, attempt)
        for attempt in course.attempts
        if attempt.ended is not None
    }


def _end(_after: PrescriptionState, _key: tuple[str, int], thing: tuple[Issue, Attempt]) -> Statement:
    issue, attempt = thing
    at = (attempt.ended or attempt.dispatched).at
    about = {**_about(issue), "attempt": attempt.number}
    if attempt.is_delivered:
        return Statement(MedicineDelivered, at, {**about, "delivered_at": at})
    return Statement(DeliveryFailed, at, {**about, "failed_at": at, "reason": attempt.reason})


def _late(found: Conclusions) -> Mapping[tuple[str, int], tuple[Issue, Overdue]]:
    """What was found late, while a consultation is known that wrote it."""
    issue = found.issue
    return {one.key: (issue, one) for one in found.overdue} if issue else {}


def _overdue(_after: PrescriptionState, _key: tuple[str, int], thing: tuple[Issue, Overdue]) -> Statement:
    issue, late = thing
    step = {"waits_for": late.waits_for, "attempt": late.attempt, "since": late.since, "due": late.due}
    return Statement(PrescriptionOverdue, late.due, {**_about(issue), **step})


announce: Announcer[Facts, Conclusions] = Announcer(
    {
        "prescription": Things(_of_prescription, _issued, _issue),
        "review": Things(_of_prescription, _reviewed, _review),
        "dispensing": Things(_course, _dispensed, _dispensing),
        "dispatch": Things(_course, _dispatched, _dispatch),
        "end": Things(_course, _ended, _end),
        "late_step": Things(_of_prescription, _late, _overdue),
    }
)
states = stating(
    PrescriptionIssued,
    PrescriptionApproved,
    PrescriptionRejected,
    MedicineDispensed,
    MedicineDispatched,
    MedicineDelivered,
    DeliveryFailed,
    PrescriptionOverdue,
)
