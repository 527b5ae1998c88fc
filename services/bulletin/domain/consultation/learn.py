"""What a consultation learns: that it was closed, or that it is open."""

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import place
from schemas.events.consultation import ConsultationAssigned, ConsultationClosed, ConsultationQueued
from services.bulletin.domain.consultation.facts import Closing, Facts


def learn_closed(facts: Facts, event: ConsultationClosed, receipt: Receipt) -> Facts:
    """C7: it was held, or cancelled."""
    closing = Closing(
        receipt.rank,
        not event.withdrawn,
        event.outcome,
        event.closed_at,
        event.jurisdiction,
        event.channel_id,
        event.person_ref,
        event.expert_ref,
        event.refers,
    )
    return _placed(facts, closing)


def learn_open(facts: Facts, event: ConsultationQueued | ConsultationAssigned, receipt: Receipt) -> Facts:
    """The request waits, or an expert has it: one such word holds at a time, so what closed it before does not."""
    return _placed(facts, Closing(receipt.rank))


def _placed(facts: Facts, closing: Closing) -> Facts:
    closings = place(facts.closings, closing)
    return facts if closings is facts.closings else replace(facts, closings=closings)
