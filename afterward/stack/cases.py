"""What the services know of one case, read from each one's own database through its views."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from afterward.stack.running import Running, stack_timeline
from chassis.decide.aggregate import AnyAggregate
from chassis.store.connection import connect

CASE = "case"


async def what_is_known(data_dir: Path, case_id: str) -> Mapping[str, Any]:
    """Service → what it knows of the case; services that have not heard of it are left out. Raises NotRunning."""
    running = Running.load(data_dir)
    now = stack_timeline(data_dir).now()
    known: dict[str, Any] = {}
    for name, process in running.services.items():
        answered = await _ask(name, process.dsn, case_id, now)
        if answered is not None:
            known[name] = answered
    return known


async def _ask(service: str, dsn: str, case_id: str, now: datetime) -> dict[str, Any] | None:
    connection = await connect(dsn, statement_timeout_seconds=30)
    try:
        row = await connection.fetchrow(
            "SELECT document, blocked FROM state WHERE kind = $1 AND key = $2", CASE, case_id
        )
    finally:
        await connection.close()
    return None if row is None else answer(service, row["document"], row["blocked"], now)


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
