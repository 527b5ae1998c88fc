"""Online care in a run: two channels with their rosters, what the children and strangers ask, and what becomes of it.

Channels and experts who prescribe are known before anybody asks, and every request is closed in the end: so all that a
run ends with is the same whoever had a request meanwhile (see `whose`). One expert's shifts are told, taken back and
told again while requests are with them; a third channel, to which nobody comes, closes.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
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
from tests.journeys.patient import COUGH, HOSPITAL

HOW_OFTEN = 0.5
"""Of all workloads."""
CHANNELS = ("z-1", "z-2")
NOBODYS_CHANNEL = "z-3"
PRESCRIBER, OTHER, CHANGING = "e-1", "e-2", "e-3"
LASTS = timedelta(days=40)
DYSPNOEA = "267036007"

Given = tuple[int, Report]
"""The number of the hop at which a report is told, and the report."""


def online_care(dice: Random, instants: Sequence[datetime], cases: Sequence[str]) -> Iterator[Given]:
    """All that is told at the hops of these instants; the first is before anybody comes."""
    yield from ((0, report) for report in _channels(dice, instants))
    for hop, at in list(enumerate(instants))[1:]:
        yield from _roster_changes(dice, hop, at)
        for number in range(dice.choice([0, 1, 3, 8])):
            yield from _consultation(dice, f"q-{cases[0]}-{hop}-{number}", hop, instants, cases)


def _channels(dice: Random, instants: Sequence[datetime]) -> Iterator[Report]:
    begins = instants[0]
    for channel_id in (*CHANNELS, NOBODYS_CHANNEL):
        yield ChannelOpened(
            channel_id=channel_id,
            institution_id=HOSPITAL if channel_id in CHANNELS else "not-listed",
            name="online",
            departments=("infection",),
            priority_groups=("child",) if channel_id == CHANNELS[0] and dice.random() < 0.5 else (),
            open_24h=dice.random() < 0.7,
            opened_at=begins,
        )
    yield _shift(CHANNELS[0], PRESCRIBER, begins, begins + LASTS, prescriber=True)
    for at in instants[1:]:
        until = at + timedelta(minutes=dice.choice([20, 240]))
        yield _shift(dice.choice(CHANNELS), OTHER, at - timedelta(hours=2), until, prescriber=True)


def _roster_changes(dice: Random, hop: int, at: datetime) -> Iterator[Given]:
    channel_id, begins = dice.choice(CHANNELS), at - timedelta(hours=dice.choice([0, 1]))
    if dice.random() < 0.5:
        yield hop, _shift(channel_id, CHANGING, begins, begins + timedelta(hours=2), prescriber=False)
    if dice.random() < 0.3:
        taken_back = {"channel_id": channel_id, "expert_ref": CHANGING, "from": begins}
        yield hop, ExpertUnrostered.model_validate(taken_back)
    if dice.random() < 0.2:
        yield hop, ChannelClosed(channel_id=NOBODYS_CHANNEL, closed_at=at)


def _shift(channel_id: str, expert: str, begins: datetime, until: datetime, *, prescriber: bool) -> Report:
    fields: dict[str, Any] = {"channel_id": channel_id, "expert_ref": expert, "department": "infection"}
    return ExpertRostered.model_validate({**fields, "prescriber": prescriber, "from": begins, "until": until})


def _consultation(
    dice: Random, name: str, hop: int, instants: Sequence[datetime], cases: Sequence[str]
) -> Iterator[Given]:
    """A request, and at the same hop or a later one how it ended; then its prescription's way, a step a hop."""
    fields: dict[str, Any] = {
        "consultation_id": name,
        "channel_id": dice.choice([None, None, *CHANNELS]),
        "person_ref": f"p-{dice.randint(1, 9)}",
        "case_id": dice.choice([None, *cases]),
        "jurisdiction": dice.choice(["CN-SH", "CN-SH", "CN-SH", "CN-BJ"]),
        "district": dice.choice(["Pudong", None]),
        "age": dice.choice([{"value": 5, "unit": "a"}, {"value": 40, "unit": "a"}]),
        "symptoms": dice.choice([(), (COUGH,), (COUGH,), (DYSPNOEA,)]),
        "requested_at": instants[hop] - timedelta(minutes=dice.randint(0, 9)),
        "mode": "text",
    }
    yield hop, ConsultationRequested.model_validate(fields)
    closed = dice.choice([hop, hop, min(hop + 1, len(instants) - 1), len(instants) - 1])
    if dice.random() < 0.2:
        yield closed, ConsultationCancelled(consultation_id=name, cancelled_at=instants[closed])
        return
    written = {"prescription_id": f"rx-{name}", "items": ["paracetamol"]} if dice.random() < 0.6 else None
    held: dict[str, Any] = {
        "consultation_id": name,
        "expert_ref": dice.choice([PRESCRIBER, PRESCRIBER, OTHER, CHANGING]),
        "completed_at": instants[closed],
        "advice": "rest",
        "refer_offline": dice.random() < 0.2,
        "prescription": written,
    }
    yield closed, ConsultationCompleted.model_validate(held)
    if written:
        yield from _prescription(dice, name, closed, instants)


def _prescription(dice: Random, name: str, hop: int, instants: Sequence[datetime]) -> Iterator[Given]:
    named = {"prescription_id": f"rx-{name}", "consultation_id": name}
    decision = dice.choice(["approved", "approved", "rejected"])
    review = {**named, "pharmacist_ref": "ph-1", "decision": decision, "reviewed_at": instants[hop]}
    yield hop, PrescriptionReviewed.model_validate(review)
    minute = 0
    for status in ("dispensed", "dispatched", dice.choice(["delivered", "failed"]), "dispatched", "delivered"):
        hop, minute = hop + dice.choice([0, 0, 1]), minute + 1
        if hop == len(instants):
            return
        at = instants[hop] - timedelta(minutes=5 - minute) if hop else instants[hop]
        step = {**named, "status": status, "reported_at": at}
        yield hop, DeliveryReported.model_validate(step)
