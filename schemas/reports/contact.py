"""Reports to contact: what became of an attempt to deliver, and which subscriptions are switched off or on again."""

from typing import ClassVar, Final, Literal

from schemas.message import Report
from schemas.values import AttemptNumber, CaseId, Flag, Identifier, Instant, SubscriptionId, Word

DELIVERY_WORKER: Final = "/services/contact/courier"
"""The source of what contact's delivery worker reports."""
OPERATORS: Final = "/operators"
"""The source of what people report who run the stack; each may have a name of their own below it."""

ContactOutcome = Literal["delivered", "failed", "gone"]
ContactFailure = Literal[
    "busy",
    "courier_error",
    "not_allowed",
    "redirected",
    "refused",
    "resting",
    "server_error",
    "timed_out",
    "unreachable",
    "unsubscribed",
]


class ContactReported(Report):
    """What became of one attempt to deliver an event to a subscription: the word of contact's delivery worker alone.

    `gone`: the receiver wants no more (HTTP 410). `reason` of what failed: `busy`, `resting`: not tried, others to the
    same receiver were under way, or had just timed out; `courier_error`: a defect of ours; `not_allowed`: the address
    is a private one, or none; `redirected`: sent elsewhere, which is not followed; `refused`, `server_error`: as the
    receiver answered; `unsubscribed`: not tried, the delivery worker knows of no such subscription that is on.
    """

    clinical_time: ClassVar[str | None] = "reported_at"
    key_field: ClassVar[str] = "about"
    restated: ClassVar[frozenset[str]] = frozenset({"reported_at"})
    sources: ClassVar[tuple[str, ...]] = (DELIVERY_WORKER,)

    about: CaseId
    delivery_id: Identifier
    attempt: AttemptNumber
    outcome: ContactOutcome
    reported_at: Instant
    reason: ContactFailure | None = None


class SubscriptionSwitched(Report):
    """A subscription is off, or on again, from now on; `why` in one word: `gone`, `operator` …

    The word of contact's delivery worker, and of operators (`source` `/operators`, or below it).
    """

    clinical_time: ClassVar[str | None] = "switched_at"
    key_field: ClassVar[str] = "subscription_id"
    sources: ClassVar[tuple[str, ...]] = (DELIVERY_WORKER, OPERATORS)

    subscription_id: SubscriptionId
    on: Flag
    switched_at: Instant
    why: Word
