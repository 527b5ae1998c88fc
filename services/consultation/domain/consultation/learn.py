"""What a consultation learns from each report. Nothing is refused: reports that contradict each other are judged."""

from typing import TypeVar

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from schemas.reports.consultation import (
    ConsultationCancelled,
    ConsultationCompleted,
    ConsultationRequested,
)
from services.consultation.domain.consultation.facts import Cancellation, Completion, Facts, Request

Reported = TypeVar("Reported", Request, Cancellation, Completion)


def learn_requested(facts: Facts, report: ConsultationRequested, receipt: Receipt) -> Facts:
    """The request; of two versions the one written down later holds."""
    request = Request(
        receipt.rank,
        receipt.received_at,
        report.person_ref,
        report.jurisdiction,
        report.requested_at,
        channel_id=report.channel_id,
        case_id=report.case_id,
        district=report.district,
        age_months=report.age.months if report.age else None,
        groups=report.groups,
        symptoms=report.symptoms,
        mode=report.mode,
        red_flags=report.red_flags,
    )
    holds = _holding(facts.request, request)
    return facts if holds is facts.request else replace(facts, consultation_id=report.consultation_id, request=holds)


def learn_cancelled(facts: Facts, report: ConsultationCancelled, receipt: Receipt) -> Facts:
    """The patient does not want it any more."""
    holds = _holding(facts.cancellation, Cancellation(receipt.rank, receipt.received_at, report.cancelled_at))
    if holds is facts.cancellation:
        return facts
    return replace(facts, consultation_id=report.consultation_id, cancellation=holds)


def learn_completed(facts: Facts, report: ConsultationCompleted, receipt: Receipt) -> Facts:
    """It was held; a later version may take its prescription back, or write another."""
    written = report.prescription
    completion = Completion(
        receipt.rank,
        receipt.received_at,
        report.expert_ref,
        report.completed_at,
        report.advice,
        report.refer_offline,
        written.prescription_id if written else None,
        tuple(item.model_dump(exclude_none=True) for item in written.items) if written else (),
    )
    holds = _holding(facts.completion, completion)
    if holds is facts.completion:
        return facts
    return replace(facts, consultation_id=report.consultation_id, completion=holds)


def _holding(known: Reported | None, new: Reported) -> Reported:
    """The version of the higher rank, with the instant at which the first one came."""
    if known is None:
        return new
    holds, first = new if new.rank > known.rank else known, min(known.received_at, new.received_at)
    return holds if holds.received_at == first else replace(holds, received_at=first)
