"""The queue of a channel: who waits there in which order, and the experts on duty with what they have open (C3).

It spans consultations, so the store holds it: a value of this module is what one batch has seen of it under its lock.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, Self

from msgspec import Struct

from services.consultation.domain.consultation.routing import Channels
from services.consultation.domain.institutions import Directory
from services.consultation.policy import CLASSES, MOST_OPEN

Place = tuple[int, datetime, str]
"""Where somebody stands in a queue: the class, when they asked, the consultation."""
HEADS = 128
"""So many of those who wait are looked at; the others are looked at once these are served."""
AT_ONCE = 4
"""So many of those who wait are looked at when somebody leaves: one is served, the others in case that it is gone."""


class Shift(NamedTuple):
    """An expert is on duty, from and until."""

    expert_ref: str
    prescriber: bool
    since: datetime
    until: datetime

    def covers(self, at: datetime) -> bool:
        """Whether the expert is on duty at an instant."""
        return self.since <= at < self.until


@dataclass(frozen=True)
class Roster:
    """The shifts of a channel. Who is on duty changes only where one begins or ends: in between it is found once."""

    shifts: tuple[Shift, ...]

    @cached_property
    def _changes(self) -> list[datetime]:
        return sorted({instant for shift in self.shifts for instant in (shift.since, shift.until)})

    @cached_property
    def _begins(self) -> list[datetime]:
        return sorted({shift.since for shift in self.shifts})

    @cached_property
    def _found(self) -> dict[int, Mapping[str, datetime]]:
        return {}

    def on_duty(self, at: datetime) -> Mapping[str, datetime]:
        """The experts on duty at an instant, in the order of their names, each with the end of the shift."""
        place = bisect_right(self._changes, at)
        found = self._found.get(place)
        if found is None:
            ends: dict[str, datetime] = {}
            for expert_ref, _, since, until in self.shifts:
                if since <= at < until and until > ends.get(expert_ref, since):
                    ends[expert_ref] = until
            found = self._found[place] = dict(sorted(ends.items()))
        return found

    def next_begin(self, at: datetime) -> datetime | None:
        """When the next shift begins after an instant; None where none is known."""
        place = bisect_right(self._begins, at)
        return self._begins[place] if place < len(self._begins) else None


class Assignment(Struct, frozen=True, array_like=True):
    """An expert has the consultation, since `at` and no longer than to the end of the shift.

    `calls`: so many places were left then that those who are looked at anyway do not fill them.
    """

    expert_ref: str
    at: datetime
    until: datetime
    calls: bool = False


class _Queue(NamedTuple):
    roster: Roster
    open: Mapping[str, int]
    heads: tuple[Place, ...]
    seen_to: Place | None


class Queue(_Queue):
    """A channel: its roster, how many consultations each expert has open, and the first of those who wait, in order.

    `seen_to`: who stands behind this place is not among `heads`, whoever of these has been served; None: all are seen.
    """

    __slots__ = ()

    def __new__(
        cls,
        shifts: tuple[Shift, ...] = (),
        open_: Mapping[str, int] = MappingProxyType({}),
        heads: tuple[Place, ...] = (),
        seen_to: Place | None = None,
    ) -> Self:
        """From the shifts of its roster."""
        return super().__new__(cls, Roster(shifts), open_, heads, seen_to)

    @classmethod
    def of(cls, shifts: tuple[Shift, ...], open_: Mapping[str, int], heads: tuple[Place, ...]) -> Self:
        """As the store has it, of whom no more than `HEADS` are seen."""
        return cls(shifts, open_, heads, heads[-1] if len(heads) >= HEADS else None)

    def take(self, place: Place, at: datetime) -> Assignment | None:
        """C3: the expert on duty with the fewest open consultations, where nobody stands before who takes the places.

        None: it waits.
        """
        if not self.is_near(place):
            return None
        on_duty = self.roster.on_duty(at)
        has_open = [self.open.get(expert, 0) for expert in on_duty]
        free = sum(MOST_OPEN - number for number in has_open if number < MOST_OPEN)
        before = bisect_left(self.heads, place)
        if before > free or (before == free and not any(head[2] == place[2] for head in self.heads[:before])):
            return None
        _, expert = min(zip(has_open, on_duty, strict=True))
        return Assignment(expert, at, on_duty[expert], calls=free > AT_ONCE)

    def is_near(self, place: Place) -> bool:
        """Whether it is among the first who wait: the others are looked at when these are served."""
        return self.seen_to is None or place <= self.seen_to

    def prescribes(self, expert_ref: str, at: datetime) -> bool:
        """C6: whether an expert was on duty at an instant as a prescriber."""
        return any(
            shift.prescriber and shift.expert_ref == expert_ref and shift.covers(at) for shift in self.roster.shifts
        )

    def with_open(self, expert_ref: str, more: int) -> Self:
        """The same, an expert having more, or fewer, open."""
        return self._replace(open={**self.open, expert_ref: self.open.get(expert_ref, 0) + more})

    def with_waiting(self, place: Place) -> Self:
        """The same, one more being among the first who wait."""
        heads = [head for head in self.heads if head[2] != place[2]]
        if not self.is_near(place):
            return self._replace(heads=tuple(heads))
        insort(heads, place)
        if len(heads) <= HEADS:
            return self._replace(heads=tuple(heads))
        return self._replace(heads=tuple(heads[:HEADS]), seen_to=heads[HEADS - 1])

    def without(self, consultation_id: str) -> Self:
        """The same, one of those who waited being gone."""
        return self._replace(heads=tuple(head for head in self.heads if head[2] != consultation_id))


class Online(NamedTuple):
    """What is judged beyond a consultation: the open channels, the directory, and the queues that this batch holds."""

    channels: Channels
    directory: Directory
    queues: Mapping[str, Queue] = {}

    def queue(self, channel_id: str | None) -> Queue | None:
        """The queue of a channel; None where this batch does not hold it."""
        return self.queues.get(channel_id) if channel_id is not None else None

    def with_queue(self, channel_id: str, queue: Queue) -> "Online":
        """The same, a queue being another."""
        return self._replace(queues={**self.queues, channel_id: queue})


def place_of(priority: str, requested_at: datetime, consultation_id: str) -> Place:
    """Where a request stands in its queue: red flags, who goes before others, the others; each as they asked."""
    return CLASSES.index(priority), requested_at, consultation_id
