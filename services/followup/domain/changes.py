"""What changes the course of a plan from outside: other stays in hospital, an episode that never was, the end of the
follow-up, and another residence (F8, F9)."""

from datetime import datetime

from msgspec import Struct


class Admission(Struct, frozen=True, array_like=True):
    """An admission. `gone_at`: when it came to be known that it was cancelled."""

    institution_id: str
    admitted_at: datetime
    rank: str
    received_at: datetime
    gone_at: datetime | None = None

    @property
    def key(self) -> tuple[datetime, str]:
        return self.admitted_at, self.institution_id

    order = key


class StayEnd(Struct, frozen=True, array_like=True):
    """The end of another stay than the episode's, named by its admission (D8); not `stands`: it was withdrawn."""

    admitted_at: datetime
    ended_at: datetime
    rank: str
    received_at: datetime
    disposition: str
    stands: bool

    @property
    def key(self) -> datetime:
        return self.admitted_at

    order = key


class Exclusion(Struct, frozen=True, array_like=True):
    """Whether an episode was excluded, and when; `excluded_at` is None while it is a confirmed one (I2)."""

    episode: int
    rank: str
    excluded_at: datetime | None
    received_at: datetime | None = None

    @property
    def key(self) -> int:
        return self.episode

    order = key


class Ending(Struct, frozen=True, array_like=True):
    """The follow-up was reported to be over: why, and which office said so (F8)."""

    ended_at: datetime
    rank: str
    why: str
    by: str
    received_at: datetime | None = None

    @property
    def key(self) -> datetime:
        return self.ended_at

    order = key


class Residence(Struct, frozen=True, array_like=True):
    """Where the patient lives from an instant on (F9). `time_zone` is empty where the report names none."""

    since: datetime
    rank: str
    received_at: datetime
    jurisdiction: str
    district: str
    time_zone: str
    primary_institution_id: str = ""

    @property
    def key(self) -> datetime:
        return self.since

    order = key
