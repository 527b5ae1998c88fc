"""The numbers of outgoing contact: effective-dated; *default*: a number that no source gives."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

from schemas.reference import ALWAYS, EVERYWHERE, Row, in_force


class Retrying(NamedTuple):
    """How long an event is tried to be delivered.

    `pauses`: after the first failure, the second …; the last one holds for all that follow. `give_up_after`: the last
    attempt begins so long after the event came. `answer_within`: how long the delivery worker has to say what became
    of one.
    """

    pauses: tuple[timedelta, ...]
    give_up_after: timedelta
    answer_within: timedelta

    def pause(self, attempt: int) -> timedelta:
        """How long to wait after this attempt has failed."""
        return self.pauses[min(attempt, len(self.pauses)) - 1]


class Settling(NamedTuple):
    """How long an event waits for the next one about the same thing: `after` the last of them, `most` after the first.

    What is urgent waits `after` itself, and no longer.
    """

    after: timedelta
    most: timedelta


_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
_PAUSES = (5 * _SECOND, _MINUTE, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR)

RETRYING: Final[Sequence[Row[Retrying]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        Retrying(_PAUSES, 24 * _HOUR, 24 * _HOUR),
        "default: pauses as Standard Webhooks recommends them, and a last attempt when a day is over",
    ),
)
SETTLING: Final[Sequence[Row[Settling]]] = (
    Row(EVERYWHERE, ALWAYS, Settling(3 * _SECOND, 30 * _SECOND), "default: what is taken back is so within a second"),
)


@cache
def settling(on: date) -> Settling:
    """How long an event that came on a civil day (UTC) waits."""
    return in_force(SETTLING, EVERYWHERE, on)


@cache
def retrying(on: date) -> Retrying:
    """How long an event that came on a civil day (UTC) is tried."""
    return in_force(RETRYING, EVERYWHERE, on)
