"""The prescription's row in `consultation_prescription`: what somebody has to do for it, and by when."""

from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.json import encode

from schemas.places import plain_district
from schemas.reference import time_zone_of
from services.consultation.domain.prescription.conclude import Conclusions, PrescriptionState, Waiting
from services.consultation.domain.prescription.facts import Issue

UNKNOWN = "unknown"
"""The jurisdiction of a prescription of which nobody has said where it is."""


class Row(NamedTuple):
    """`review_by`: a pharmacist has to look at it by then. `deliver_by`: so has whoever dispenses, sends or brings it.
    What is done after that is late. `review` and `delivery`: the `Item`s of the work lists."""

    jurisdiction: str
    district: str
    review_by: datetime | None
    review: str | None
    deliver_by: datetime | None
    delivery: str | None
    plain_district: str


class Item(Struct, frozen=True, kw_only=True):
    """What waits for somebody since an instant. `kind`: `prescription` or `delivery`.

    `waits_for`: `review`, `dispensing`, `dispatch` or `delivery`. `attempt`: of the deliveries which one. `reason`: why
    the one before failed. `time_zone`: that of the place.
    """

    kind: str
    waits_for: str
    since: datetime
    attempt: int
    consultation_id: str
    channel_id: str | None
    case_id: str | None
    expert_ref: str
    reason: str | None
    time_zone: str


def row(state: PrescriptionState) -> tuple[Any, ...] | None:
    """The values in the order of the table's columns; None while no consultation is known that wrote it."""
    conclusions: Conclusions = state.conclusions
    issue, waiting = conclusions.issue, conclusions.waiting
    if issue is None:
        return None
    review = waiting if waiting and waiting.waits_for == "review" else None
    delivery = waiting if waiting and waiting.waits_for != "review" else None
    return Row(
        jurisdiction=issue.jurisdiction or UNKNOWN,
        district=issue.district or "",
        review_by=review.due if review else None,
        review=_item("prescription", issue, review, conclusions) if review else None,
        deliver_by=delivery.due if delivery else None,
        delivery=_item("delivery", issue, delivery, conclusions) if delivery else None,
        plain_district=plain_district(issue.district),
    )


def _item(kind: str, issue: Issue, waiting: Waiting, conclusions: Conclusions) -> str:
    before = conclusions.course.attempts[: waiting.attempt - 1]
    item = Item(
        kind=kind,
        waits_for=waiting.waits_for,
        since=waiting.since,
        attempt=waiting.attempt,
        consultation_id=issue.consultation_id,
        channel_id=issue.channel_id,
        case_id=issue.case_id,
        expert_ref=issue.expert_ref,
        reason=before[-1].reason if before else None,
        time_zone=time_zone_of(issue.jurisdiction or "") or "UTC",
    )
    return encode(item).decode()
