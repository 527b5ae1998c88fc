"""Questions that others may ask of contact's database; read only."""

from datetime import datetime
from typing import Any

from msgspec import to_builtins
from msgspec.structs import asdict

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
