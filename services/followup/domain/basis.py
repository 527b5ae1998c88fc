"""The basis of a plan: the discharge that began it, the days it has then, and what may have cut it short (F1)."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise

from msgspec import Struct

from schemas.plans import STARTS_A_PLAN, last_day_of_aftercare, plan_days, plan_key, version
from schemas.reference import Protocol
from services.followup.domain.calendar import Day, Zones, date_of, day_numbered, midnight_from, number_at, number_on
from services.followup.domain.facts import Discharge, Facts
from services.followup.domain.residence import moves_of


class Basis(Struct, frozen=True):
    """The basis of one plan; its identity is (episode, `discharged_at`).

    `zones`: those in which its days are counted. `asked`: what the version of the protocol that the discharge names
    asks for. `known_at`: when the discharge came to be known. `until`: the discharge that began the next plan, from
    which on facts belong to that one. `stop`: what ended the discharge or took it back, if anything did.
    """

    key: str
    start: Discharge
    day_0: date
    days: int
    zones: Zones
    asked: Protocol
    known_at: datetime
    until: datetime | None = None
    stop: Discharge | None = None

    @property
    def aftercare_days(self) -> int:
        """The number of the last day of aftercare (F1)."""
        return (last_day_of_aftercare(self.day_0, self.asked) - self.day_0).days

    def day(self, number: int) -> Day:
        """Day `number` of the plan's calendar, whether it is a day of the plan or not."""
        return day_numbered(self.day_0, self.zones, number)

    def date_of(self, at: datetime) -> date:
        """The civil date of an instant in the plan's calendar."""
        return date_of(self.zones, at)

    def number_on(self, on: date) -> int:
        """The number of the day with a civil date."""
        return number_on(self.day_0, on)

    def number_at(self, at: datetime) -> int:
        """The number of the day in which an instant lies."""
        return number_at(self.day_0, self.zones, at)

    def midnight_from(self, at: datetime) -> Day:
        """The day closed by the first midnight at or after an instant."""
        return midnight_from(self.day_0, self.zones, at)

    def asked_by(self, number: int, grace_days: int) -> Day:
        """The last day of what is due on a day, days of grace included; of what was due before anybody knew of the
        discharge the days of grace begin when that is known: nothing lapses before it was asked for (F3)."""
        return self.day(
            max(number, self.number_at(self.known_at) if self.is_late(number + grace_days) else 0) + grace_days
        )

    def is_late(self, number: int) -> bool:
        """Whether a day had ended before the discharge was known."""
        return day_numbered(self.day_0, self.zones, number).end <= self.known_at

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies after the discharge and before that of the next plan."""
        return self.start.discharged_at < at and (self.until is None or at < self.until)

    @property
    def recalled_at(self) -> datetime | None:
        """When the patient was to be brought back, since a correction undid the discharge (D8)."""
        return self.stop.at if self.stop is not None and self.stop.kind == "recalled" else None


def bases(facts: Facts) -> Iterator[Basis]:
    """The bases of all plans of a case, in the order of their discharges: one for each discharge in force."""
    stops = {stop.episode: stop for stop in facts.discharges if not stop.starts}
    starts = [start for start in facts.discharges if start.starts and start.kind in STARTS_A_PLAN]
    starts.sort(key=lambda start: (start.discharged_at, start.episode))
    for start, following in pairwise([*starts, None]):
        if start is not None:
            yield _basis(facts, start, stops.get(start.episode), following)


def _basis(facts: Facts, start: Discharge, stop: Discharge | None, following: Discharge | None) -> Basis:
    days = plan_days(start.discharged_at, start.time_zone, start.protocol, start.jurisdiction)
    ended = stop is not None and stop.rank > start.rank and stop.kind != "withdrawn"
    return Basis(
        plan_key(start.episode, start.discharged_at),
        start,
        days.day_0,
        days.length,
        moves_of(start, facts.residences),
        version(start.protocol, start.jurisdiction, days.day_0),
        start.known_at or start.discharged_at,
        following.discharged_at if following else None,
        stop if ended else None,
    )
