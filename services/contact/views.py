"""Questions that others may ask of contact's database; read only."""

from datetime import datetime
from typing import Any, Final

from msgspec import to_builtins
from msgspec.structs import asdict

from chassis.questions.question import CaseQuestion, Location, Questions
from services.contact import answers
from services.contact.domain.case import Conclusions, Facts


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """Each delivery: which event, to which subscription, where it stands, and why the last attempts failed."""
    types = {event.event_id: event.type for event in facts.events}
    reasons = {outcome.key: outcome.reason for outcome in facts.outcomes}
    return {
        "deliveries": [
            {
                **to_builtins(asdict(delivery)),
                "event_type": types[delivery.event_id],
                "reason": reasons.get((delivery.delivery_id, delivery.attempt)),
            }
            for delivery in conclusions.deliveries
        ],
        "looks_again_at": to_builtins(conclusions.due),
    }


def place(facts: Facts, conclusions: Conclusions) -> Location | None:
    """None: contact passes on what others say of a case, and does not read where it is."""
    return None


QUESTIONS: Final[Questions] = (CaseQuestion(case, answers.Case, place),)
