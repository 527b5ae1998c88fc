"""Questions that others may ask of the bulletin's database; read only."""

from datetime import date, datetime
from typing import Any, Literal, TypeVar

from msgspec import to_builtins
from msgspec.json import decode
from msgspec.structs import asdict

from chassis.store.connection import Connection, sql
from services.bulletin.domain import day as commission
from services.bulletin.domain import public_day as public
from services.bulletin.domain.case import Conclusions, Facts

Edition = Literal["commission", "public"]
D = TypeVar("D")


async def bulletin(
    connection: Connection, jurisdiction: str, day: date, edition: Edition = "commission"
) -> dict[str, Any] | None:
    """The bulletin of a day as it stands, with the fields of `BulletinPublished`; None where there is none (yet)."""
    key = f"{jurisdiction}/{day}"
    if edition == "commission":
        full = await _document(connection, "day", key, tuple[commission.Facts, commission.Conclusions])
        stands = commission.bulletin(full[1]) if full else None
    else:
        shown = await _document(connection, "public_day", f"{key}/public", tuple[public.Facts, public.Conclusions])
        stands = public.bulletin(shown[1]) if shown else None
    return stands.model_dump(mode="json", exclude_none=True) if stands else None


async def _document(connection: Connection, kind: str, key: str, shape: type[D]) -> D | None:
    document = await connection.fetchval(sql("read_bulletin", "services.bulletin.sql"), kind, key)
    return decode(document, type=shape) if document else None


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """How a case is counted: the civil days on which it moves a figure; `counted` is None while nothing confirms it."""
    counted = conclusions.counted
    return {"counted": to_builtins(asdict(counted)) if counted else None}
