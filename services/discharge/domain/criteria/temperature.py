"""D1: how long the temperature has been normal, and on which civil days it was measured."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from operator import sub
from typing import ClassVar, NamedTuple

from schemas.reference import FEVER_FROM_C, NORMAL_FROM_C
from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.facts import Measurement
from services.discharge.domain.timeline import (
    DAY,
    MORE_THAN,
    CivilDay,
    civil_date,
    civil_time,
    days_before,
    last_by,
    start_of_day,
)
from services.discharge.policy import Protocol

_SHORTEST_DAY = timedelta(hours=22)
"""Two measurements closer than this leave no civil day out, whatever the clocks were set to."""


class Temperature:
    """D1. Normal for more than 72 h (24 h in version 10), and measured on each of the civil days before.

    Source: trial versions 6 to 9 ("temperature back to normal for more than 3 days"), version 10 (more than 24 h).
    """

    name: ClassVar[str] = "temperature"
    required: ClassVar[bool] = True

    def __init__(self, as_of: AsOf) -> None:
        self.as_of = as_of
        self._reading = as_of.facts.once(History).read(as_of.local, as_of.protocol)

    def judge(self) -> Criterion:
        """Unmet while none was measured: not measured is not normal."""
        read = self._reading
        if read is None:
            return Criterion(self.name, False)
        if not read.met:
            return Criterion(self.name, False, None, read.evidence[:1], read.next_possible_at)
        return Criterion(self.name, True, read.since, read.evidence)

    def unmet_from(self) -> datetime | None:
        """A measurement that was not normal, or the end of a day without any."""
        return self._reading.unmet_from if self._reading else None

    def next_changes(self) -> Iterator[datetime]:
        """When a day was left out, or the time is over."""
        if self._reading and (at := self._reading.turns_at):
            yield at


class History:
    """The measurements of an episode, in clinical order, and what of them is the same at every instant."""

    def __init__(self, facts: EpisodeFacts) -> None:
        self.measurements, self.zone = facts.measurements, facts.episode.zone

    def read(self, instant: datetime, protocol: Protocol) -> "Reading | None":
        """The temperatures as of an instant, given as the zone has it; None while none was measured."""
        last = last_by(self.measurements, instant)
        return self.read_up_to(last, last_by(self.fevers, instant), instant, protocol) if last >= 0 else None

    def read_up_to(self, last: int, fever: int, instant: datetime, protocol: Protocol) -> "Reading":
        """The same of the measurements up to a place, however much later the instant is."""
        counted_from = self.fevers[fever] if fever >= 0 else self.measurements[0]
        over_at = counted_from.at + protocol.normal_for + MORE_THAN
        days = list(islice(self._measured_days(instant, last), protocol.measured_days))
        return Reading(self, instant, protocol, last, counted_from, fever, over_at, days)

    @cached_property
    def fevers(self) -> tuple[Measurement, ...]:
        """The measurements that were not normal: a fever, or a reading too low to be evidence of anything."""
        fever = FEVER_FROM_C
        return tuple([taken for taken in self.measurements if not NORMAL_FROM_C <= taken.celsius < fever[taken.site]])

    @cached_property
    def runs(self) -> list[int]:
        """The places of the first measurement, and of each before which a civil day was left out."""
        instants, zone = [taken.at for taken in self.measurements], self.zone
        apart = list(map(sub, instants[1:], instants))
        if not apart or max(apart) <= _SHORTEST_DAY:
            return [0]
        far_apart = [place for place, gap in enumerate(apart, start=1) if gap > _SHORTEST_DAY]
        return [0] + [
            place
            for place in far_apart
            if civil_date(instants[place - 1], zone) < civil_date(instants[place], zone) - DAY
        ]

    def _measured_days(self, instant: datetime, last: int) -> Iterator["MeasuredDay"]:
        """The civil days before that of judging, newest first, back to one on which nothing was measured."""
        measured = self.measurements
        for day in days_before(instant.date(), self.zone):
            while last >= 0 and measured[last].at >= day.ends:
                last -= 1
            if last < 0 or measured[last].at < day.begins:
                return
            yield MeasuredDay(day, last)


class MeasuredDay(NamedTuple):
    """A civil day and the place of the last measurement on it."""

    day: CivilDay
    last: int


class Reading(NamedTuple):
    """The measurements of an episode, read as of an instant.

    `last`: the place of the last of them. `counted_from`: the last that was not normal, or the first when all are;
    `fever`: its place among those that were not normal, -1 when all are. `over_at`: normal for long enough from then
    on. `days`: the unbroken run of measured days before the day of judging, newest first, as many as are needed.
    """

    history: History
    instant: datetime
    protocol: Protocol
    last: int
    counted_from: Measurement
    fever: int
    over_at: datetime
    days: list[MeasuredDay]

    @property
    def needed(self) -> int:
        return self.protocol.measured_days

    @property
    def met(self) -> bool:
        return self.instant >= self.over_at and len(self.days) >= self.needed

    @property
    def since(self) -> datetime:
        """When it became true; only where it is met."""
        history = self.history
        last = self.days[-1].last
        first = history.runs[bisect_right(history.runs, last) - 1]
        every_day_from = civil_date(history.measurements[first].at, history.zone)
        return max(self.over_at, start_of_day(every_day_from + DAY * self.needed, history.zone))

    @property
    def evidence(self) -> tuple[str, ...]:
        """The measurement counted from, and one on each of the days that are needed."""
        measurements = self.history.measurements
        taken = [self.counted_from, *(measurements[measured.last] for measured in reversed(self.days))]
        return tuple(dict.fromkeys([f"vital_signs@{measurement.at.isoformat()}" for measurement in taken]))

    @property
    def unmet_from(self) -> datetime | None:
        """Since when at least it has been unmet, where it is: the first of fevers that followed each other too closely
        for it to be met between them, or the end of a day without measurement.

        None: since ever.
        """
        if self.instant < self.over_at:
            return self._fevers_from()
        return self.days[-1].day.begins if self.days else start_of_day(self._today, self.history.zone)

    @property
    def next_possible_at(self) -> datetime:
        """When it could be met if it stays normal and is measured every day from now on."""
        if len(self.days) >= self.needed:
            return self.over_at
        not_measured = self._today - DAY * (len(self.days) + 1)
        return max(self.over_at, start_of_day(not_measured + DAY * (self.needed + 1), self.history.zone))

    @property
    def turns_at(self) -> datetime | None:
        """The next instant at which it turns if nothing more is measured: a day was left out, or the time is over."""
        zone, today = self.history.zone, self._today
        if self.met:
            measured_today = self.history.measurements[self.last].at >= start_of_day(today, zone)
            return start_of_day(today + DAY * (2 if measured_today else 1), zone)
        for at in sorted((self.over_at, start_of_day(today + DAY, zone))):
            if at > self.instant and self._then(at).met:
                return at
        return None

    @property
    def _today(self) -> date:
        return self.instant.date()

    def _then(self, instant: datetime) -> "Reading":
        """The same measurements, read as of a later instant."""
        return self.history.read_up_to(self.last, self.fever, civil_time(instant, self.history.zone), self.protocol)

    def _fevers_from(self) -> datetime | None:
        fevers, place, long_enough = self.history.fevers, self.fever, self.protocol.normal_for + MORE_THAN
        if place < 0:
            return None
        while place > 0 and fevers[place].at <= fevers[place - 1].at + long_enough:
            place -= 1
        begun_with = self.history.measurements[0].at
        return fevers[place].at if fevers[place].at > begun_with + long_enough else None
