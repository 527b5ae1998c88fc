"""Discharges that were undone: what was said of the patient's home while they stood depends on what was known then.

A discharge that is told before the arrival is said without the home, and again with it once that is known. One that has
been undone by then is not said again: nobody acts upon it any more. So two runs may have kept different words about the
home, and drawn different choices from them; when it was, what became of it, and all that was said is compared.

Where another discharge of the same episode has followed, the readers have it instead: the two are one thing, and what
became of the first on the way may not have been said at all (a store that went back states only what stands in the
end). So a reader's word on the first is not compared. What it concludes is.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

_READERS = frozenset({"followup", "intake", "primarycare"})
_TABLES = frozenset({"followup_case", "primarycare_case"})
_OF_HOME = frozenset({"jurisdiction", "district", "ground", "place", "plain_district", "primary_id", "waits"})


def events_without_homes(documents: Mapping[Any, Any], events: Mapping[Any, Any]) -> dict[Any, Any]:
    """What stands; what readers say of a discharge that was undone without the home."""
    return {about: _event(documents, about, event) for about, event in events.items()}


def _event(documents: Mapping[Any, Any], about: Any, event: Any) -> Any:
    source, (_, case, *rest) = about
    reader = source.rpartition("/")[2], "case"
    document = documents.get((*reader, case), ())
    if not _is_read(reader, document):
        return event
    kind, time, data = event
    return (kind, time, _homeless(data)) if not _undone(document).isdisjoint(map(str, rest)) else event


def without_homes(about: Any, document: Any) -> Any:
    """A document without the homes of the discharges that were undone."""
    if not _is_read(about, document):
        return document
    undone, document = _undone(document), _without_followed(document)
    if not undone:
        return document
    due, blocked, *parts = document
    return due, blocked, *({name: _each(value, undone) for name, value in part.items()} for part in parts)


def rows_without_homes(documents: Mapping[Any, Any], about: Any, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row of a small table without the home, where the last discharge it is about was undone."""
    if about[0] not in _TABLES:
        return row
    document = documents[about[0].removesuffix("_case"), "case", about[1]]
    if max(_instant(one) for one in document[2]["discharges"]) not in _undone(document):
        return row
    return {name: value for name, value in row.items() if name not in _OF_HOME}


def _is_read(about: Any, document: Any) -> bool:
    """Whether this is what a reader of discharges knows of a case and concludes from it."""
    return about[0] in _READERS and about[1] == "case" and len(document) > 2


def _without_followed(document: Any) -> Any:
    """A document whose facts tell of each episode's last discharge only."""
    due, blocked, facts, *rest = document
    last: dict[int, str] = {}
    for one in facts["discharges"]:
        if one.get("kind") != "revoked":
            last[one["episode"]] = max(last.get(one["episode"], ""), _instant(one))
    held = [one for one in facts["discharges"] if last.get(one["episode"], "") <= _instant(one)]
    return due, blocked, {**facts, "discharges": held}, *rest


def _undone(document: Any) -> frozenset[str]:
    """The instants of the discharges that were undone: some readers keep both in one list, intake each in its own."""
    facts = document[2]
    revoked = [one for one in facts["discharges"] if one.get("kind") == "revoked"]
    revoked += [one for one in facts.get("revocations", ()) if not one["withdrawn"]]
    return frozenset(map(_instant, revoked))


def _instant(discharge: Any) -> str:
    return str(discharge["discharged_at"].astimezone(UTC).isoformat())


def _each(value: Any, undone: frozenset[str]) -> Any:
    return [_homeless(one) if _is_about(one, undone) else one for one in value] if isinstance(value, list) else value


def _is_about(one: Any, undone: frozenset[str]) -> bool:
    """Discharges and plans say of which instant they are, aftercare by the end of its key."""
    if not isinstance(one, dict):
        return False
    return _instant(one) in undone if "discharged_at" in one else str(one.get("key", "")).partition("@")[2] in undone


def _homeless(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in one.items() if name not in _OF_HOME}
