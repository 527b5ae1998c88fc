"""What patients, experts and channels report of one consultation: builders with believable defaults, and journeys."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from schemas.message import Message
from schemas.reports.consultation import (
    ChannelClosed,
    ChannelOpened,
    ConsultationCancelled,
    ConsultationCompleted,
    ConsultationRequested,
    DeliveryReported,
    ExpertRostered,
    PrescriptionReviewed,
    WrittenPrescription,
)
from services.consultation.domain.care import Care
from services.consultation.domain.consultation import Channel, Channels, Online, Queue, Shift
from services.consultation.domain.institutions import Directory, Institution
from services.consultation.domain.prescription import Issue
from services.consultation.routes import CONSULTATION as KIND

__all__ = ["CONTEXT", "KIND", "RECEIVED_AT"]

GREEN, CHILDREN, CONSULTATION = "zj-green", "zj-children", "c-1"
FEVER, COUGH, SORE_THROAT = "386661006", "11833005", "162397003"


def at(written: str) -> datetime:
    """`25T03:00` of December 2022 in Zhejiang."""
    return datetime.fromisoformat(f"2022-12-{written}:00+08:00")


RECEIVED_AT = at("25T03:00")
"""When everything came."""


def requested(**other: Any) -> ConsultationRequested:
    """An adult with a fever at 3 a.m. who names no channel."""
    given = {
        "consultation_id": CONSULTATION,
        "person_ref": "p-1",
        "jurisdiction": "CN-ZJ",
        "district": "Xihu",
        "age": {"value": 34, "unit": "a"},
        "symptoms": [FEVER],
        "requested_at": at("25T03:00"),
        "mode": "text",
    }
    return ConsultationRequested.model_validate(given | other)


def completed(written: str = "25T03:10", **other: Any) -> ConsultationCompleted:
    given = {
        "consultation_id": CONSULTATION,
        "expert_ref": "e-1",
        "completed_at": at(written),
        "advice": "rest",
        "refer_offline": False,
    }
    return ConsultationCompleted.model_validate(given | other)


def cancelled(written: str = "25T03:05") -> ConsultationCancelled:
    return ConsultationCancelled(consultation_id=CONSULTATION, cancelled_at=at(written))


def prescription(prescription_id: str = "rx-1") -> WrittenPrescription:
    return WrittenPrescription(prescription_id=prescription_id, items=("N02BE01",))


def shift(expert_ref: str, since: str = "25T00:00", until: str = "25T08:00", *, prescriber: bool = True) -> Shift:
    return Shift(expert_ref, prescriber, at(since), at(until))


def channel(channel_id: str = GREEN, **other: Any) -> Channel:
    """An open channel of Zhejiang, of infection and respiratory medicine, for everybody."""
    given: dict[str, Any] = {
        "channel_id": channel_id,
        "institution_id": "zj-1",
        "name": channel_id,
        "opened_at": at("09T08:00"),
        "jurisdiction": "CN-ZJ",
        "district": "Xihu",
        "departments": ("infection", "respiratory_medicine"),
    }
    return Channel(**(given | other))


HOSPITAL = Institution("zj-hospital", "hospital", "CN-ZJ", "Gongshu", open_24h=True, children=True)
DIALYSIS = Institution("zj-renal", "hospital", "CN-ZJ", "Gongshu", capabilities=("dialysis",))
CENTRE = Institution("zj-centre", "community_centre", "CN-ZJ", "Xihu", symptoms_accepted=(FEVER, COUGH))


def online(
    *channels: Channel,
    queues: Mapping[str, Queue] | None = None,
    institutions: tuple[Institution, ...] = (HOSPITAL, DIALYSIS, CENTRE),
) -> Online:
    """The channels that are open, the institutions, and the queues that the batch holds."""
    return Online(Channels(channels), Directory(institutions), queues or {})


CONTEXT = online(
    channel(),
    channel(CHILDREN, priority_groups=("child",), departments=("general_medicine",)),
    queues={GREEN: Queue((shift("e-1"), shift("e-2"))), CHILDREN: Queue((shift("e-3", prescriber=False),))},
)
ISSUE = Issue(
    "rx-1",
    CONSULTATION,
    GREEN,
    "CN-ZJ",
    "Xihu",
    "e-1",
    ({"medication": "N02BE01"},),
    at("25T03:10"),
    by_prescriber=True,
)
CARE = Care("zj-2022-1", CONSULTATION, at("25T03:00"), (FEVER,), "held", at("25T03:10"), refers=True)
CONTEXTS = {"channel": CONTEXT.directory, "prescription": ISSUE, "case": (CARE,)}
"""What is known beyond things of other kinds."""


def small() -> Iterator[list[Message]]:
    """Journeys of a few messages, to be told in every order."""
    yield [requested(), completed(prescription=prescription())]
    yield [requested(), cancelled(), completed("25T03:20")]
    yield [requested(), requested(age={"value": 3, "unit": "a"}), completed(refer_offline=True)]
    yield [requested(jurisdiction="CN-HN"), cancelled()]


def full() -> Iterator[list[Message]]:
    """Whole journeys, to be told in any order."""
    yield [
        requested(case_id="zj-2022-1", red_flags=["267036007"]),
        requested(case_id="zj-2022-1", groups=["comorbid"]),
        cancelled(),
        completed(prescription=prescription(), refer_offline=True),
        completed("25T03:40", expert_ref="e-2"),
    ]
    yield [requested(symptoms=[FEVER, SORE_THROAT])]


def opened(**other: Any) -> ChannelOpened:
    """A 24-hour channel of the hospital."""
    given = {
        "channel_id": GREEN,
        "institution_id": HOSPITAL.institution_id,
        "name": "Green channel",
        "departments": ["infection"],
        "open_24h": True,
        "opened_at": at("09T08:00"),
    }
    return ChannelOpened.model_validate(given | other)


def rostered(since: str, until: str, expert_ref: str = "e-1") -> ExpertRostered:
    given = {"channel_id": GREEN, "expert_ref": expert_ref, "department": "infection", "prescriber": True}
    return ExpertRostered.model_validate(given | {"from": at(since), "until": at(until)})


def reviewed(decision: str = "approved", written: str = "25T03:20") -> PrescriptionReviewed:
    given = {"prescription_id": "rx-1", "consultation_id": CONSULTATION, "pharmacist_ref": "ph-1"}
    return PrescriptionReviewed.model_validate(given | {"decision": decision, "reviewed_at": at(written)})


def delivery(status: str, written: str) -> DeliveryReported:
    given = {"prescription_id": "rx-1", "consultation_id": CONSULTATION}
    return DeliveryReported.model_validate(given | {"status": status, "reported_at": at(written)})


OF_KINDS: Mapping[str, tuple[list[Message], ...]] = {
    "channel": (
        [opened(), rostered("09T08:00", "25T08:00"), rostered("26T08:00", "27T08:00")],
        [opened(), ChannelClosed(channel_id=GREEN, closed_at=at("20T08:00"))],
    ),
    "prescription": (
        [
            reviewed(),
            delivery("dispensed", "25T03:40"),
            delivery("dispatched", "25T04:00"),
            delivery("failed", "25T05:00"),
            delivery("dispatched", "25T06:00"),
            delivery("delivered", "25T06:30"),
        ],
        [reviewed("rejected")],
    ),
}
"""Journeys of things of other kinds."""
