"""Which days of a plan are logged, which are missed, what settles a missed one, and when there was contact (F2, F3)."""

from collections.abc import Container
from datetime import date, datetime
from typing import NamedTuple

from services.followup.domain.basis import Ground
from services.followup.domain.calendar import Day
from services.followup.domain.facts import Facts, Log


class Settlement(NamedTuple):
    """What settles a missed day or visit: when it came to the bus, and when it took place."""

    came: datetime
    at: datetime


class Missed(NamedTuple):
    """A day that ended without a log, and what settled it, if anything has."""

    day: Day
    settled: Settlement | None

    def open_at(self, at: datetime) -> bool:
        """Whether nothing that had come by then settled it."""
        return self.settled is None or self.settled.came >= at


class Diary:
    """The logs and conversations of one plan, day by day. A conversation: a call or a home visit that reached the
    patient, or a return visit that was attended."""

    def __init__(self, ground: Ground, facts: Facts) -> None:
        self._first: dict[date, Log] = {}
        for log in facts.logs:
            known = self._first.get(log.local_date)
            if known is None or log.came < known.came:
                self._first[log.local_date] = log
        self.conversations = [
            Settlement(max(call.came, call.called_at), call.called_at)
            for call in facts.calls
            if call.outcome == "reached" and ground.holds(call.called_at)
        ]
        self.conversations += [
            Settlement(max(visit.came, visit.attended_at), visit.attended_at)
            for visit in facts.visits
            if visit.attended_at is not None and ground.holds(visit.attended_at)
        ]
        self._ground = ground
        self._facts = facts

    def has(self, day: Day) -> bool:
        """Whether a day has at least one log, timely or late (F2)."""
        return day.date in self._first

    def has_in_time(self, day: Day) -> bool:
        """Whether a log of the day reached the bus by its end; a date that the zone skipped wants none."""
        log = self._first.get(day.date)
        return (log is not None and log.came < day.end) or day.skipped

    def missed(self, day: Day) -> Missed:
        """A day that was missed, with the first to come of what settles it: its late log, or a talk after its end."""
        log = self._first.get(day.date)
        settled = self.talks_after(day.end)
        if log is not None:
            settled.append(Settlement(log.came, log.reported_at))
        return Missed(day, min(settled, default=None))

    def talks_after(self, at: datetime) -> list[Settlement]:
        """The conversations that took place after an instant."""
        return [talk for talk in self.conversations if talk.at > at]

    def contacts(self, asked: Container[date]) -> list[datetime]:
        """When there was contact, in order: a conversation, a call refused, or a log of one of the days asked for."""
        refused = (
            max(call.came, call.called_at)
            for call in self._facts.calls
            if call.outcome == "refused" and self._ground.holds(call.called_at)
        )
        talks = (talk.came for talk in self.conversations)
        return sorted([*refused, *talks, *(log.came for log in self._facts.logs if log.local_date in asked)])
