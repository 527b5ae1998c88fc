"""What consultation states of online care: builders with believable defaults, and a journey."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from schemas.events.consultation import (
    ConsultationAssigned,
    ConsultationClosed,
    ConsultationQueued,
    MedicineDelivered,
)
from schemas.message import Message
from services.bulletin.routes import CONSULTATION

CHANNEL = "zj-green"
KIND = CONSULTATION


def at(written: str) -> datetime:
    """`12-09T08:00` of 2022 in Zhejiang."""
    return datetime.fromisoformat(f"2022-{written}:00+08:00")


REQUEST: dict[str, Any] = {
    "consultation_id": "c-1",
    "jurisdiction": "CN-ZJ",
    "channel_id": CHANNEL,
    "priority": "other",
}


def held(consultation_id: str = "c-1", when: str = "12-09T10:00", **changed: Any) -> ConsultationClosed:
    """Held in the green channel, without a referral."""
    fields = {
        "consultation_id": consultation_id,
        "outcome": "held",
        "closed_at": at(when),
        "requested_at": at("12-09T08:00"),
        "person_ref": "p-1",
        "mode": "text",
        "expert_ref": "e-1",
        "refers": False,
    }
    return ConsultationClosed.model_validate({**REQUEST, **fields, **changed})


def cancelled(**changed: Any) -> ConsultationClosed:
    return held(**{"outcome": "cancelled", "expert_ref": None, **changed})


def queued(**changed: Any) -> ConsultationQueued:
    fields = {"queued_at": at("12-09T08:00"), "answer_by": at("12-09T09:00")}
    return ConsultationQueued.model_validate({**REQUEST, **fields, **changed})


def assigned(**changed: Any) -> ConsultationAssigned:
    fields = {"expert_ref": "e-1", "assigned_at": at("12-09T08:01"), "answer_by": at("12-09T09:00")}
    return ConsultationAssigned.model_validate({**REQUEST, **fields, **changed})


def delivered(prescription_id: str = "rx-1", when: str = "12-10T10:00", **changed: Any) -> MedicineDelivered:
    """At the patient's door on the next morning."""
    fields = {
        "prescription_id": prescription_id,
        "consultation_id": "c-1",
        "channel_id": CHANNEL,
        "jurisdiction": "CN-ZJ",
        "attempt": 1,
        "delivered_at": at(when),
    }
    return MedicineDelivered.model_validate({**fields, **changed})


RECEIVED_AT = at("12-12T00:00")
"""When everything came: after all that the journeys tell."""


def small() -> Iterator[list[Message]]:
    """A journey of a few messages, to be told in every order."""
    yield [queued(), assigned(), held(), assigned(expert_ref="e-2"), held(expert_ref="e-2", refers=True)]


def full() -> Iterator[list[Message]]:
    """A whole journey, to be told in any order."""
    yield [
        queued(),
        assigned(),
        held(),
        held(withdrawn=True),
        queued(),
        cancelled(),
        assigned(),
        held(when="12-10T09:00"),
    ]
