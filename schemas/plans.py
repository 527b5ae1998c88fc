"""A plan of follow-up: which discharges begin one, what names it, and its days without those added later (F1).

Followup counts the days, primary care ends its aftercare with the last of them: both have to read them alike.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final, NamedTuple

from schemas.calendar import end_of, local_date
from schemas.reference import AFTERCARE_DAYS, PROTOCOLS, Protocol, protocol_on

STARTS_A_PLAN: Final = frozenset({"recovered", "against_advice"})
"""The dispositions with which a plan begins."""


class PlanDays(NamedTuple):
    """The days of a plan: `length` civil days of `time_zone` after `day_0`, the civil date of the discharge."""

    day_0: date
    length: int
    time_zone: str

    @property
    def last_day(self) -> date:
        """The last day; of a plan of no days, the day of discharge."""
        return self.day_0 + timedelta(days=self.length)

    @property
    def ends_at(self) -> datetime:
        """The midnight that closes the last day."""
        return end_of(self.last_day, self.time_zone)


def plan_key(episode: int, discharged_at: datetime) -> str:
    """What names a plan within its case, the same however the instant was written."""
    return f"{episode}@{discharged_at.astimezone(UTC).isoformat()}"


def plan_days(discharged_at: datetime, time_zone: str, protocol: str, jurisdiction: str) -> PlanDays:
    """The days of the plan that a discharge begins. `protocol`: the version that the discharge names."""
    day_0 = local_date(discharged_at, time_zone)
    return PlanDays(day_0, length_days(protocol, jurisdiction, day_0), time_zone)


@cache
def version(protocol: str, jurisdiction: str, on: date) -> Protocol:
    """What a version of the protocol asks for; one that is not known counts as the one in force on a civil day."""
    named = (row.value for row in PROTOCOLS if row.value.version == protocol)
    return next(named, protocol_on(jurisdiction, on))


def length_days(protocol: str, jurisdiction: str, on: date) -> int:
    """How many days a plan has by a version of the protocol."""
    return version(protocol, jurisdiction, on).plan_days


def last_day_of_aftercare(day_0: date, asked: Protocol) -> date:
    """F1: alerts and contact hold for 28 civil days after the day of discharge, or to the last return visit."""
    return day_0 + timedelta(days=max(AFTERCARE_DAYS, *(due for _, due in asked.return_visits), 0))
