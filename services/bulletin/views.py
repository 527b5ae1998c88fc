"""Questions that others may ask of the bulletin's database; read only."""

from datetime import date, datetime
from typing import Any, Final, TypeVar

from msgspec import to_builtins
from msgspec.json import decode
from msgspec.structs import asdict

from chassis.questions.question import CaseQuestion, Location, Question, Questions
from chassis.store.connection import Connection, sql
from services.bulletin import answers
from services.bulletin.answers import Asked, Edition
from services.bulletin.domain import day as commission
from services.bulletin.domain import public_day as public
from services.bulletin.domain.case import Conclusions, Facts

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


def place(facts: Facts, conclusions: Conclusions) -> Location | None:
    """The jurisdiction in which the case counts; the bulletin knows no districts."""
    counted = conclusions.counted
    return Location(counted.jurisdiction) if counted else None


async def asked(connection: Connection, parameters: Asked, now: datetime) -> dict[str, Any] | None:
    """The bulletin of a day as it stands, in one edition."""
    return await bulletin(connection, parameters.jurisdiction, parameters.date, parameters.edition)


def _place(parameters: Asked, answer: Any) -> Location | None:
    return Location(parameters.jurisdiction)


QUESTIONS: Final[Questions] = (
    CaseQuestion(case, answers.Case, place),
    Question(
        "/bulletins/{jurisdiction}/{date}",
        asked,
        Asked,
        answers.Bulletin,
        _place,
        missing="there is no bulletin of this day (yet)",
    ),
)
