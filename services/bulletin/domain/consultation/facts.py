"""What the consultation service has stated of one request: how it was closed, as it now stands."""

from datetime import datetime

from msgspec import Struct


class Closing(Struct, frozen=True, array_like=True):
    """The last word on the request; `stands` false: it is not closed, or not any more."""

    rank: str
    stands: bool = False
    outcome: str = ""
    closed_at: datetime | None = None
    jurisdiction: str | None = None
    channel_id: str | None = None
    person_ref: str = ""
    expert_ref: str | None = None
    refers: bool = False

    @property
    def key(self) -> None:
        """There is one word on a request."""
        return

    @property
    def order(self) -> int:
        return 0


class Facts(Struct, frozen=True, array_like=True):
    """All that is known of a consultation: none or one word on how it was closed."""

    closings: tuple[Closing, ...] = ()
