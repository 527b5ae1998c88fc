"""How a subscription was last switched: the last word on it, by when it was switched."""

from datetime import datetime

from msgspec import Struct


class Switch(Struct, frozen=True, array_like=True):
    """How a subscription was last switched; None: never, so it is on."""

    switched_at: datetime | None = None
    rank: str = ""
    is_on: bool = True
    why: str = ""
