"""How a question is answered: asked of the database, held against what the reader may, recorded, and only then sent."""

import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from pydantic import BaseModel

from chassis.clock import Timeline
from chassis.decide.aggregate import AnyAggregate
from chassis.questions.audit import Access, Outcome, record
from chassis.questions.operations import sql
from chassis.questions.pool import Pool, reading, writing
from chassis.questions.problem import Problem
from chassis.questions.purpose import HEADER, Purpose
from chassis.questions.question import CaseQuestion, Location, ThingQuestion
from chassis.questions.reader import Reader
from chassis.store.connection import Connection
from schemas.validation import Invalid

log = logging.getLogger("afterward.questions")


class Asking(NamedTuple):
    """Who asks, what (method and path), and why."""

    reader: Reader
    what: str
    purpose: Purpose | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a question has found.

    `location`: where it is, if only readers of that place may have it (`is_placed`). `cases`: those it tells of.
    `is_recorded`: that somebody asked is recorded even where it tells of no case.
    """

    answer: BaseModel
    location: Location | None = None
    is_placed: bool = False
    cases: Sequence[str] = ()
    is_recorded: bool = False


Ask = Callable[[Connection], Awaitable[Found]]


class Answering:
    """Answers what one service is asked. `wants_purpose`: a case is shown only to those who say what for."""

    def __init__(
        self, service: str, kinds: Sequence[AnyAggregate], pool: Pool, timeline: Timeline, *, wants_purpose: bool
    ) -> None:
        self.service, self.pool, self.timeline, self.wants_purpose = service, pool, timeline, wants_purpose
        self.kinds = tuple(kinds)
        self._kinds = {kind.name: kind for kind in kinds}

    async def read(self, asking: Asking, ask: Ask) -> BaseModel:
        """The answer to a question, recorded where it tells of cases. Raises Problem."""
        async with _no_defect_unseen(), self.pool.lent() as connection:
            async with reading(connection):
                found = await ask(connection)
            try:
                if found.is_placed:
                    asking.reader.ensure_place(found.location)
            except Problem:
                await self._record(connection, asking, "refused", found)
                raise
            await self._record(connection, asking, "answered", found)
            return found.answer

    async def operate(self, asking: Asking, ask: Ask, timeout_seconds: float | None = None) -> BaseModel:
        """Does something, and records it in the same transaction. Raises Problem."""
        async with _no_defect_unseen(), self.pool.lent(timeout_seconds) as connection, writing(connection):
            found = await ask(connection)
            await record(connection, Access(*asking, "done", found.cases))
            return found.answer

    async def _record(self, connection: Connection, asking: Asking, outcome: Outcome, found: Found) -> None:
        if found.cases or found.is_recorded:
            async with writing(connection):
                await record(connection, Access(*asking, outcome, found.cases))

    def ensure_purpose(self, asking: Asking) -> None:
        """Raises Problem unless it is said why a case is read, where that is wanted."""
        if self.wants_purpose and asking.purpose is None:
            raise Problem("no_purpose", f"a case is read for a purpose: name it in the header {HEADER}, such as TREAT")

    async def document(self, connection: Connection, question: CaseQuestion | ThingQuestion, key: str) -> "Document":
        """What is stored of a thing. Raises Problem where the service has not heard of it."""
        row = await connection.fetchrow(sql("read_document"), question.kind, key)
        if row is None or (row["document"] is None and not row["blocked"]):
            raise Problem("not_known", f"{self.service} has not heard of it")
        if row["document"] is None:
            return Document(None, is_blocked=True)
        kind = self._kinds[question.kind]
        try:
            parts = msgspec.json.decode(row["document"], type=tuple[kind.facts, kind.conclusions])  # type: ignore[name-defined]
        except msgspec.DecodeError:  # another version's: the next message is parked for it
            return Document(None, is_blocked=True)
        return Document(parts, is_blocked=row["blocked"])


@dataclass(frozen=True, slots=True)
class Document:
    """Facts and conclusions, where they can be read; `is_blocked`: something about it waits to be looked at."""

    parts: tuple[Any, Any] | None
    is_blocked: bool


def as_model(model: type[BaseModel], given: Mapping[str, Any] | BaseModel) -> BaseModel:
    """What a view says, as its model."""
    return given if isinstance(given, model) else model.model_validate(given)


@asynccontextmanager
async def _no_defect_unseen() -> AsyncIterator[None]:
    """What is no problem of the question is a defect of ours: logged, but for what the error says, which is data."""
    try:
        yield
    except Problem:
        raise
    except Invalid as invalid:
        raise Problem("malformed", f"{invalid.at}: {invalid.reason}") from None
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        log.error("a question failed: %s at %s:%s", type(error).__name__, place.filename, place.lineno)  # noqa: TRY400
        raise Problem("defect", "the question is well formed, and the service cannot answer it: see its log") from None
