"""Alerts that primary care is told of when no time is left to answer: their time counts from when they came.

Follow-up sleeps for days in some runs, and what it says afterwards comes to others as late as that. Nobody is late
before having been told, so a run without faults knows other times for such an alert. Those are not compared; that it
went to the same institutions, as far up, and ended in the same way is.
"""

from collections.abc import Mapping
from typing import Any

_TIMED = frozenset({"alert_forwarding", "alert_escalation"})
TABLE = "primarycare_case"
_TIMES = frozenset({"asked_at", "late", "respond_by", "next_at"})


def late_alerts(documents: Mapping[Any, Any]) -> frozenset[str]:
    """The names of those that came too late to be answered in time."""
    given = (alert for about in documents for alert in _alerts(about, documents[about]))
    return frozenset(alert["alert_id"] for alert in given if alert["late"])


def is_timed(late: frozenset[str], about: tuple[str, tuple[Any, ...]]) -> bool:
    """Whether a standing event tells when one of these alerts was forwarded or escalated."""
    thing = about[1]
    return thing[0] in _TIMED and not late.isdisjoint(thing[1:])


def document_without(late: frozenset[str], about: Any, document: Any) -> Any:
    """A document without the times of these alerts, and without what is due because of them."""
    if all(alert["alert_id"] not in late for alert in _alerts(about, document)):
        return document
    _due, blocked, facts, conclusions = document
    alerts = [_without_times(alert) if alert["alert_id"] in late else alert for alert in conclusions["alerts"]]
    done = {name: when for name, when in conclusions["done"].items() if name.partition(" ")[0] not in late}
    return blocked, facts, conclusions | {"alerts": alerts, "done": done, "due": None}


def row_without(
    late: frozenset[str], documents: Mapping[Any, Any], about: tuple[str, Any], row: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A row of a small table; that of a case with such an alert without the alert that is due first: which one is due
    first is a matter of their times."""
    table, key = about
    case = ("primarycare", "case", key)
    if table != TABLE or all(alert["alert_id"] not in late for alert in _alerts(case, documents.get(case, ()))):
        return row
    return {name: value for name, value in row.items() if name not in {"alert", "alert_by"}}


def _alerts(about: Any, document: Any) -> Any:
    service, kind, _key = about
    return document[3]["alerts"] if (service, kind) == ("primarycare", "case") and len(document) > 2 else ()


def _without_times(alert: Mapping[str, Any]) -> Mapping[str, Any]:
    levels = [step["level"] for step in alert["steps"]]
    return {name: value for name, value in alert.items() if name not in _TIMES} | {"steps": levels}
