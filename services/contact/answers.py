"""What contact answers: the deliveries of a case."""

from typing import Literal

from chassis.questions.answer import Answer
from schemas.events.contact import ContactEnd
from schemas.reports.contact import ContactFailure
from schemas.values import Count, Identifier, Instant, SubscriptionId, Text


class Delivery(Answer):
    """One event on its way to one subscription; `since` when it stands so.

    `settling`: another word about the same thing may follow; `asked`: the delivery worker was asked for attempt
    `attempt`, at `asked_at`; `failed`: that failed, by `reason`, and another is to come; the others are ends.
    `attempt`: 0 while none was asked for. `event_type`: as in CloudEvents.
    """

    delivery_id: Identifier
    event_id: Identifier
    subscription_id: SubscriptionId
    state: Literal["settling", "asked", "failed", ContactEnd]
    attempt: Count
    asked_at: Instant | None
    since: Instant
    event_type: Text
    reason: ContactFailure | None


class Case(Answer):
    """Each delivery about a case; `looks_again_at`: when the clock alone may change this."""

    deliveries: tuple[Delivery, ...]
    looks_again_at: Instant | None
