"""The numbers of primary care: effective-dated, by jurisdiction; *default*: a number that no source gives."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

from schemas.reference import ALWAYS, EVERYWHERE, Row, in_force


class Linking(NamedTuple):
    """How somebody near home is found who takes a patient on (P2).

    `respond_within`: how long an institution has to answer, and how long a level has before the next. `levels`: how far
    it is escalated: 1 the district, 2 the municipal health commission. `carers`: the kinds of institutions that are
    asked, in this order.
    """

    respond_within: timedelta
    levels: int
    carers: tuple[str, ...]


class Alerting(NamedTuple):
    """How an alert finds somebody who acts (P4).

    `acknowledge_within`: by severity; a severity that is not in it asks for no acknowledgement. `levels`: as above.
    """

    acknowledge_within: Mapping[str, timedelta]
    levels: int


class Looking(NamedTuple):
    """`again_after`: how often what waits for an institution, or for an acknowledgement, is looked at by itself.

    `tell_after`: when the municipal commission is told of who finds no institution near home (P1).
    """

    again_after: timedelta
    tell_after: timedelta = timedelta(hours=24)


_HOUR: Final = timedelta(hours=1)

LINKING: Final[Sequence[Row[Linking]]] = (
    Row(EVERYWHERE, ALWAYS, Linking(24 * _HOUR, 2, ("community_centre", "hospital")), "default (P2)"),
)
ALERTING: Final[Sequence[Row[Alerting]]] = (
    Row(EVERYWHERE, ALWAYS, Alerting({"urgent": 2 * _HOUR, "high": 24 * _HOUR}, 2), "default (P4)"),
)
LOOKING: Final[Sequence[Row[Looking]]] = (Row(EVERYWHERE, ALWAYS, Looking(24 * _HOUR, 24 * _HOUR), "default (P1, P4)"),)

FOLLOWED_WITHIN: Final = _HOUR
"""So long followup may take to say again where a plan is, when the discharge names another place; *default* (F9)."""


@cache
def linking(jurisdiction: str, on: date) -> Linking:
    """How a patient discharged on a civil day is linked."""
    return in_force(LINKING, jurisdiction, on)


@cache
def alerting(jurisdiction: str, on: date) -> Alerting:
    """How an alert after a discharge on a civil day is handed on."""
    return in_force(ALERTING, jurisdiction, on)


@cache
def looking(jurisdiction: str, on: date) -> Looking:
    """How often what waits is looked at again."""
    return in_force(LOOKING, jurisdiction, on)
