"""What is known of a day beside its cases: nothing."""

from msgspec import Struct


class Facts(Struct, frozen=True, array_like=True):
    """A day learns nothing from messages: it is counted of the cases."""
