"""What was reported of a channel: its declarations, its closings and the shifts of its experts, each once."""

from datetime import datetime

from msgspec import Struct


class Declaration(Struct, frozen=True, array_like=True):
    """What the channel is from `opened_at` on; a later opening declares it anew. `received_at`: when this version came
    to the bus."""

    opened_at: datetime
    rank: str
    institution_id: str
    name: str
    departments: tuple[str, ...]
    priority_groups: tuple[str, ...]
    open_24h: bool
    received_at: datetime | None = None

    @property
    def key(self) -> datetime:
        return self.opened_at

    order = key


class Closing(Struct, frozen=True, array_like=True):
    """The channel is no more from `closed_at` on, until it opens again. `received_at`: when this version came to the
    bus."""

    closed_at: datetime
    rank: str
    received_at: datetime | None = None

    @property
    def key(self) -> datetime:
        return self.closed_at

    order = key


class Shift(Struct, frozen=True, array_like=True):
    """An expert is on duty, from and until; `stands` false: the shift was taken back, and `until` says nothing."""

    from_at: datetime
    expert_ref: str
    rank: str
    stands: bool
    until: datetime
    department: str = ""
    prescriber: bool = False
    recorded: datetime | None = None

    @property
    def key(self) -> tuple[datetime, str]:
        return self.from_at, self.expert_ref

    order = key


class Facts(Struct, frozen=True, array_like=True):
    """All of one channel, each tuple in the order of its instants; shifts of one instant in that of the experts."""

    channel_id: str = ""
    declarations: tuple[Declaration, ...] = ()
    closings: tuple[Closing, ...] = ()
    shifts: tuple[Shift, ...] = ()
