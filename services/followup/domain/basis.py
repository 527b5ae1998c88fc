"""The basis of a plan: the discharge that began it, the days it has then, and what may have cut it short (F1)."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise

from msgspec import Struct

from schemas.plans import STARTS_A_PLAN, plan_days, plan_key
from services.followup.domain.calendar import Day, day_numbered, midnight_from, number_at, number_on
from services.followup.domain.facts import Discharge, Facts


class Basis(Struct, frozen=True):
    """The basis of one plan; its identity is (episode, `discharged_at`).

    `until`: the discharge that began the next plan, from which on facts belong to that one. `stop`: what ended the
    discharge or took it back, if anything did.
    """

    key: str
    start: Discharge
    day_0: date
    days: int
    until: datetime | None = None
    stop: Discharge | None = None

    @property
    def zone(self) -> str:
        """The zone in which the plan's days are counted: the one its discharge carries."""
        return self.start.time_zone

    def day(self, number: int) -> Day:
        """Day `number` of the plan's calendar, whether it is a day of the plan or not."""
        return day_numbered(self.day_0, self.zone, number)

    def number_on(self, on: date) -> int:
        """The number of the day with a civil date."""
        return number_on(self.day_0, on)

    def number_at(self, at: datetime) -> int:
        """The number of the day in which an instant lies."""
        return number_at(self.day_0, self.zone, at)

    def midnight_from(self, at: datetime) -> Day:
        """The day closed by the first midnight at or after an instant."""
        return midnight_from(self.day_0, self.zone, at)

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies after the discharge and before that of the next plan."""
        return self.start.discharged_at < at and (self.until is None or at < self.until)


def bases(facts: Facts) -> Iterator[Basis]:
    """The bases of all plans of a case, in the order of their discharges: one for each discharge in force."""
    stops = {stop.episode: stop for stop in facts.discharges if not stop.starts}
    starts = [start for start in facts.discharges if start.starts and start.kind in STARTS_A_PLAN]
    starts.sort(key=lambda start: (start.discharged_at, start.episode))
    for start, following in pairwise([*starts, None]):
        if start is not None:
            yield _basis(start, stops.get(start.episode), following)


def _basis(start: Discharge, stop: Discharge | None, following: Discharge | None) -> Basis:
    days = plan_days(start.discharged_at, start.time_zone, start.protocol, start.jurisdiction)
    ended = stop is not None and stop.rank > start.rank and stop.kind != "withdrawn"
    return Basis(
        plan_key(start.episode, start.discharged_at),
        start,
        days.day_0,
        days.length,
        following.discharged_at if following else None,
        stop if ended else None,
    )
