"""What a plan stands on: the discharge that began it, the terms in force then, and what may have cut it short (F1)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise

from msgspec import Struct

from schemas.calendar import local_date
from services.followup import policy
from services.followup.domain.calendar import Day, day_numbered
from services.followup.domain.facts import Discharge, Facts
from services.followup.domain.learn import STARTS_A_PLAN


class Ground(Struct, frozen=True):
    """The ground of one plan; its identity is (episode, `discharged_at`).

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

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies after the discharge and before that of the next plan."""
        return self.start.discharged_at < at and (self.until is None or at < self.until)


def grounds(facts: Facts) -> Iterator[Ground]:
    """The grounds of all plans of a case, in the order of their discharges: one for each standing discharge."""
    stops = {stop.episode: stop for stop in facts.discharges if not stop.starts}
    starts = [start for start in facts.discharges if start.starts and start.kind in STARTS_A_PLAN]
    starts.sort(key=lambda start: (start.discharged_at, start.episode))
    for start, following in pairwise([*starts, None]):
        if start is not None:
            yield _ground(start, stops.get(start.episode), following)


def plan_key(episode: int, discharged_at: datetime) -> str:
    """The name of a plan, the same however its instant was written."""
    return f"{episode}@{discharged_at.astimezone(UTC).isoformat()}"


def _ground(start: Discharge, stop: Discharge | None, following: Discharge | None) -> Ground:
    day_0 = local_date(start.discharged_at, start.time_zone)
    ended = stop is not None and stop.rank > start.rank and stop.kind != "withdrawn"
    return Ground(
        plan_key(start.episode, start.discharged_at),
        start,
        day_0,
        policy.length_days(start.protocol, start.jurisdiction, day_0),
        following.discharged_at if following else None,
        stop if ended else None,
    )
