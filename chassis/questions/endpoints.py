"""Endpoints of a service's own questions, made from the entries of its table."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from inspect import Parameter, Signature
from typing import Annotated, Any, NamedTuple

from fastapi import Header, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from chassis.questions.answering import Answering, Asking, Found, as_model
from chassis.questions.models import Asked, Known, WorkListAsked, WorkListEntry, WorkListPage
from chassis.questions.problem import Problem
from chassis.questions.purpose import HEADER, Purpose
from chassis.questions.question import (
    CaseQuestion,
    Location,
    Question,
    Scope,
    ThingQuestion,
    WorkListQuestion,
)
from chassis.store.pagination import Entry, Page, Place
from schemas.values import CaseId, Identifier

PurposeOfUse = Annotated[
    Purpose | None,
    Header(alias=HEADER, description="why it is asked; required for cases where readers have to say who they are"),
]


class Endpoint(NamedTuple):
    """A path below `/v1` with what answers it, and what its description says of it."""

    path: str
    handle: Callable[..., Awaitable[Response]]
    answer: type[BaseModel]
    scope: Scope
    name: str
    summary: str
    method: str = "GET"
    has_missing: bool = True


def asking_of(request: Request, scope: Scope, purpose: Purpose | None) -> Asking:
    """Who asks what, and why. Raises Problem unless the reader has the scope that it needs."""
    asking = Asking(request.scope["reader"], f"{request.method} {request.url.path}", purpose)
    asking.reader.ensure(scope)
    return asking


def answer_of(model: BaseModel) -> Response:
    """An answer as it leaves: the fields that were set."""
    return Response(model.model_dump_json(exclude_unset=True, by_alias=True), media_type="application/json")


def case_endpoint(answering: Answering, question: CaseQuestion) -> Endpoint:
    """`/cases/{case_id}`."""
    model = create_model("KnownCase", __base__=_of(Known, question.answer), __doc__=Known.__doc__)

    async def handle(request: Request, case_id: Annotated[CaseId, Path()], purpose: PurposeOfUse = None) -> Response:
        asking = asking_of(request, "read:cases", purpose)
        answering.ensure_purpose(asking)

        async def ask(connection: Any) -> Found:
            stored = await answering.document(connection, question, case_id)
            known = location = None
            if stored.parts is not None:
                known = as_model(question.answer, question.view(*stored.parts, answering.timeline.now()))
                location = question.place(*stored.parts)
            answer = model(case_id=case_id, service=answering.service, blocked=stored.is_blocked, known=known)
            return Found(answer, location, is_placed=True, cases=(case_id,))

        return answer_of(await answering.read(asking, ask))

    summary = f"What {answering.service} knows of a case"
    return Endpoint("/cases/{case_id}", handle, model, "read:cases", "read_case", summary)


def thing_endpoint(answering: Answering, question: ThingQuestion) -> Endpoint:
    """A thing that is no case, by its key."""
    (name,) = names_in(question.path)

    async def handle(request: Request, key: str, purpose: PurposeOfUse = None) -> Response:
        asking = asking_of(request, question.scope, purpose)
        if question.about is not None:
            answering.ensure_purpose(asking)

        async def ask(connection: Any) -> Found:
            stored = await answering.document(connection, question, key)
            if stored.parts is None:
                raise Problem("conflict", "what is stored of it cannot be read: it waits for an operator")
            answer = as_model(question.answer, question.view(*stored.parts, answering.timeline.now()))
            location = question.place(*stored.parts) if question.place else None
            about = question.about(*stored.parts) if question.about else None
            cases = (about,) if about else ()
            return Found(answer, location, is_placed=question.place is not None, cases=cases)

        return answer_of(await answering.read(asking, ask))

    async def by_name(request: Request, purpose: PurposeOfUse = None, **path: str) -> Response:
        return await handle(request, path[name], purpose)

    _sign(by_name, [_parameter(name, Annotated[Identifier, Path()])])
    summary = f"What {answering.service} knows of a {question.kind.replace('_', ' ')}"
    return Endpoint(question.path, by_name, question.answer, question.scope, f"read_{question.kind}", summary)


def work_list_endpoint(answering: Answering, question: WorkListQuestion) -> Endpoint:
    """`/worklists/{name}`."""
    name = question.name.title().replace("-", "")
    line, whole = _of(WorkListEntry, question.item), _of(WorkListPage, question.item)
    entry: Any = create_model(f"{name}Entry", __base__=line, __doc__=WorkListEntry.__doc__)
    model = create_model(f"{name}Page", __base__=whole, __doc__=WorkListPage.__doc__, entries=(list[entry], ...))

    async def handle(
        request: Request, asked: Annotated[WorkListAsked, Query()], purpose: PurposeOfUse = None
    ) -> Response:
        asking = asking_of(request, "read:worklists", purpose)
        asking.reader.ensure_place(Location(asked.jurisdiction, asked.district))
        page = _page(asked)

        async def ask(connection: Any) -> Found:
            entries = await question.read(connection, page)
            shown = entries[: asked.limit]
            more = _cursor(shown[-1]) if len(entries) > len(shown) else None
            lines = [entry.model_validate({**one._asdict(), "item": one.item}) for one in shown]
            now = answering.timeline.now()
            cases = [case for one in shown if (case := question.case_of(one))]
            return Found(model(service=answering.service, now=now, entries=lines, next=more), cases=cases)

        return answer_of(await answering.read(asking, ask))

    summary = f"Work list: {question.name.replace('-', ' ')}, in the order in which it is due"
    operation = f"list_{question.name.replace('-', '_')}"
    path = f"/worklists/{question.name}"
    return Endpoint(path, handle, model, "read:worklists", operation, summary, has_missing=False)


def _of(generic: Any, model: Any) -> Any:
    """A generic model of a model that is known only when the process runs."""
    return generic[model]


def _page(asked: WorkListAsked) -> Page:
    """One entry more than is shown says whether there is another page."""
    after = None
    if asked.after is not None:
        due, _, key = asked.after.partition("/")
        try:
            after = Place(datetime.fromisoformat(due).astimezone(UTC), key)
        except (ValueError, OverflowError):
            raise Problem("malformed", "query.after is a cursor as a page gave it: its `next`") from None
    return Page(asked.jurisdiction, asked.district, asked.due_before, after, asked.limit + 1)


def _cursor(entry: Entry) -> str:
    """Without a `+`, which those who forget to encode it would send as a blank."""
    return f"{entry.due.astimezone(UTC).isoformat().replace('+00:00', 'Z')}/{entry.key}"


def free_endpoint(answering: Answering, question: Question[Any]) -> Endpoint:
    """A question with parameters of its own."""
    in_path = names_in(question.path)
    rest = _without(question.parameters, in_path)

    async def handle(request: Request, purpose: PurposeOfUse = None, **given: Any) -> Response:
        asking = asking_of(request, question.scope, purpose)
        asked = _parameters(question.parameters, given)

        async def ask(connection: Any) -> Found:
            known = await question.ask(connection, asked, answering.timeline.now())
            if known is None:
                raise Problem("not_known", question.missing)
            answer = as_model(question.answer, known)
            return Found(answer, question.place(asked, known), is_placed=True)

        return answer_of(await answering.read(asking, ask))

    fields = question.parameters.model_fields
    parameters = [_parameter(name, _in_path(fields[name])) for name in in_path]
    if rest is not None:
        parameters.append(_parameter("rest", rest if question.method == "POST" else Annotated[rest, Query()]))
    _sign(handle, parameters)
    operation = question.ask.__name__.removesuffix("_asked")
    summary = (question.ask.__doc__ or operation).strip().partition("\n")[0].rstrip(".")
    return Endpoint(question.path, handle, question.answer, question.scope, operation, summary, question.method)


def _parameters(model: type[BaseModel], given: dict[str, Any]) -> BaseModel:
    """What the path names and what else was sent, as one. Raises Problem."""
    rest = given.pop("rest", None)
    more = {} if rest is None else rest.model_dump(exclude_unset=True)
    try:
        return model.model_validate({**given, **more})
    except ValidationError as error:
        raise Problem("malformed", f"the parameters do not fit together: {error.errors()[0]['type']}") from None


def _without(model: type[BaseModel], names: Sequence[str]) -> type[BaseModel] | None:
    """The fields of a model that the path does not name, refusing others; None where there are none."""
    fields = {name: (field.annotation, field) for name, field in model.model_fields.items() if name not in names}
    config = ConfigDict(**{**model.model_config, **Asked.model_config})
    return create_model(f"{model.__name__}Rest", __config__=config, **fields) if fields else None  # type: ignore[call-overload]


def _in_path(field: Any) -> Any:
    return Annotated[field.annotation, *field.metadata, Path(description=field.description, examples=field.examples)]


def names_in(path: str) -> list[str]:
    """The parameters in a path."""
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _parameter(name: str, annotation: Any) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation)


def _sign(handle: Any, parameters: Sequence[Parameter]) -> None:
    """FastAPI reads what a function takes from its signature."""
    request = Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request)
    purpose = Parameter("purpose", Parameter.KEYWORD_ONLY, default=None, annotation=PurposeOfUse)
    handle.__signature__ = Signature([request, *parameters, purpose])
