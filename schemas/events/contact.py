"""Events of contact: which delivery is asked of the delivery worker, and how each ended.

A delivery is one event for one subscription; `delivery_id` is derived from both, so that doing the work again gives the
same. Whom a subscription belongs to is never said here.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from schemas.message import Event
from schemas.values import AttemptNumber, CaseId, Count, Identifier, Instant, SubscriptionId, Text

ContactEnd = Literal["delivered", "gone", "given_up", "superseded", "unanswered", "unsubscribed"]
EventData = Annotated[dict[str, Any], Field(description="The event's data, as its own schema says.")]
EventSequence = Annotated[
    int, Field(strict=True, ge=0, description="The event's own sequence: of two about one thing the higher holds.")
]


class ContactEvent(Event):
    """About one delivery; `about` is the case, and the envelope's `subject`. `event_type` as in CloudEvents."""

    about: CaseId
    delivery_id: Identifier
    subscription_id: SubscriptionId
    event_id: Identifier
    event_type: Text


class ContactRequested(ContactEvent):
    """Deliver `message`, the data of an event, to a subscription; `attempt` counts from 1.

    `recorded_at`: when its service wrote the event down.
    """

    most_bytes: ClassVar[int] = 256 * 1024

    attempt: AttemptNumber
    recorded_at: Instant
    sequence: EventSequence
    message: EventData


class ContactSettled(ContactEvent):
    """The delivery is over, after so many attempts.

    `given_up`: in vain for a day. `unanswered`: nobody said for a day what became of the last attempt; a later answer
    is taken, and said. `unsubscribed`: the subscription was switched off, or is no more. `gone`: the receiver wants no
    more. `superseded`: tried in vain, and no more since another word about the same thing has come.
    """

    outcome: ContactEnd
    attempts: Count
