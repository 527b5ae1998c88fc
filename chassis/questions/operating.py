"""Endpoints that every service has for its operators: what is parked, events said again, and who has read what."""

from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.responses import Response

from chassis.questions import operations
from chassis.questions.answering import Answering, Found
from chassis.questions.audit import Wanted, listed
from chassis.questions.endpoints import Endpoint, PurposeOfUse, answer_of, asking_of
from chassis.questions.models import (
    LARGEST_ID,
    AuditAsked,
    AuditPage,
    Discarded,
    Discarding,
    ParkedAsked,
    ParkedPage,
    ParkedWhole,
    ReplayAll,
    Replayed,
    ReplaySome,
    Republished,
    Republishing,
)

ParkedId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="its number in the list", examples=[17])]
PROLONG = "prolong"
"""Where the scope of a request has the way to ask for more time than other answers have."""


def operating_endpoints(answering: Answering) -> list[Endpoint]:
    """All of them; each needs the scope `operate`."""
    return [
        _list_parked(answering),
        _show_parked(answering),
        _replay(answering),
        _discard(answering),
        _republish(answering),
        _audit(answering),
    ]


def _list_parked(answering: Answering) -> Endpoint:
    async def handle(
        request: Request, asked: Annotated[ParkedAsked, Query()], purpose: PurposeOfUse = None
    ) -> Response:
        asking = asking_of(request, "operate", purpose)

        async def ask(connection: Any) -> Found:
            rows = await operations.parked(
                connection, discarded=asked.discarded, after=asked.after, limit=asked.limit + 1
            )
            shown, more = rows[: asked.limit], len(rows) > asked.limit
            page = ParkedPage.model_validate(
                {"service": answering.service, "entries": shown, "next": shown[-1]["id"] if more else None}
            )
            return Found(page, cases=operations.cases_of(shown))

        return answer_of(await answering.read(asking, ask))

    summary = "What could not be judged, in the order in which it was parked"
    return Endpoint("/parked", handle, ParkedPage, "operate", "list_parked", summary, has_missing=False)


def _show_parked(answering: Answering) -> Endpoint:
    async def handle(request: Request, id: ParkedId, purpose: PurposeOfUse = None) -> Response:  # noqa: A002 - its name
        asking = asking_of(request, "operate", purpose)

        async def ask(connection: Any) -> Found:
            row = await operations.show(connection, id)
            return Found(ParkedWhole.model_validate(row), cases=operations.cases_of([row]), is_recorded=True)

        return answer_of(await answering.read(asking, ask))

    return Endpoint("/parked/{id}", handle, ParkedWhole, "operate", "show_parked", "One parked record, with its bytes")


def _replay(answering: Answering) -> Endpoint:
    async def handle(request: Request, asked: ReplaySome | ReplayAll, purpose: PurposeOfUse = None) -> Response:
        asking = asking_of(request, "operate", purpose)

        async def ask(connection: Any) -> Found:
            ids = asked.ids if isinstance(asked, ReplaySome) else None
            replayed, cases = await operations.replay(connection, ids)
            return Found(Replayed(replayed=replayed), cases=cases)

        return answer_of(await answering.operate(asking, ask))

    summary = "Puts parked records back in; what still cannot be judged is parked again"
    return Endpoint("/parked/replay", handle, Replayed, "operate", "replay_parked", summary, "POST")


def _discard(answering: Answering) -> Endpoint:
    async def handle(
        request: Request,
        id: ParkedId,  # noqa: A002 - its name in the path
        asked: Discarding,
        purpose: PurposeOfUse = None,
    ) -> Response:
        asking = asking_of(request, "operate", purpose)

        async def ask(connection: Any) -> Found:
            done = await operations.discard(connection, id, asking.reader.name, asked.why)
            return Found(Discarded(id=id, **done), cases=[done["key"]] if done["key"] else [])

        return answer_of(await answering.operate(asking, ask))

    summary = "Takes a parked record out for good, so that its case goes on without it"
    return Endpoint("/parked/{id}/discard", handle, Discarded, "operate", "discard_parked", summary, "POST")


def _republish(answering: Answering) -> Endpoint:
    async def handle(request: Request, asked: Republishing, purpose: PurposeOfUse = None) -> Response:
        asking = asking_of(request, "operate", purpose)
        prolonged(request, operations.REPUBLISH_SECONDS)

        async def ask(connection: Any) -> Found:
            return Found(Republished(republished=await operations.republish(connection, asked.since)))

        return answer_of(await answering.operate(asking, ask, operations.REPUBLISH_SECONDS))

    summary = "Says all archived events again, under their own ids: for a bus that has lost its data"
    return Endpoint("/republish", handle, Republished, "operate", "republish", summary, "POST", has_missing=False)


def prolonged(request: Request, seconds: float) -> None:
    """The answer may take so long."""
    request.scope.get(PROLONG, _nothing)(seconds)


def _nothing(_seconds: float) -> None:
    """Whoever serves without a deadline need not prolong it."""


def _audit(answering: Answering) -> Endpoint:
    async def handle(request: Request, asked: Annotated[AuditAsked, Query()], purpose: PurposeOfUse = None) -> Response:
        asking = asking_of(request, "operate", purpose)
        wanted = Wanted(asked.case_id, asked.who, asked.since, asked.after, asked.limit + 1)

        async def ask(connection: Any) -> Found:
            rows = [dict(row) for row in await listed(connection, wanted)]
            shown, more = rows[: asked.limit], len(rows) > asked.limit
            page = {"service": answering.service, "entries": shown, "next": shown[-1]["id"] if more else None}
            return Found(AuditPage.model_validate(page), is_recorded=True)

        return answer_of(await answering.read(asking, ask))

    summary = "Who has read what, and what operators have done, in the order in which it was recorded"
    return Endpoint("/audit", handle, AuditPage, "operate", "list_audit", summary, has_missing=False)
