"""Which days of a plan are logged, which are missed, what settles a missed one, and when there was contact (F2, F3)."""

from collections.abc import Callable, Container
from datetime import date, datetime
from typing import NamedTuple

from services.followup.domain.calendar import Day
from services.followup.domain.deadlines import Settlement
from services.followup.domain.facts import Facts, Log


class Missed(NamedTuple):
    """A day that ended without a log, and what settled it, if anything has."""

    day: Day
    settled: Settlement | None

    def open_at(self, at: datetime) -> bool:
        """Whether nothing that had come by then settled it."""
        return self.settled is None or self.settled.received_at >= at


class Loss(NamedTuple):
    """A time without contact: from the instant at which the patient was lost, until the next contact, if any."""

    since: datetime
    until: datetime | None


class ContactLog:
    """The logs and conversations of one plan, day by day. A conversation: a call or a home visit that reached the
    patient, or a return visit that was attended. `holds`: whether an instant belongs to the plan (`Basis.holds`)."""

    def __init__(self, facts: Facts, holds: Callable[[datetime], bool]) -> None:
        self._first: dict[date, Log] = {}
        for log in facts.logs:
            first = self._first.get(log.local_date)
            if first is None or log.received_at < first.received_at:
                self._first[log.local_date] = log
        self.conversations = [
            Settlement(max(call.received_at, call.called_at), call.called_at)
            for call in facts.calls
            if call.outcome == "reached" and holds(call.called_at)
        ]
        self.conversations += [
            Settlement(max(visit.received_at, visit.attended_at), visit.attended_at)
            for visit in facts.visits
            if visit.attended_at is not None and holds(visit.attended_at)
        ]
        self._facts, self._holds = facts, holds

    def has(self, day: Day) -> bool:
        """Whether a day has at least one log, timely or late (F2)."""
        return day.date in self._first

    def has_in_time(self, day: Day) -> bool:
        """Whether a log of the day reached the bus by its end; a date that the zone skipped wants none."""
        log = self._first.get(day.date)
        return (log is not None and log.received_at < day.end) or day.skipped

    def missed(self, day: Day) -> Missed:
        """A missed day, with the first to come of what settles it: its late log, or a conversation after its end."""
        log = self._first.get(day.date)
        settled = self.conversations_after(day.end)
        if log is not None:
            settled.append(Settlement(log.received_at, log.reported_at))
        return Missed(day, min(settled, default=None))

    def conversations_after(self, at: datetime) -> list[Settlement]:
        """The conversations that took place after an instant."""
        return [conversation for conversation in self.conversations if conversation.at > at]

    def contacts(self, asked: Container[date]) -> list[datetime]:
        """When there was contact, in order: a conversation, a call refused, or a log of one of the days asked for."""
        refused = (
            max(call.received_at, call.called_at)
            for call in self._facts.calls
            if call.outcome == "refused" and self._holds(call.called_at)
        )
        spoken = (conversation.received_at for conversation in self.conversations)
        return sorted([*refused, *spoken, *(log.received_at for log in self._facts.logs if log.local_date in asked)])
