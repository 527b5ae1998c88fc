"""What a thing said when: the versions that had come by an instant, of which the one with the highest rank held (F10).

So a deadline finds the same whether it is asked about punctually or later, when more has been read.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from msgspec import Struct


class Answered(Struct, frozen=True, array_like=True):
    """A version of an answer to a linkage (P2)."""

    received_at: datetime
    rank: str
    accepted: bool
    answered_at: datetime


class Acknowledged(Struct, frozen=True, array_like=True):
    """A version of an acknowledgement (P4)."""

    received_at: datetime
    rank: str
    acknowledged_at: datetime


class Named(Struct, frozen=True, array_like=True):
    """What a version of a discharge names: the hospital, and where the patient lives and who is asked there (P1)."""

    received_at: datetime
    rank: str
    hospital_id: str
    primary_institution_id: str | None
    jurisdiction: str
    district: str

    @property
    def ground(self) -> tuple[str | None, str, str]:
        """What a choice among institutions stands on."""
        return self.primary_institution_id, self.jurisdiction, self.district


class Severity(Struct, frozen=True, array_like=True):
    """A version of an alert: how grave it was, and since when; without `stands` it had been taken back."""

    received_at: datetime
    rank: str
    stands: bool
    severity: str
    raised_at: datetime


class Version(Protocol):
    """What every version has."""

    @property
    def received_at(self) -> datetime: ...
    @property
    def rank(self) -> str: ...


V = TypeVar("V", bound=Version)


def merged(known: tuple[V, ...], new: Iterable[V]) -> tuple[V, ...]:
    """The versions that ever held, as they came; one that came after a higher one never did."""
    kept: list[V] = []
    by_rank = sorted({*known, *new}, key=lambda one: one.rank, reverse=True)
    for one in sorted(by_rank, key=lambda one: one.received_at):
        if not kept or one.rank > kept[-1].rank:
            kept.append(one)
    return tuple(kept)


def held(versions: Iterable[V], at: datetime) -> V | None:
    """The version that held when everything up to an instant had come."""
    return max((one for one in versions if one.received_at <= at), key=lambda one: one.rank, default=None)
