"""Reports of online care: channels, rosters, requests, and what becomes of a prescription; any that the schemas allow.

`about`: the data of the event that is answered; empty where nobody has asked.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
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
from tests.rest.pen import COUGH, DYSPNOEA, FEVER, HOSPITALS, Pen

About = Mapping[str, Any]
NOTHING: About = MappingProxyType({})

CHANNELS = ("ch-1", "ch-2")
EXPERTS = ("e-1", "e-2", "e-3")
DEPARTMENTS = (("infection",), ("respiratory", "paediatrics"), ("paediatrics",))
GROUPS = ((), (), ("pregnant",), ("child",), ("comorbid", "dialysis"))
PLACES = ("CN-SH", "CN-SH", "CN-SH", "CN-BJ")
ANY_STEP = ("dispensed", "dispatched", "delivered", "failed")
FOLLOWING = {
    "dispensed_at": ("dispatched",),
    "dispatched_at": ("delivered", "delivered", "failed"),
    "failed_at": ("dispatched",),
    "reviewed_at": ("dispensed",),
}
"""Field of what was stated last → the steps that fit."""
HOURS = (-2, 0, 0, 0, 1, 8)
"""From now to when a shift begins."""


def opened(pen: Pen, _case: str) -> Report:
    dice = pen.dice
    return ChannelOpened(
        channel_id=dice.choice(CHANNELS),
        institution_id=dice.choice(HOSPITALS[:2]),
        name="online",
        departments=dice.choice(DEPARTMENTS),
        priority_groups=dice.choice([(), (), ("child",), ("pregnant", "child")]),
        open_24h=dice.random() < 0.5,
        opened_at=pen.instant(),
    )


def closed(pen: Pen, _case: str) -> Report:
    """At an instant, or when it is written down."""
    return ChannelClosed(channel_id=pen.dice.choice(CHANNELS), closed_at=pen.dice.choice([None, pen.instant()]))


def rostered(pen: Pen, _case: str) -> Report:
    """A shift of some hours, at times one that does not end later than it begins."""
    dice = pen.dice
    begins = pen.instant().replace(minute=0) + timedelta(hours=dice.choice(HOURS))
    fields = {
        "channel_id": dice.choice(CHANNELS),
        "expert_ref": dice.choice(EXPERTS),
        "department": "infection",
        "prescriber": dice.random() < 0.7,
        "from": begins,
        "until": begins + timedelta(minutes=dice.choice([0, 15, 60, 240, 480, 480])),
    }
    return ExpertRostered.model_validate(fields)


def unrostered(pen: Pen, _case: str) -> Report:
    begins = pen.instant().replace(minute=0) + timedelta(hours=pen.dice.choice(HOURS))
    names = {"channel_id": pen.dice.choice(CHANNELS), "expert_ref": pen.dice.choice(EXPERTS)}
    return ExpertUnrostered.model_validate({**names, "from": begins})


def requested(pen: Pen, case: str) -> Report:
    """Of anybody, for any channel or none; said again under the id of another it is a version of that."""
    dice = pen.dice
    fields: dict[str, Any] = {
        "consultation_id": pen.next_consultation(),
        "channel_id": dice.choice([None, None, None, *CHANNELS, "ch-unknown"]),
        "person_ref": f"p-{dice.randint(1, 12)}",
        "case_id": dice.choice([None, None, case]),
        "jurisdiction": dice.choice(PLACES),
        "district": dice.choice(["Pudong", "Minhang", None]),
        "age": dice.choice([{"value": 5, "unit": "a"}, {"value": 40, "unit": "a"}, None]),
        "groups": dice.choice(GROUPS),
        "symptoms": dice.choice([(), (FEVER,), (FEVER, COUGH), (COUGH,), (DYSPNOEA,)]),
        "requested_at": pen.instant(),
        "mode": dice.choice(["text", "voice", "video"]),
        "red_flags": dice.choice([(), (), (), (), (DYSPNOEA,)]),
    }
    return ConsultationRequested.model_validate(fields)


def cancelled(pen: Pen, _case: str, about: About = NOTHING) -> Report:
    asked = about.get("consultation_id") or pen.consultation()
    return ConsultationCancelled(consultation_id=asked, cancelled_at=pen.instant())


def completed(pen: Pen, _case: str, about: About = NOTHING) -> Report:
    """By who has it, or by another; with a prescription that may be that of another consultation."""
    dice = pen.dice
    asked = about.get("consultation_id") or pen.consultation()
    named = asked if dice.random() < 0.9 else pen.consultation()
    items = {"prescription_id": f"rx-{named}", "items": ["paracetamol"]}
    fields: dict[str, Any] = {
        "consultation_id": asked,
        "expert_ref": about.get("expert_ref") or dice.choice(EXPERTS),
        "completed_at": pen.instant(),
        "advice": "rest",
        "refer_offline": dice.random() < 0.2,
        "prescription": items if dice.random() < 0.6 else None,
    }
    return ConsultationCompleted.model_validate(fields)


def reviewed(pen: Pen, _case: str, about: About = NOTHING) -> Report:
    fields = {
        **_prescription(pen, about),
        "pharmacist_ref": "ph-1",
        "decision": pen.dice.choice(["approved", "approved", "approved", "rejected"]),
        "reviewed_at": pen.instant(),
    }
    return PrescriptionReviewed.model_validate(fields)


def carried(pen: Pen, _case: str, about: About = NOTHING) -> Report:
    """The step that comes next, or any."""
    following = next((steps for known, steps in FOLLOWING.items() if known in about), ANY_STEP)
    status = pen.dice.choice(following if pen.dice.random() < 0.8 else ANY_STEP)
    return DeliveryReported.model_validate(
        {**_prescription(pen, about), "status": status, "reported_at": pen.instant()}
    )


def _prescription(pen: Pen, about: About) -> dict[str, str]:
    if "prescription_id" in about:
        return {name: about[name] for name in ("prescription_id", "consultation_id")}
    asked = pen.consultation()
    return {"prescription_id": f"rx-{asked}", "consultation_id": asked}
