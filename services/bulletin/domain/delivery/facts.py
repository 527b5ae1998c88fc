"""What the consultation service has stated of one prescription: that its medicine was delivered."""

from datetime import datetime

from msgspec import Struct


class Arrival(Struct, frozen=True, array_like=True):
    """The last word on the delivery; `stands` false: there was none."""

    rank: str
    stands: bool = False
    delivered_at: datetime | None = None
    jurisdiction: str | None = None
    channel_id: str | None = None

    @property
    def key(self) -> None:
        """There is one word on a delivery."""
        return

    @property
    def order(self) -> int:
        return 0


class Facts(Struct, frozen=True, array_like=True):
    """All that is known of a prescription: none or one word on its delivery."""

    arrivals: tuple[Arrival, ...] = ()
