"""Other stays in hospital: while one lasts, a plan is paused, and its days count as spent there (F8).

A deadline is judged by what had come by then (F10): so a stay pauses from when it was known, until its end was known.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from services.followup.domain.basis import Basis
from services.followup.domain.calendar import Day
from services.followup.domain.changes import StayEnd
from services.followup.domain.facts import Facts


class Stay(NamedTuple):
    """A stay in hospital, as known now, and `since` when to `until` when it was known to last.

    `gone_at`: when its admission came to be cancelled. `died`: the patient died there.
    """

    admitted_at: datetime
    institution_id: str
    ended_at: datetime | None
    since: datetime
    until: datetime | None
    gone_at: datetime | None = None
    died: bool = False

    @property
    def stands(self) -> bool:
        """Whether its admission was not cancelled."""
        return self.gone_at is None

    def holds(self, at: datetime) -> bool:
        """Whether by what had come before an instant the patient lay in hospital then."""
        return self.since < at and (self.until is None or at <= self.until)

    def lasts_at(self, at: datetime) -> bool:
        """Whether as known now the patient lay in hospital at an instant."""
        return self.stands and self.admitted_at <= at and (self.ended_at is None or at < self.ended_at)

    def has(self, day: Day) -> bool:
        """Whether it takes up any of a day, as known now."""
        return self.stands and self.admitted_at < day.end and (self.ended_at is None or self.ended_at > day.begin)

    def had(self, day: Day) -> bool:
        """Whether by what had come before a day's end it took up any of the day."""
        if self.since >= day.end or (self.gone_at is not None and self.gone_at < day.end):
            return False
        is_over = self.ended_at is not None and self.until is not None and self.until < day.end
        return not is_over or (self.ended_at is not None and self.ended_at > day.begin)


def stays_of(basis: Basis, facts: Facts) -> tuple[Stay, ...]:
    """The stays during a plan, by admission. A stay with no end of its own is over with the next one that ends."""
    ends = [end for end in facts.stay_ends if end.stands]
    return tuple(_stays(basis, facts, ends))


def _stays(basis: Basis, facts: Facts, ends: Iterable[StayEnd]) -> Iterator[Stay]:
    for admission in facts.admissions:
        at = admission.admitted_at
        if not basis.holds(at):
            continue
        own = (end for end in ends if end.admitted_at == at)
        later = (end for end in ends if end.ended_at > at)
        end = next(own, None) or min(later, key=lambda end: end.ended_at, default=None)
        until = max(end.ended_at, end.received_at) if end else None
        if admission.gone_at is not None:
            until = min(until or admission.gone_at, admission.gone_at)
        yield Stay(
            at,
            admission.institution_id,
            end.ended_at if end else None,
            max(at, admission.received_at),
            until,
            admission.gone_at,
            end is not None and end.disposition == "died",
        )


def first_after(stays: Iterable[Stay], at: datetime) -> datetime | None:
    """When the patient was first in hospital from an instant on; None where that is not known."""
    return min((max(stay.admitted_at, at) for stay in stays if stay.stands and _lasts_beyond(stay, at)), default=None)


def _lasts_beyond(stay: Stay, at: datetime) -> bool:
    return stay.ended_at is None or stay.ended_at > at
