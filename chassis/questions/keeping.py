"""Endpoints for persons who are to be erased or held. Each needs the scope `forget`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response

from chassis.questions.answering import Answering, Found
from chassis.questions.endpoints import Endpoint, PurposeOfUse, answer_of, asking_of
from chassis.questions.keeping_models import (
    Forgetting,
    Forgotten,
    Held,
    Holding,
    Holds,
    PersonAsked,
    PersonFound,
    Releasing,
)
from chassis.questions.operating import prolonged
from chassis.questions.operations import sql
from chassis.questions.problem import Problem
from chassis.store.connection import Connection
from chassis.store.keeping import persons, statement
from chassis.store.keeping.persons import Person

SECONDS: Final = 600
"""So long it may take to look through all documents."""


def keeping_endpoints(answering: Answering) -> list[Endpoint]:
    """All of them."""
    return [_find(answering), _forget(answering), _hold(answering), _release(answering), _holds(answering)]


def _find(answering: Answering) -> Endpoint:
    async def handle(request: Request, asked: PersonAsked, purpose: PurposeOfUse = None) -> Response:
        asking = asking_of(request, "forget", purpose)
        prolonged(request, SECONDS)

        async def ask(connection: Connection) -> Found:
            async with _in_words():
                found = await persons.find(connection, answering.kinds, _person(asked))
            answer = PersonFound(service=answering.service, **found._asdict())
            return Found(answer, cases=found.things["case"] if found.known else (), is_recorded=True)

        return answer_of(await answering.operate(asking, _long(ask), SECONDS))

    summary = "What is known to be of a person, and whether it is over"
    return Endpoint("/persons/find", handle, PersonFound, "forget", "find_person", summary, "POST", has_missing=False)


def _forget(answering: Answering) -> Endpoint:
    async def handle(request: Request, asked: Forgetting, purpose: PurposeOfUse = None) -> Response:
        asking = asking_of(request, "forget", purpose)

        async def ask(connection: Connection) -> Found:
            by = asking.reader.name
            async with _in_words():
                erased = await persons.erase(
                    connection, answering.kinds, _person(asked), by, asked.why, even_open=asked.even_open
                )
            return Found(Forgotten(service=answering.service, **erased._asdict()))  # of whom is what nobody may say

        return answer_of(await answering.operate(asking, ask))

    summary = "Erases a person from all that the service works with, for good"
    return Endpoint("/persons/forget", handle, Forgotten, "forget", "forget_person", summary, "POST", has_missing=False)


def _hold(answering: Answering) -> Endpoint:
    async def handle(request: Request, asked: Holding, purpose: PurposeOfUse = None) -> Response:
        asking = asking_of(request, "forget", purpose)
        person = _person(asked)

        async def ask(connection: Connection) -> Found:
            await persons.hold(connection, person, asking.reader.name, asked.why)
            held = Held(service=answering.service, person_ref=person.ref, keys=person.ids)
            return Found(held, cases=person.things.get("case", ()))

        return answer_of(await answering.operate(asking, ask))

    summary = "Protects a person from erasure and retention until released"
    return Endpoint("/persons/hold", handle, Held, "forget", "hold_person", summary, "POST", has_missing=False)


def _release(answering: Answering) -> Endpoint:
    async def handle(request: Request, asked: Releasing, purpose: PurposeOfUse = None) -> Response:
        asking = asking_of(request, "forget", purpose)

        async def ask(connection: Connection) -> Found:
            keys = await persons.release(connection, asked.person_ref)
            if keys is None:
                raise Problem("not_known", "no hold protects this person")
            return Found(Held(service=answering.service, person_ref=asked.person_ref, keys=list(keys)), cases=keys)

        return answer_of(await answering.operate(asking, ask))

    summary = "Ends a hold"
    return Endpoint("/persons/release", handle, Held, "forget", "release_person", summary, "POST")


def _holds(answering: Answering) -> Endpoint:
    async def handle(request: Request, purpose: PurposeOfUse = None) -> Response:
        asking = asking_of(request, "forget", purpose)

        async def ask(connection: Connection) -> Found:
            rows = [dict(row) for row in await connection.fetch(statement("list_holds"))]
            return Found(Holds.model_validate({"service": answering.service, "holds": rows}), is_recorded=True)

        return answer_of(await answering.read(asking, ask))

    summary = "Every hold that stands, the oldest first"
    return Endpoint("/persons/held", handle, Holds, "forget", "list_holds", summary, has_missing=False)


def _person(asked: PersonAsked) -> Person:
    return Person(asked.person_ref, asked.things)


def _long(ask: Any) -> Any:
    """The same, in a transaction that may look at every row there is."""

    async def longer(connection: Connection) -> Found:
        await connection.execute(sql("lengthen"), f"{SECONDS}s")
        found: Found = await ask(connection)
        return found

    return longer


@asynccontextmanager
async def _in_words() -> AsyncIterator[None]:
    """Why a person is not found, or not erased. Raises Problem."""
    try:
        yield
    except persons.Held:
        raise Problem("conflict", "a hold protects this person: nothing was erased") from None
    except persons.StillOpen as open_:
        why = f"{open_.number} things of this person are not over; nothing was erased. Say even_open to erase them"
        raise Problem("conflict", why) from None
    except persons.Illegible:
        raise Problem(
            "conflict", "a document cannot be read by this version of the code: look at what is blocked"
        ) from None
