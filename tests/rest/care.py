"""Reports of online care: channels and who is on duty there, consultations, and what becomes of prescriptions.

Under few ids, so that most correct what was reported before, or come before what they are about.
"""

from datetime import timedelta
from typing import Any

from schemas.message import Report
from schemas.reports.consultation import (
    ChannelClosed,
    ChannelOpened,
    ConsultationCancelled,
    ConsultationCompleted,
    ConsultationRequested,
    DeliveryReported,
    ExpertRostered,
    ExpertUnrostered,
    PrescriptionReviewed,
)
from tests.rest.pen import COUGH, DYSPNOEA, FEVER, HOUSES, Pen

CHANNELS = ("green", "children")
EXPERTS = ("e-1", "e-2")
CONSULTATIONS = ("q-1", "q-2", "q-3")
PRESCRIPTIONS = ("rx-1", "rx-2")


def opened(pen: Pen, _case: str) -> Report:
    dice = pen.dice
    fields: dict[str, Any] = {
        "channel_id": dice.choice(CHANNELS),
        "institution_id": dice.choice(HOUSES),
        "name": "a channel",
        "departments": dice.choice([("infection",), ("paediatrics", "obstetrics")]),
        "priority_groups": dice.choice([(), ("child",), ("pregnant", "dialysis")]),
        "open_24h": dice.random() < 0.3,
        "opened_at": pen.instant(),
    }
    return ChannelOpened.model_validate(fields)


def closed(pen: Pen, _case: str) -> Report:
    return ChannelClosed(channel_id=pen.dice.choice(CHANNELS), closed_at=pen.dice.choice([None, pen.instant()]))


def rostered(pen: Pen, _case: str) -> Report:
    """For some hours or some days."""
    dice, since = pen.dice, pen.instant()
    fields: dict[str, Any] = {
        "channel_id": dice.choice(CHANNELS),
        "expert_ref": dice.choice(EXPERTS),
        "department": dice.choice(["infection", "paediatrics"]),
        "prescriber": dice.random() < 0.7,
        "from": since,
        "until": since + timedelta(hours=dice.choice([8, 24, 24 * 9])),
    }
    return ExpertRostered.model_validate(fields)


def unrostered(pen: Pen, _case: str) -> Report:
    fields = {"channel_id": pen.dice.choice(CHANNELS), "expert_ref": pen.dice.choice(EXPERTS), "from": pen.instant()}
    return ExpertUnrostered.model_validate(fields)


def requested(pen: Pen, case: str) -> Report:
    """By the patient in aftercare, or by somebody."""
    dice = pen.dice
    fields: dict[str, Any] = {
        "consultation_id": dice.choice(CONSULTATIONS),
        "channel_id": dice.choice([None, None, *CHANNELS, "not-open"]),
        "person_ref": dice.choice([f"p-{case}", "p-somebody"]),
        "case_id": dice.choice([case, case, None]),
        "jurisdiction": dice.choice(["CN-SH", "CN-SH", "CN-BJ"]),
        "district": dice.choice(["Pudong", "Minhang", None]),
        "age": dice.choice([{"value": 13, "unit": "mo"}, {"value": 40, "unit": "a"}, None]),
        "groups": dice.choice([(), ("pregnant",), ("dialysis",)]),
        "symptoms": dice.choice([(), (COUGH,), (FEVER,)]),
        "requested_at": pen.instant(),
        "mode": dice.choice(["text", "voice", "video"]),
        "red_flags": dice.choice([(), (), (), (DYSPNOEA,)]),
    }
    return ConsultationRequested.model_validate(fields)


def cancelled(pen: Pen, _case: str) -> Report:
    return ConsultationCancelled(consultation_id=pen.dice.choice(CONSULTATIONS), cancelled_at=pen.instant())


def completed(pen: Pen, _case: str) -> Report:
    """With a prescription or without; two consultations may claim one."""
    dice = pen.dice
    written = {"prescription_id": dice.choice(PRESCRIPTIONS), "items": ("N02BE01",)}
    fields: dict[str, Any] = {
        "consultation_id": dice.choice(CONSULTATIONS),
        "expert_ref": dice.choice(EXPERTS),
        "completed_at": pen.instant(),
        "advice": "rest",
        "refer_offline": dice.random() < 0.3,
        "prescription": dice.choice([None, written, written]),
    }
    return ConsultationCompleted.model_validate(fields)


def reviewed(pen: Pen, _case: str) -> Report:
    return PrescriptionReviewed(
        prescription_id=pen.dice.choice(PRESCRIPTIONS),
        consultation_id=pen.dice.choice(CONSULTATIONS),
        pharmacist_ref="pharmacist",
        decision=pen.dice.choice(["approved", "approved", "rejected"]),
        reviewed_at=pen.instant(),
    )


def carried(pen: Pen, _case: str) -> Report:
    """A step of the medicine on its way."""
    return DeliveryReported(
        prescription_id=pen.dice.choice(PRESCRIPTIONS),
        consultation_id=pen.dice.choice(CONSULTATIONS),
        status=pen.dice.choice(["dispensed", "dispatched", "delivered", "failed"]),
        reported_at=pen.instant(),
    )
