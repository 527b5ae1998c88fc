"""The numbers of intake: effective-dated, by jurisdiction; *default*: a number that no source gives."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

from schemas.reference import ALWAYS, EVERYWHERE, Row, in_force


class Sending(NamedTuple):
    """How a confirmed case is sent (I3, I4).

    `respond_within`: how long the receiving institution has to admit. `overdue_every`: how often it is said again that
    it has not. `look_again_after`: how often a case for which nobody is known is looked at again by itself.
    """

    respond_within: timedelta
    overdue_every: timedelta
    look_again_after: timedelta


_A_DAY: Final = timedelta(hours=24)

SENDING: Final[Sequence[Row[Sending]]] = (Row(EVERYWHERE, ALWAYS, Sending(_A_DAY, _A_DAY, _A_DAY), "default (I4)"),)


@cache
def sending(jurisdiction: str, on: date) -> Sending:
    """How a case confirmed on a civil day is sent."""
    return in_force(SENDING, jurisdiction, on)
