"""The case's row in `primarycare_case`: what somebody has to do for it, by when, and what a change of the directory
concerns."""

from typing import Any, NamedTuple

from chassis.judge import State
from services.primarycare.domain.conclusions import Aftercare, Alert, Conclusions, Linkage


class Row(NamedTuple):
    """The latest discharge, its linkage if that is open, and of the open alerts the one that is due first.

    `waits`: an institution of the district that is listed now would be told, or asked.
    """

    jurisdiction: str
    district: str
    primary_id: str | None
    asked_id: str | None
    waits: bool
    linkage_by: Any
    linkage_level: int | None
    alert_by: Any
    alert_level: int | None


def row(state: State) -> tuple[Any, ...] | None:
    """The values in the order of the table's columns; None while no discharge is known."""
    conclusions: Conclusions = state.conclusions
    if not conclusions.aftercare:
        return None
    last = conclusions.aftercare[-1]
    linked = last.linkage if last.linkage is not None and last.linkage.ending is None else None
    alert = _first_due(conclusions)
    return Row(
        jurisdiction=last.ground[1],
        district=last.ground[2],
        primary_id=last.primary_id,
        asked_id=_asked(linked),
        waits=_waits(state, last, linked),
        linkage_by=_by(linked) if linked is not None and linked.accepted_by is None else None,
        linkage_level=len(linked.steps) if linked else None,
        alert_by=_by(alert) if alert else None,
        alert_level=len(alert.steps) if alert else None,
    )


def _first_due(conclusions: Conclusions) -> Alert | None:
    waiting = [alert for alert in conclusions.alerts if alert.ending is None]
    return min(waiting, key=lambda alert: (_by(alert), alert.alert_id), default=None)


def _by(found: Linkage | Alert) -> Any:
    """When the next level follows; after the last one, when that was reached."""
    return found.next_at or (found.steps[-1].at if found.steps else None)


def _asked(linked: Linkage | None) -> str | None:
    return linked.requests[-1].institution_id if linked is not None and linked.requests else None


def _waits(state: State, last: Aftercare, linked: Linkage | None) -> bool:
    if last.primary_id is None:
        return True
    if linked is None or linked.accepted_by is not None:
        return False
    declined = {answer.institution_id for answer in state.facts.answers if not answer.accepted}
    return all(request.institution_id in declined for request in linked.requests)
