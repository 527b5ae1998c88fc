"""What the services know of one case, read from each one's own database through its views."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from afterward.stack.running import Running, stack_timeline
from chassis.routes import Kind
from chassis.store import connect

CASE = "case"


async def what_is_known(data_dir: Path, case_id: str) -> Mapping[str, Any]:
    """Service → what it knows of the case; services that have not heard of it are left out. Raises NotRunning."""
    running = Running.load(data_dir)
    now = stack_timeline(data_dir).now()
    known: dict[str, Any] = {}
    for name, process in running.services.items():
        answer = await _ask(name, process.dsn, case_id, now)
        if answer is not None:
            known[name] = answer
    return known


async def _ask(service: str, dsn: str, case_id: str, now: datetime) -> Any:
    connection = await connect(dsn, statement_timeout_seconds=30)
    try:
        document = await connection.fetchval("SELECT document FROM state WHERE kind = $1 AND key = $2", CASE, case_id)
    finally:
        await connection.close()
    if document is None:
        return None
    kind = _case_kind(service)
    facts, conclusions = msgspec.json.decode(document, type=tuple[kind.facts, kind.conclusions])  # type: ignore[name-defined]
    return import_module(f"services.{service}.views").case(facts, conclusions, now)


def _case_kind(service: str) -> Kind:
    kinds = {kind.name: kind for kind in import_module(f"services.{service}.routes").KINDS}
    found: Kind = kinds[CASE]
    return found
