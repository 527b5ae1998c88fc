"""What follows for a case: a delivery for each event and each subscription that wants it."""

from datetime import datetime
from typing import Final

from msgspec import Struct

ASKED: Final = "asked"
FAILED: Final = "failed"
DELIVERED: Final = "delivered"
GONE: Final = "gone"
GIVEN_UP: Final = "given_up"
UNANSWERED: Final = "unanswered"
UNSUBSCRIBED: Final = "unsubscribed"

UNDER_WAY: Final = frozenset({ASKED, FAILED})
AWAITED: Final = frozenset({ASKED, UNANSWERED})
"""States in which the courier may still say what became of the last attempt, and have begun it or not."""


class Delivery(Struct, frozen=True, array_like=True):
    """One event on its way to one subscription.

    `state`: `asked`: the courier has been asked for attempt `attempt`. `failed`: that attempt failed, and another is to
    come. The others are ends. `asked_at`: when the last attempt was asked for, None where none was. `since`: when this
    state began.
    """

    delivery_id: str
    event_id: str
    subscription_id: str
    state: str
    attempt: int
    asked_at: datetime | None
    since: datetime


class Conclusions(Struct, frozen=True, array_like=True):
    """All that follows for a case. `due`, `done`: the clock's (chassis.judge.Clock)."""

    deliveries: tuple[Delivery, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = {}
