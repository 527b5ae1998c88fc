"""Who had a request when its time was over: that depends on what was known when it was assigned (decision 0049).

An expert has as many as they can take, and whoever comes first to the queue's lock is served first; a run with faults
brings the reports of one instant in another order. In which channels a request lay, that it was overdue there, how it
ended, and all that follows from that is compared. Every request of a run is closed in the end, so nothing else that is
compared says who has it.
"""

from collections.abc import Mapping
from typing import Any

from schemas.events.consultation import ConsultationOverdue

OVERDUE = ConsultationOverdue.type_name()


def events_without_experts(events: Mapping[Any, Any]) -> dict[Any, Any]:
    """What stands; what says that nobody has answered in time without the expert who had it."""
    return {about: _event(event) if about[1][0] == "overdue" else event for about, event in events.items()}


def documents_without_experts(documents: Mapping[Any, Any]) -> dict[Any, Any]:
    """Documents; a consultation without the expert who had it, and without whether it was looked at in its queue."""
    return {
        about: _document(one) if about[:2] == ("consultation", "consultation") and len(one) > 2 else one
        for about, one in documents.items()
    }


def data_without_expert(type_name: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of an event of this type; of one that says that nobody has answered in time without the expert."""
    return _without(data, "expert_ref") if type_name == OVERDUE else data


def conclusions_without_experts(conclusions: Mapping[str, Any]) -> dict[str, Any]:
    """What follows for a consultation, by the names of its fields, likewise."""
    visits = [_without(one, "had_by") for one in conclusions["visits"]]
    return _without(conclusions, "stood_in") | {"visits": visits}


def _event(event: Any) -> Any:
    kind, time, data = event
    return kind, time, data_without_expert(kind, data)


def _document(document: Any) -> Any:
    due, blocked, facts, conclusions = document
    return due, blocked, facts, conclusions_without_experts(conclusions)


def _without(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {other: given for other, given in value.items() if other != name}
