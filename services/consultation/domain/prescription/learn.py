"""What a prescription learns from each report. Nothing is refused: what comes before it may be learnt later."""

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import take
from schemas.reports.consultation import DeliveryReported, PrescriptionReviewed
from services.consultation.domain.prescription.facts import Facts, Review, Step


def learn_review(facts: Facts, report: PrescriptionReviewed, receipt: Receipt) -> Facts:
    """A pharmacist's word."""
    review = Review(
        report.reviewed_at,
        receipt.rank,
        receipt.received_at,
        report.decision == "approved",
        report.pharmacist_ref,
        report.reason,
    )
    reviews = take(facts.reviews, review, replace)
    if reviews is facts.reviews:
        return facts
    return replace(facts, prescription_id=report.prescription_id, reviews=reviews)


def learn_delivery(facts: Facts, report: DeliveryReported, receipt: Receipt) -> Facts:
    """A step on the way of the medicine to the patient."""
    step = Step(report.reported_at, report.status, receipt.rank, receipt.received_at, report.reason)
    steps = take(facts.steps, step, replace)
    if steps is facts.steps:
        return facts
    return replace(facts, prescription_id=report.prescription_id, steps=steps)
