"""Questions that others may ask of the bulletin's database; read only."""

from datetime import date, datetime
from typing import Any

from msgspec import to_builtins
from msgspec.json import decode
from msgspec.structs import asdict

from chassis.store.connection import Connection, sql
from services.bulletin.domain.case import Conclusions, Facts
from services.bulletin.domain.day import Conclusions as ConcludedDay
from services.bulletin.domain.day import Edition
from services.bulletin.domain.day import Facts as FactsOfADay
from services.bulletin.domain.day import bulletin as stated


async def bulletin(
    connection: Connection, jurisdiction: str, day: date, edition: Edition = "commission"
) -> dict[str, Any] | None:
    """The bulletin of a day as it stands, with the fields of `BulletinPublished`; None where there is none (yet)."""
    document = await connection.fetchval(sql("read_bulletin", "services.bulletin.sql"), f"{jurisdiction}/{day}")
    if document is None:
        return None
    _, conclusions = decode(document, type=tuple[FactsOfADay, ConcludedDay])
    stands = stated(conclusions, edition)
    return stands.model_dump(mode="json", exclude_none=True) if stands else None


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """How a case is counted: the civil days on which it moves a figure; `counted` is None while nothing confirms it."""
    counted = conclusions.counted
    return {"counted": to_builtins(asdict(counted)) if counted else None}
