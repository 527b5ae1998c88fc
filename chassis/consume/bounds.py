"""When what is reported can have happened at all: not before the epidemic, and not after the report came.

A wrong year is the commonest error of a date, and the worst: it explains nothing that follows, and holds against every
correction. It is refused on the report alone, so that its publisher hears of it and no case ever knows.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from typing import Any

from chassis.decide.judge import Rejection
from schemas.envelope import Envelope

# Where a civil day begins first, and so where it is latest at any instant.
_FIRST_DAY_ZONE = timezone(timedelta(hours=14))


FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a report may lie ahead of when it came (*default*): clocks differ."""


class Bounds:
    """From `earliest_day` on, as an instant is written, until `tolerance` after a report came."""

    def __init__(self, earliest_day: date, tolerance: timedelta) -> None:
        self._earliest_day = earliest_day
        self._tolerance = tolerance

    def broken_by(
        self, report: Any, happened: Iterable[str], envelope: Envelope, received_at: datetime
    ) -> Rejection | None:
        """Why a report is refused; None where everything lies within. `happened`: the fields that say when it was.

        A `recordedtime` ahead is refused as well: of two reports about a thing the later recorded one would hold.
        """
        tolerance, earliest_year = self._tolerance, self._earliest_day.year
        for name in happened:
            at = getattr(report, name)
            # As nearly all are. (Of two offsets a difference takes half as long as a comparison.)
            if isinstance(at, datetime) and at.year > earliest_year and at - received_at <= tolerance:
                continue
            if at is not None and (found := self._found(at, received_at + tolerance)):
                return Rejection("impossible_time", found, name)
        if envelope.recordedtime - received_at > tolerance:
            name = "time" if envelope.recordedtime == envelope.time else "recordedtime"
            return Rejection("impossible_time", self._too_late, name)
        return None

    def _found(self, at: date, latest: datetime) -> str | None:
        """What is wrong with an instant or a civil day."""
        if isinstance(at, datetime):
            day, late = at.date(), at > latest
        else:
            day, late = at, at > latest.astimezone(_FIRST_DAY_ZONE).date()
        if day < self._earliest_day:
            return f"lies before {self._earliest_day}, when nothing of this can have happened; correct it"
        return self._too_late if late else None

    @property
    def _too_late(self) -> str:
        return f"lies more than {int(self._tolerance.total_seconds() // 60)} minutes after it came; correct it"
