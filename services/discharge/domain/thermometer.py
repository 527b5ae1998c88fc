"""D1: how long the temperature has been normal, and on which civil days it was measured.

Source: trial versions 6 to 9 ("temperature back to normal for more than 3 days"), version 10 (more than 24 h).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from schemas.reference import FEVER_FROM_C
from services.discharge.domain.calendar import DAY, CivilDay, civil_date, days_before, start_of_day
from services.discharge.domain.facts import Measurement
from services.discharge.domain.known import Known
from services.discharge.domain.timeline import MORE_THAN, up_to

_SHORTEST_DAY = timedelta(hours=22)
"""Two measurements closer than this leave no civil day out, whatever the clocks were set to."""


class MeasuredDay(NamedTuple):
    """A civil day and the last measurement on it."""

    day: CivilDay
    last: Measurement


class Temperatures(NamedTuple):
    """The measurements of an episode, read as of an instant.

    `counted_from`: the last that was not normal, or the first when all are. `over_at`: normal for long enough from then
    on. `days`: the unbroken run of measured days before the day of judging, newest first, as many as are needed.
    """

    known: Known
    counted_from: Measurement
    over_at: datetime
    days: list[MeasuredDay]

    @property
    def needed(self) -> int:
        return self.known.protocol.measured_days

    @property
    def met(self) -> bool:
        return self.known.instant >= self.over_at and len(self.days) >= self.needed

    @property
    def since(self) -> datetime:
        """When it became true; only where it is met."""
        every_day_from = civil_date(self._first_of_run.at, self.known.episode.zone)
        return max(self.over_at, start_of_day(every_day_from + DAY * self.needed, self.known.episode.zone))

    @property
    def evidence(self) -> tuple[str, ...]:
        """The measurement counted from, and one on each of the days that are needed."""
        taken = [self.counted_from, *(measured.last for measured in reversed(self.days))]
        return tuple(dict.fromkeys(f"vital_signs@{measurement.at.isoformat()}" for measurement in taken))

    @property
    def unmet_from(self) -> datetime | None:
        """Since when at least it has been unmet, where it is: the last fever, or the end of a day without measurement.

        None: since ever.
        """
        if self.known.instant < self.over_at:
            return None if _normal(self.counted_from) else self.counted_from.at
        return self.days[-1].day.begins if self.days else self._today

    @property
    def next_possible_at(self) -> datetime:
        """When it could be met if it stays normal and is measured every day from now on."""
        if len(self.days) >= self.needed:
            return self.over_at
        zone = self.known.episode.zone
        not_measured = civil_date(self.known.instant, zone) - DAY * (len(self.days) + 1)
        return max(self.over_at, start_of_day(not_measured + DAY * (self.needed + 1), zone))

    @property
    def _first_of_run(self) -> Measurement:
        """The oldest measurement back to which no civil day was left out."""
        first, zone = self.days[-1].last, self.known.episode.zone
        for taken in reversed(up_to(self.known.measurements, first.at)):
            if first.at - taken.at > _SHORTEST_DAY and civil_date(taken.at, zone) < civil_date(first.at, zone) - DAY:
                return first
            first = taken
        return first

    @property
    def _today(self) -> datetime:
        zone = self.known.episode.zone
        return start_of_day(civil_date(self.known.instant, zone), zone)


def read_temperatures(known: Known) -> Temperatures | None:
    """The temperatures as of an instant; None while none was measured."""
    measured = known.measurements
    if not measured:
        return None
    counted_from = next((taken for taken in reversed(measured) if not _normal(taken)), measured[0])
    over_at = counted_from.at + known.protocol.normal_for + MORE_THAN
    days = list(islice(_measured_days(known), known.protocol.measured_days))
    return Temperatures(known, counted_from, over_at, days)


def _measured_days(known: Known) -> Iterator[MeasuredDay]:
    """The civil days before that of judging, newest first, back to one on which nothing was measured."""
    measured, last = known.measurements, len(known.measurements) - 1
    for day in days_before(known.instant, known.episode.zone):
        while last >= 0 and measured[last].at >= day.ends:
            last -= 1
        if last < 0 or measured[last].at < day.begins:
            return
        yield MeasuredDay(day, measured[last])


def _normal(taken: Measurement) -> bool:
    return taken.celsius < FEVER_FROM_C[taken.site]
