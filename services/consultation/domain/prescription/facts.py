"""What was reported of a prescription, each once; and how its consultation issued it, which comes from there."""

from datetime import datetime
from typing import Final

from msgspec import Struct

STEPS: Final = ("dispensed", "dispatched", "delivered", "failed")
"""The steps of a medicine, in the order in which those of one instant were taken."""


class Issue(Struct, frozen=True, array_like=True):
    """What the consultation says of the prescription that was written in it.

    `items`: as reported. `by_prescriber`: whether the expert was on duty then, and may write prescriptions.
    `known_at`: when the consultation's end first came to the bus, in any version; without it, it was known at once.
    """

    prescription_id: str
    consultation_id: str
    channel_id: str | None
    jurisdiction: str | None
    district: str | None
    expert_ref: str
    items: tuple[dict[str, str], ...]
    issued_at: datetime
    by_prescriber: bool
    case_id: str | None = None
    known_at: datetime | None = None


class Review(Struct, frozen=True, array_like=True):
    """A pharmacist's word, named by its instant. `received_at`: when one of that instant first came."""

    reviewed_at: datetime
    rank: str
    received_at: datetime
    approved: bool
    pharmacist_ref: str
    reason: str | None = None

    @property
    def key(self) -> datetime:
        return self.reviewed_at

    order = key


class Step(Struct, frozen=True, array_like=True):
    """A step on the way of the medicine. `received_at`: when it first came."""

    reported_at: datetime
    status: str
    rank: str
    received_at: datetime
    reason: str | None = None

    @property
    def key(self) -> tuple[datetime, int]:
        return self.reported_at, STEPS.index(self.status)

    order = key


class Facts(Struct, frozen=True, array_like=True):
    """All reports about one prescription, in the order of their instants."""

    prescription_id: str = ""
    reviews: tuple[Review, ...] = ()
    steps: tuple[Step, ...] = ()
