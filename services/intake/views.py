"""Questions that others may ask of intake's database; read only."""

from datetime import datetime
from typing import Any

from msgspec import to_builtins
from msgspec.structs import asdict

from chassis.store.connection import Connection, sql
from chassis.store.pagination import Entry, Page, read_page
from services.intake.domain import Conclusions, Facts
from services.intake.domain.transfer import Transfer


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """Who the case is, its episodes with what each rests on, and where each one's patient is sent."""
    person = facts.person
    return {
        "origin": None if person is None else ("imported" if person is facts.arrival else "local"),
        "person": as_json(person) if person else None,
        "episodes": [as_json(episode) for episode in conclusions.episodes],
        "transfers": [{**as_json(transfer), "stage": _stage(transfer)} for transfer in conclusions.transfers],
        "results_known": len({version.result_id for version in facts.results}),
        "looks_again_at": to_builtins(conclusions.due) if conclusions.due and conclusions.due > now else None,
    }


async def transfers(connection: Connection, page: Page) -> list[Entry]:
    """The transfers that are awaited, by when the patient had to be admitted: `domain.worklist.TransferItem`s."""
    return await read_page(connection, sql("list_transfers", "services.intake.sql"), page)


def _stage(transfer: Transfer) -> str:
    """`waiting`: no suitable designated institution of the jurisdiction is known yet."""
    if transfer.to_institution_id is None:
        return "waiting"
    if not transfer.is_open:
        return "completed"
    return "overdue" if transfer.overdue else "requested"


def as_json(fact: Any) -> dict[str, Any]:
    """The fields that say something, ready for JSON; `rank` is the service's own business."""
    shown = {name: value for name, value in asdict(fact).items() if value is not None and name != "rank"}
    return {
        name: as_json(value) if name in {"age", "residence"} else to_builtins(value) for name, value in shown.items()
    }
