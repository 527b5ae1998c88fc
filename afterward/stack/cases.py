"""What a service answers about one case, from the document that it has stored."""

from datetime import datetime
from importlib import import_module
from typing import Any

import msgspec

from chassis.decide.aggregate import AnyAggregate

CASE = "case"


def answer(service: str, document: str | None, blocked: bool, now: datetime) -> dict[str, Any] | None:
    """What a service knows of a case, with `blocked` where it cannot judge what came since; None: nothing at all."""
    kind, known = _case_aggregate(service), None
    if document is not None:
        try:
            facts, conclusions = msgspec.json.decode(document, type=tuple[kind.facts, kind.conclusions])  # type: ignore[name-defined]
        except msgspec.DecodeError:  # another version's: the next message is parked for it
            blocked = True
        else:
            known = import_module(f"services.{service}.views").case(facts, conclusions, now)
    return {"blocked": True, **(known or {})} if blocked else known


def _case_aggregate(service: str) -> AnyAggregate:
    aggregates = {kind.name: kind for kind in import_module(f"services.{service}.routes").AGGREGATES}
    found: AnyAggregate = aggregates[CASE]
    return found
