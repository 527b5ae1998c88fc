"""The numbers of intake: effective-dated, by jurisdiction; *default*: a number that no source gives."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

from schemas.reference import ALWAYS, EVERYWHERE, Row, in_force


class Counting(NamedTuple):
    """Which results count for an arrival (I1): collected so many civil days before it at the earliest."""

    days_before_the_arrival: int


class Sending(NamedTuple):
    """How a confirmed case is sent (I3, I4).

    `respond_within`: how long the receiving institution has to admit. `overdue_every`: how often it is said again that
    it has not. `look_again_after`: how often a case for which nobody is known is looked at again by itself.
    `asked_about_for`: how long it is asked why another institution admitted. `paediatric_under_months`: who is younger
    needs a paediatric institution; from there to 18 years an adult one that has all else will do.
    """

    respond_within: timedelta
    overdue_every: timedelta
    look_again_after: timedelta
    asked_about_for: timedelta
    paediatric_under_months: int


_A_DAY: Final = timedelta(hours=24)

COUNTING: Final[Sequence[Row[Counting]]] = (Row(EVERYWHERE, ALWAYS, Counting(1), "default (I1)"),)
SENDING: Final[Sequence[Row[Sending]]] = (
    Row(EVERYWHERE, ALWAYS, Sending(_A_DAY, _A_DAY, _A_DAY, _A_DAY, 14 * 12), "default (I3, I4)"),
)

LOOK_AGAIN_AFTER: Final = _A_DAY
"""How often the place of a positive whose place is unknown is looked for again by itself (*default*)."""

BELIEVED_FOR: Final = timedelta(hours=1)
"""For how long a death is believed that is no longer stated (I7, *default*)."""

RESTS_ON_FOR: Final = timedelta(days=14)
"""How long after the authority's word a result is collected on which a local case may rest (I2, *default*).

Whether it was collected after the discharge would say more, but discharge's words follow from intake's: where intake's
followed from them in turn, who is a case would depend on which was read first.
"""

WATCHED_FOR: Final = timedelta(days=14)
"""How long after an arrival somebody who is no case is taken to be in the course of one (I6, *default*)."""


@cache
def counting(jurisdiction: str, on: date) -> Counting:
    """Which results count for an arrival on a civil day."""
    return in_force(COUNTING, jurisdiction, on)


@cache
def sending(jurisdiction: str, on: date) -> Sending:
    """How a case confirmed on a civil day is sent."""
    return in_force(SENDING, jurisdiction, on)
