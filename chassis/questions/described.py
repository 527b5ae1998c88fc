"""A service's questions as a FastAPI application with its OpenAPI description: nothing of it knows any service."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from chassis.questions.answering import Answering
from chassis.questions.endpoints import (
    Endpoint,
    case_endpoint,
    free_endpoint,
    thing_endpoint,
    work_list_endpoint,
)
from chassis.questions.keeping import keeping_endpoints
from chassis.questions.operating import operating_endpoints
from chassis.questions.problem import KINDS, MEDIA_TYPE, Fault, Problem, ProblemDetails, of_status
from chassis.questions.purpose import HEADER
from chassis.questions.question import (
    AnyQuestion,
    CaseQuestion,
    Question,
    Questions,
    ThingQuestion,
    WorkListQuestion,
)
from chassis.questions.reader import EVERYWHERE

PREFIX: Final = "/v1"
OPENAPI: Final = f"{PREFIX}/openapi.json"
SCHEMES: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "an access token of the issuer that the service is configured with; its claim `scope` has the "
        "scopes, `jurisdictions` and `districts` limit the places",
    },
    "certificate": {
        "type": "mutualTLS",
        "description": "a client certificate; the service knows by its common name what it may ask",
    },
}
_DESCRIPTION = (
    "What this service may be asked. Where neither an issuer of tokens nor an authority of certificates is configured, "
    "it answers this machine only, without either. Errors are problem+json (RFC 9457)."
)
_OF_TABLE: Final[Mapping[type, Callable[[Answering, Any], Endpoint]]] = {
    CaseQuestion: case_endpoint,
    ThingQuestion: thing_endpoint,
    WorkListQuestion: work_list_endpoint,
    Question: free_endpoint,
}


def described(answering: Answering, table: Questions) -> FastAPI:
    """The application; whoever serves it has found out who asks (`scope["reader"]`)."""
    app = FastAPI(
        title=f"afterward: {answering.service}",
        version="1",
        description=_DESCRIPTION,
        openapi_url=OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        exception_handlers={
            Problem: _problem,
            RequestValidationError: _malformed,
            HTTPException: _refused_by_router,
        },
    )
    for endpoint in (*_own(answering, table), *operating_endpoints(answering), *keeping_endpoints(answering)):
        _add(app, endpoint)
    drawn: dict[str, Any] = _document(app)
    app.openapi = lambda: drawn  # type: ignore[method-assign]
    return app


def _own(answering: Answering, table: Sequence[AnyQuestion]) -> list[Endpoint]:
    return [_OF_TABLE[type(question)](answering, question) for question in table]


def _add(app: FastAPI, endpoint: Endpoint) -> None:
    statuses = [401, 403, 422, 503] + ([404] if endpoint.has_missing else [])
    statuses += [409] if endpoint.scope in EVERYWHERE or endpoint.name.startswith("read_") else []
    statuses += [413] if endpoint.method == "POST" else []
    app.add_api_route(
        PREFIX + re.sub(r"{([a-z_]*_id)}$", r"{\1:path}", endpoint.path),  # ids may have a / in them
        endpoint.handle,
        methods=[endpoint.method],
        response_model=endpoint.answer,
        operation_id=endpoint.name,
        summary=endpoint.summary,
        responses={status: _responses_of(status) for status in sorted(statuses)},
        openapi_extra={"security": [{"bearer": [endpoint.scope]}, {"certificate": []}]},
    )


def _responses_of(status: int) -> dict[str, Any]:
    """What a problem of this status may be."""
    titles = dict.fromkeys(title for of, title in KINDS.values() if of == status)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    found: dict[str, Any] = {"description": "; or: ".join(titles), "content": content}
    if status == 503:
        found["headers"] = {
            "Retry-After": {"description": "ask again after so many seconds", "schema": {"type": "integer"}}
        }
    return found


def _document(app: FastAPI) -> dict[str, Any]:
    """The description, with what all operations share written once."""
    document = app.openapi()
    components = document.setdefault("components", {})
    problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update({**problem.pop("$defs"), "ProblemDetails": problem})
    components["schemas"] = dict(sorted(components["schemas"].items()))
    components["responses"], components["parameters"] = {}, {}
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        for status in [status for status in operation["responses"] if status != "200"]:
            components["responses"][f"Problem{status}"] = operation["responses"][status]
            operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
        for place, parameter in enumerate(operation["parameters"]):
            if parameter["name"] == HEADER:
                components["parameters"][HEADER] = parameter
                operation["parameters"][place] = {"$ref": f"#/components/parameters/{HEADER}"}
    components["securitySchemes"] = SCHEMES
    return document


async def _problem(_request: Request, problem: Exception) -> Response:
    if not isinstance(problem, Problem):
        raise problem
    return Response(problem.body(), problem.status, headers=problem.headers)


async def _refused_by_router(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return await _problem(request, of_status(error.status_code, error.headers))


async def _malformed(request: Request, error: Exception) -> Response:
    """Where what is wrong, by names of ours; nothing that was sent is repeated."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = {(_place(one["loc"], one["type"]), one["type"]): None for one in error.errors()}
    listed = [Fault(at=at, reason=reason) for at, reason in faults]
    places = ", ".join(dict.fromkeys(fault.at for fault in listed))
    problem = Problem("malformed", f"not as /v1/openapi.json describes it: {places}", faults=listed)
    return await _problem(request, problem)


def _place(location: Sequence[str | int], kind: str) -> str:
    """Where it is; the name of something that is not known is not repeated."""
    known = location[:-1] if kind == "extra_forbidden" else location
    return ".".join(map(str, known))
