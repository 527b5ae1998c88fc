"""The numbers of online care: *policy*, effective-dated by jurisdiction; *default*: a number that no source gives."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final, NamedTuple

from schemas.reference import ALWAYS, EARLIEST_DAY, EVERYWHERE, Row, in_force

LOOK_AHEAD: Final = timedelta(days=7)
"""How far ahead the roster of a 24-hour channel is looked at; a gap without end is said in pieces of this length (C4,
*default*)."""
SHORTEST_GAP: Final = timedelta(minutes=1)
"""A roster is kept by the minute: what is shorter is no gap (C4)."""
ROSTERS_FROM: Final = datetime.combine(EARLIEST_DAY, time.min, UTC)
"""Nobody is missed on a roster before (*default*: the first day of the epidemic), however long a channel exists."""
SHIFTS_KEPT: Final = timedelta(days=45)
"""How long past shifts stay in the channel's row: who was on duty is asked by late reports (*default*)."""


class Prescribing(NamedTuple):
    """How long a prescription may wait (C6): for a pharmacist since it was issued, for its dispatch since it was
    approved or a delivery failed, and for its delivery since it was dispatched."""

    review_within: timedelta
    dispatch_within: timedelta
    deliver_within: timedelta


_HOUR: Final = timedelta(hours=1)

PRESCRIBING: Final[Sequence[Row[Prescribing]]] = (
    Row(EVERYWHERE, ALWAYS, Prescribing(_HOUR / 2, 4 * _HOUR, 24 * _HOUR), "policy (C6)"),
)


@cache
def prescribing(jurisdiction: str, on: date) -> Prescribing:
    """How long a prescription that was issued on a civil day may wait."""
    return in_force(PRESCRIBING, jurisdiction, on)
