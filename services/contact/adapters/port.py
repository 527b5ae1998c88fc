"""What every way of notifying a subscriber has in common."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from schemas.events.contact import ContactRequested
from schemas.reports.contact import ContactFailure, ContactOutcome


class Result(NamedTuple):
    """What became of an attempt; `reason` of what failed."""

    outcome: ContactOutcome
    reason: ContactFailure | None = None


DELIVERED = Result("delivered")
GONE = Result("gone")


def failed(reason: ContactFailure) -> Result:
    """The attempt failed; another may follow."""
    return Result("failed", reason)


@dataclass(frozen=True, slots=True)
class Letter:
    """An event as it is handed to a receiver: the same at every attempt, byte for byte."""

    event_id: str
    event_type: str
    delivery_id: str
    recorded_at: datetime
    sequence: int
    data: dict[str, Any]

    @classmethod
    def of(cls, request: ContactRequested) -> "Letter":
        """What a request asks to be delivered."""
        return cls(
            request.event_id,
            request.event_type,
            request.delivery_id,
            request.recorded_at,
            request.sequence,
            request.message,
        )

    @property
    def content(self) -> dict[str, Any]:
        """`type`, `timestamp` and `data` as Standard Webhooks has them, and `sequence`, since retries overtake."""
        return {
            "type": self.event_type,
            "timestamp": self.recorded_at.isoformat(),
            "sequence": str(self.sequence),
            "data": self.data,
        }

    @property
    def body(self) -> str:
        """The content as JSON, in one line."""
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":"))


class Port(Protocol):
    """One way to tell one receiver. It holds no transaction, and is given a deadline by whoever calls it."""

    async def deliver(self, letter: Letter) -> Result:
        """Hands a letter over; whatever the receiver does, nothing is raised but TimeoutError."""
