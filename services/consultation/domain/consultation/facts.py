"""What was reported of one consultation: the request, that it was cancelled, that it was held."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from schemas.reference import CHILD_UNDER_MONTHS


class Request(Struct, frozen=True, array_like=True):
    """The request as the version of it says that holds. `received_at`: when the first version came."""

    rank: str
    received_at: datetime
    person_ref: str
    jurisdiction: str
    requested_at: datetime
    channel_id: str | None = None
    case_id: str | None = None
    district: str | None = None
    age_months: int | None = None
    groups: tuple[str, ...] = ()
    symptoms: tuple[str, ...] = ()
    mode: str = "text"
    red_flags: tuple[str, ...] = ()

    @property
    def asked_at(self) -> datetime:
        """From when on its time counts: the request, but not before anybody here could know of it; at its offset."""
        return max(self.requested_at, self.received_at).astimezone(self.requested_at.tzinfo)

    @property
    def belongs_to(self) -> tuple[str, ...]:
        """The groups of the patient, `child` among them."""
        is_child = self.age_months is not None and self.age_months < CHILD_UNDER_MONTHS
        return (*(["child"] if is_child else []), *(group for group in self.groups if group != "child"))


class Cancellation(Struct, frozen=True, array_like=True):
    """The patient does not want it any more."""

    rank: str
    received_at: datetime
    cancelled_at: datetime


class Completion(Struct, frozen=True, array_like=True):
    """It was held. `items`: of the prescription, each with `medication` and, where it is known, `dose`."""

    rank: str
    received_at: datetime
    expert_ref: str
    completed_at: datetime
    advice: str = ""
    refers: bool = False
    prescription_id: str | None = None
    items: tuple[dict[str, str], ...] = ()


class Facts(Struct, frozen=True, array_like=True):
    """All that was reported of one consultation, each thing once."""

    consultation_id: str = ""
    request: Request | None = None
    cancellation: Cancellation | None = None
    completion: Completion | None = None

    @property
    def person_refs(self) -> tuple[str, ...]:
        """Who asked."""
        return (self.request.person_ref,) if self.request else ()

    @property
    def names(self) -> tuple[tuple[Literal["prescription"], str], ...]:
        """What else is of the same person."""
        prescribed = self.completion.prescription_id if self.completion else None
        return (("prescription", prescribed),) if prescribed else ()

    @property
    def closed_at(self) -> datetime | None:
        """When it was held, else cancelled: who was seen after all was seen."""
        if self.completion:
            return self.completion.completed_at
        return self.cancellation.cancelled_at if self.cancellation else None

    @property
    def heard_at(self) -> datetime | None:
        """When the first word came that it is over."""
        ends = [end.received_at for end in (self.completion, self.cancellation) if end]
        return min(ends, default=None)
