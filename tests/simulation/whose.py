"""Who had a request when its time was over: that depends on what was known when it was assigned (decision 0049).

An expert has as many as they can take, and whoever comes first to the queue's lock is served first; a run with faults
brings the reports of one instant in another order. In which channels a request lay, that it was overdue there, how it
ended, and all that follows from that is compared. Every request of a run is closed in the end, so nothing else that is
compared says who has it.
"""

from collections.abc import Mapping
from typing import Any


def event_without_expert(about: tuple[str, tuple[Any, ...]], event: Any) -> Any:
    """A standing event; one that says that nobody has answered in time is compared without the expert."""
    if about[1][0] != "overdue":
        return event
    kind, time, data = event
    return kind, time, _without(data, "expert_ref")


def document_without_expert(about: tuple[str, str, str], document: Any) -> Any:
    """A document; the visits of a consultation are compared without the expert who had it."""
    if about[:2] != ("consultation", "consultation") or len(document) <= 2:
        return document
    due, blocked, facts, conclusions = document
    visits = [_without(visit, "had_by") for visit in conclusions["visits"]]
    return due, blocked, facts, conclusions | {"visits": visits}


def _without(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {other: given for other, given in value.items() if other != name}
