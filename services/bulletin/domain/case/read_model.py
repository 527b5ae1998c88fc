"""The case's row in `bulletin_case`, of which the days are counted, and which days have to be counted again."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec.structs import astuple

from chassis.decide.judge import difference
from services.bulletin.domain.case.conclude import CaseState
from services.bulletin.domain.case.counted import Counted


def row(state: CaseState) -> tuple[Any, ...] | None:
    """The case's row in `bulletin_case`; None where it has none."""
    counted: Counted | None = state.conclusions.counted
    return astuple(counted) if counted else None


def wakes(before: CaseState, after: CaseState) -> list[tuple[str, str]]:
    """B3: the days at which counts begin to differ, be they of the old row or of the new one."""
    moved = difference(_shows(before.conclusions.counted), _shows(after.conclusions.counted))
    return [("day", f"{jurisdiction}/{day}") for (jurisdiction, day, _), _, _ in moved]


def _shows(counted: Counted | None) -> Mapping[tuple[str, date, str], tuple[Any, ...]]:
    """What a case adds to the bulletin of each day that it moves."""
    if counted is None:
        return {}
    one, where = counted, counted.jurisdiction
    shown: dict[tuple[str, date, str], tuple[Any, ...]] = {}
    if one.confirmed_on:
        shown[where, one.confirmed_on, "confirmed"] = (one.origin, one.age_months, one.child)
    apart = {"asymptomatic": one.asymptomatic_on, "turned": one.turned_on, "released": one.released_on}
    for figure, day in apart.items():
        if day:
            shown[where, day, figure] = (one.origin,)
    if one.discharged_on:
        fields = (one.origin, one.origin_country, one.nationality, one.severity, one.age_band)
        shown[where, one.discharged_on, "discharged"] = fields
    if one.died_on:
        shown[where, one.died_on, "died"] = (one.origin,)
    return shown
