"""Which days of a plan are logged, which are missed, and what settles a missed one (F2, F3)."""

from datetime import datetime
from typing import NamedTuple

from services.followup.domain.calendar import Day
from services.followup.domain.facts import Facts, Log
from services.followup.domain.ground import Ground


class Settlement(NamedTuple):
    """What settles a missed day: when it came to the bus, and when it took place."""

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
    """The logs and conversations of one plan, day by day."""

    def __init__(self, ground: Ground, facts: Facts) -> None:
        self._first: dict[object, Log] = {}
        for log in facts.logs:
            known = self._first.get(log.local_date)
            if known is None or log.came < known.came:
                self._first[log.local_date] = log
        self._conversations = [
            Settlement(max(call.came, call.called_at), call.called_at)
            for call in facts.calls
            if call.outcome == "reached" and ground.holds(call.called_at)
        ]

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
        settled = [talk for talk in self._conversations if talk.at > day.end]
        if log is not None:
            settled.append(Settlement(log.came, log.reported_at))
        return Missed(day, min(settled, default=None))
