"""Which days of a plan are logged, which are missed, what settles a missed one, and when there was contact (F2, F3)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from services.followup.domain.basis import Basis
from services.followup.domain.calendar import Day, day_numbered
from services.followup.domain.deadlines import Settlement
from services.followup.domain.facts import Facts, Log
from services.followup.domain.stays import Stay


class Missed(NamedTuple):
    """A day that ended without a log, and what settled it, if anything has.

    `unknown`: it had ended before the discharge was known, so nobody had asked for a log (F3).
    """

    day: Day
    settled: Settlement | None
    unknown: bool = False

    def open_at(self, at: datetime) -> bool:
        """Whether nothing that had come by then settled it."""
        return self.settled is None or self.settled.received_at >= at


class Loss(NamedTuple):
    """A time without contact: from the instant at which the patient was lost, until the next contact, if any."""

    since: datetime
    until: datetime | None


class ContactLog:
    """The logs and conversations of one plan, day by day. A conversation: a call or a home visit that reached the
    patient, or a return visit that was attended. `stays`: those in hospital meanwhile."""

    def __init__(self, basis: Basis, facts: Facts, stays: Sequence[Stay]) -> None:
        self._basis, self._stays = basis, stays
        self._logs = [log for log in facts.logs if basis.holds(log.reported_at)]
        self._calls = [call for call in facts.calls if basis.holds(call.called_at)]
        self._first: dict[date, Log] = {}
        for log in facts.logs:
            first = self._first.get(log.local_date)
            if (first is None or log.received_at < first.received_at) and self._counts(log):
                self._first[log.local_date] = log
        self.conversations = [
            Settlement(call.known_at, call.called_at) for call in self._calls if call.outcome == "reached"
        ]
        self.conversations += [
            Settlement(max(visit.received_at, visit.attended_at), visit.attended_at)
            for visit in facts.visits
            if visit.attended_at is not None and basis.holds(visit.attended_at)
        ]

    def _counts(self, log: Log) -> bool:
        """A log counts for its date only if it was reported after that day began (F2)."""
        basis = self._basis
        number = (log.local_date - basis.day_0).days
        return log.reported_at >= day_numbered(basis.day_0, basis.zones, number).begin

    def has(self, day: Day) -> bool:
        """Whether a day has at least one log, timely or late (F2)."""
        return day.date in self._first

    def has_in_time(self, day: Day, by: datetime) -> bool:
        """Whether a log of the day had reached the bus by an instant; a date that the zone skipped wants none."""
        log = self._first.get(day.date)
        return (log is not None and log.received_at < by) or day.skipped

    def was_in_hospital(self, day: Day) -> bool:
        """Whether by what had come before its end any of a day was spent in hospital (F8)."""
        return any(stay.had(day) for stay in self._stays)

    def in_hospital_since(self, day: Day) -> datetime | None:
        """From when on it was known that any of a day was spent in hospital; None where that is not so (F8)."""
        known = (stay.since for stay in self._stays if stay.has(day) or stay.had(day))
        return min(known, default=None)

    def missed(self, day: Day, *, unknown: bool = False) -> Missed:
        """A missed day, with the first to come of what settles it: its late log, a conversation after its end, or that
        it was spent in hospital."""
        log = self._first.get(day.date)
        settled = self.conversations_after(day.end)
        if log is not None:
            settled.append(Settlement(log.received_at, log.reported_at))
        settled += [Settlement(stay.since, stay.admitted_at) for stay in self._stays if stay.has(day)]
        return Missed(day, min(settled, default=None), unknown)

    def conversations_after(self, at: datetime) -> list[Settlement]:
        """The conversations that took place after an instant."""
        return [conversation for conversation in self.conversations if conversation.at > at]

    def contacts(self) -> list[datetime]:
        """When there was contact, in order: a conversation, a call refused, or any log. Who was lost is found when a
        hospital admits the patient."""
        refused = (
            call.known_at if call.outcome == "refused" else max(call.received_at, call.called_at)
            for call in self._calls
            if "refused" in {call.outcome, call.first_outcome}
        )
        spoken = (conversation.received_at for conversation in self.conversations)
        admitted = (stay.since for stay in self._stays if stay.stands)
        return sorted([*refused, *spoken, *admitted, *(log.received_at for log in self._logs)])
