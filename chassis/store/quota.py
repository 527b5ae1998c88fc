"""What one case may ask of everybody. Reports beyond what is judged in an hour are answered, and may be sent again.

The hour is that in which a report came to the bus. Who is refused depends on who came first, which nothing else does
here: the same reports in another order may end otherwise, where some of them were too many.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chassis.decide.judge import Rejection

REPORTS_PER_HOUR = 10_000
"""Default limit. A device that measures each second sends 3,600 an hour, one each minute 1,440 a day: 10,000 is nearly
a week of those at once. Nobody has so much to say of one patient, but a defect or somebody who means harm."""
HOUR = timedelta(hours=1)

UNPROMPTED_STEPS = 2_000
"""Default of the breaker: so often a case may be judged without a report that asks for it."""

PARKED_WHOLE = 100
"""Default for records over 64 kB of one topic that nobody can judge: so many are kept whole."""


class Limits(NamedTuple):
    """What one case may ask of everybody: steps that no report asks for, and reports that came within an hour.

    And what one topic may: `parked_whole`, large records kept whole that nobody can judge.
    """

    unprompted_steps: int = UNPROMPTED_STEPS
    reports_per_hour: int = REPORTS_PER_HOUR
    parked_whole: int = PARKED_WHOLE


LIMITS = Limits()


class Reports(NamedTuple):
    """The newest hour in which a report about a case came, and which one since it began the last of them is."""

    hour: datetime | None = None
    number: int = 0

    def one_more(self, received_at: datetime) -> "Reports":
        """With a report that came at an instant. One that came before the newest hour counts within it."""
        if self.hour is not None and received_at - self.hour < HOUR:
            return Reports(self.hour, self.number + 1)
        at = received_at.astimezone(UTC)
        return Reports(datetime(at.year, at.month, at.day, at.hour, tzinfo=UTC), 1)

    def rejection(self, limit: int) -> Rejection | None:
        """Why the last of them is refused, if it is."""
        if self.hour is None or self.number <= limit:
            return None
        again = f"{self.hour + HOUR:%Y-%m-%dT%H:%MZ}"
        reason = (
            f"more than {limit:,} reports about this case came within an hour; send it from {again} on, by a new id"
        )
        return Rejection("too_many", reason)
