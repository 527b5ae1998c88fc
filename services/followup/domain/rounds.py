"""An alert is raised in rounds: graver evidence than was answered begins the next one, to be answered anew (F4)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from msgspec import Struct

from services.followup.domain.facts import Closing

_ALERTS: Final = UUID("0f2b6d0e-55cf-5d5c-9d0b-8f6f0c6f3a11")
_WORST_FIRST: Final = ("urgent", "high", "routine")


class Alert(Struct, frozen=True, array_like=True):
    """Something a physician should see: one for each day, reason and round (F4).

    `since`: when the first of its evidence was reported. `received_at`: when that came to the bus; `closed`: when
    primary care's word did that it asks for nothing more.
    """

    alert_id: str
    why: str
    day: int
    severity: str
    evidence: tuple[str, ...]
    since: datetime
    received_at: datetime
    closed: datetime | None = None
    round: int = 1

    def open_at(self, at: datetime) -> bool:
        """Whether by what had come by then it was raised and not closed."""
        return self.received_at < at and (self.closed is None or self.closed >= at)


class Concern(NamedTuple):
    """Evidence: when it was reported, its name, when it came, the day and reason it speaks for, how severe.

    `high`: of equal severity, and graver all the same.
    """

    at: datetime
    name: str
    received_at: datetime
    number: int
    why: str
    severity: str
    high: bool = False

    @property
    def gravity(self) -> tuple[int, bool]:
        """The greater, the graver."""
        return -_WORST_FIRST.index(self.severity), self.high


Name = Callable[[int], str]
"""The number of a round → the id of the alert."""


def rounds(concerns: Sequence[Concern], name: Name, closings: dict[str, Closing]) -> Iterator[Alert]:
    """The alerts of one day and reason. What is reported before the answer belongs to the round, and so does what is
    reported after it and is no graver."""
    left, number = sorted(concerns, key=lambda concern: (concern.received_at, concern)), 1
    while left:
        closing = closings.get(name(number))
        answered_at = None if closing is None else closing.answered_at or closing.received_at
        answered = max(sum(1 for one in left if answered_at is None or one.received_at <= answered_at), 1)
        gravest = max(one.gravity for one in left[:answered])
        graver = (place for place, one in enumerate(left) if place >= answered and one.gravity > gravest)
        begins = next(graver, len(left))
        yield _alert(sorted(left[:begins]), name(number), number, closing)
        left, number = left[begins:], number + 1


def _alert(concerns: list[Concern], alert_id: str, number: int, closing: Closing | None) -> Alert:
    first = concerns[0]
    return Alert(
        alert_id,
        first.why,
        first.number,
        min((concern.severity for concern in concerns), key=_WORST_FIRST.index),
        tuple(dict.fromkeys(concern.name for concern in concerns)),
        first.at,
        min(concern.received_at for concern in concerns),
        closing.received_at if closing else None,
        number,
    )


@lru_cache(maxsize=4096)
def alert_id_of(case_id: str, plan: str, number: int, why: str, which: int = 1) -> str:
    """Derived from what names the alert, so that more evidence restates the same one."""
    again = f"\n{which}" if which > 1 else ""
    return str(uuid5(_ALERTS, f"{case_id}\n{plan}\n{number}\n{why}{again}"))
