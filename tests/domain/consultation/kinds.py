"""The kinds that these tests tell stories of, and whose channels and prescriptions they are. December 2022, Beijing."""

from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from chassis.decide.judge import judge_tick
from schemas.message import Message, Report
from schemas.reports.consultation import (
    ChannelClosed,
    ChannelOpened,
    DeliveryReported,
    ExpertRostered,
    ExpertUnrostered,
    PrescriptionReviewed,
)
from services.consultation.domain.institutions import Directory, Institution
from services.consultation.domain.prescription import Issue
from tests.domain.story import Story

S = TypeVar("S", bound=Story)

HOSPITAL, ELSEWHERE, CHANNEL_ID = "bj-children", "bj-other", "bj-children-online"
BEIJING = Directory(
    (
        Institution(HOSPITAL, "internet_hospital", "CN-BJ", "Xicheng", name="Children's hospital online"),
        Institution(ELSEWHERE, "internet_hospital", "CN-BJ", "Haidian", name="Another hospital online"),
    )
)
NOWHERE = Directory(())
PRESCRIPTION_ID, CONSULTATION_ID = "rx-1", "c-1"


def at(written: str) -> datetime:
    """`12-09T08:00` of 2022 in Beijing, or `2023-01-01T08:00`."""
    return datetime.fromisoformat(f"{written if written.startswith('20') else f'2022-{written}'}:00+08:00")


def opened(when: str, **changed: Any) -> ChannelOpened:
    """A 24-hour channel of the children's hospital."""
    fields = {
        "channel_id": CHANNEL_ID,
        "institution_id": HOSPITAL,
        "name": "Children online",
        "departments": ("respiratory_medicine", "general_medicine"),
        "priority_groups": ("child",),
        "open_24h": True,
        "opened_at": at(when),
    }
    return ChannelOpened.model_validate({**fields, **changed})


def closed(when: str | None = None) -> ChannelClosed:
    """The channel is no more, from an instant on or from when this was written down."""
    return ChannelClosed(channel_id=CHANNEL_ID, closed_at=at(when) if when else None)


def rostered(begins: str, ends: str, expert: str = "e-1", **changed: Any) -> ExpertRostered:
    """A prescriber of respiratory medicine has a shift."""
    fields = {"department": "respiratory_medicine", "prescriber": True, "from_": at(begins), "until": at(ends)}
    return ExpertRostered.model_validate({"channel_id": CHANNEL_ID, "expert_ref": expert, **fields, **changed})


def unrostered(begins: str, expert: str = "e-1") -> ExpertUnrostered:
    """The shift that begins then is taken back."""
    return ExpertUnrostered(channel_id=CHANNEL_ID, expert_ref=expert, from_=at(begins))


def issue(when: str = "12-10T03:00", **changed: Any) -> Issue:
    """Written by a prescriber on duty of the children's channel."""
    fields = {
        "prescription_id": PRESCRIPTION_ID,
        "consultation_id": CONSULTATION_ID,
        "channel_id": CHANNEL_ID,
        "jurisdiction": "CN-BJ",
        "district": "Xicheng",
        "expert_ref": "e-1",
        "items": ({"medication": "ibuprofen"}, {"medication": "oral rehydration salts", "dose": "1 sachet"}),
        "issued_at": at(when),
        "by_prescriber": True,
    }
    return Issue(**{**fields, **changed})


def reviewed(when: str, decision: str = "approved", **changed: Any) -> PrescriptionReviewed:
    """A pharmacist's word."""
    fields = {"pharmacist_ref": "p-1", "decision": decision, "reviewed_at": at(when)}
    return PrescriptionReviewed.model_validate(
        {"prescription_id": PRESCRIPTION_ID, "consultation_id": CONSULTATION_ID, **fields, **changed}
    )


def step(status: str, when: str, **changed: Any) -> DeliveryReported:
    """A step on the way of the medicine."""
    fields = {"status": status, "reported_at": at(when)}
    return DeliveryReported.model_validate(
        {"prescription_id": PRESCRIPTION_ID, "consultation_id": CONSULTATION_ID, **fields, **changed}
    )


class AsItHappened(Story):
    """A story in which every report comes a minute after what it reports, unless told otherwise."""

    def when(self, message: Message, *, received_at: datetime | None = None, **more: Any) -> Self:
        """One more report."""
        if received_at is None and isinstance(message, Report) and message.clinical_at and self.now:
            received_at = max(self.now, message.clinical_at + timedelta(minutes=1))
        return super().when(message, received_at=received_at, **more)


def woken(story: S, context: Any) -> S:
    """What the kind is judged by is another now, and it is woken; `then` looks at what that caused."""
    assert story.now
    story.context = context
    judged = judge_tick(story.kind, story.state, story.now, context)
    story.state, story.emitted, story.rejection = judged.state, list(judged.emitted), None
    return story
