"""What is known of the public edition of a day: nothing of its own; what the day stands at is handed in."""

from msgspec import Struct


class Facts(Struct, frozen=True, array_like=True):
    """The public edition of a day learns nothing from messages."""
