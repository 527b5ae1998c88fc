"""What is said instead of an answer: problem+json (RFC 9457), without a word of what was sent."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE: Final = "application/problem+json"
URN: Final = "urn:afterward:problem:"
AGAIN_SECONDS: Final = 5
"""When it is worth asking again, of what is away only for now."""

KINDS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "malformed": (422, "The question is not well formed"),
        "no_purpose": (422, "A purpose of use is required"),
        "not_authenticated": (401, "Nobody says who asks"),
        "bad_token": (401, "The token is not accepted"),
        "missing_scope": (403, "The reader lacks a scope"),
        "other_place": (403, "The reader is limited to other places"),
        "place_unknown": (403, "Nobody knows the place, and the reader is limited to places"),
        "not_local": (403, "Without authentication only this machine is answered"),
        "no_such_path": (404, "There is no such path"),
        "not_known": (404, "The service knows nothing of it"),
        "wrong_method": (405, "The path has no such method"),
        "conflict": (409, "It cannot be done as things stand"),
        "too_large": (413, "The request is too large"),
        "defect": (500, "The service has a defect"),
        "store_away": (503, "The database does not answer"),
        "busy": (503, "Too much is asked at once"),
        "keys_away": (503, "The issuer's keys cannot be read"),
    }
)
"""Name → status and title."""
PASSING: Final = frozenset({"store_away", "busy", "keys_away"})


class Fault(BaseModel):
    """One parameter or field at fault."""

    at: str = Field(description="where: `query.limit`, `body.why`", examples=["query.limit"])
    reason: str = Field(description="what is wrong with it, without the value", examples=["greater_than_equal"])


class ProblemDetails(BaseModel):
    """Why there is no answer (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": f"{URN}not_known",
                    "title": KINDS["not_known"][1],
                    "status": 404,
                    "detail": "the service has not heard of this case",
                }
            ]
        }
    )

    type: str = Field(description="a URN that names the kind of problem")
    title: str = Field(description="the same for people; does not change")
    status: int = Field(ge=400, le=599, description="the status of the response")
    detail: str = Field(description="what is wrong and what to do; repeats nothing of the request")
    errors: list[Fault] = Field(default=[], description="of a malformed question: each parameter at fault")


class Problem(Exception):
    """Ends a question without an answer. `name`: one of `KINDS`."""

    def __init__(
        self, name: str, detail: str, headers: Mapping[str, str] | None = None, faults: Iterable[Fault] = ()
    ) -> None:
        super().__init__(f"{name}: {detail}")
        self.name, self.detail, self.faults = name, detail, list(faults)
        self.status, self.title = KINDS[name]
        again = {"retry-after": str(AGAIN_SECONDS)} if name in PASSING else {}
        self.headers = {**again, **(headers or {}), "content-type": MEDIA_TYPE, "cache-control": "no-store"}

    def body(self) -> bytes:
        """The problem as it leaves."""
        details = ProblemDetails(
            type=f"{URN}{self.name}", title=self.title, status=self.status, detail=self.detail, errors=self.faults
        )
        return details.model_dump_json(exclude_defaults=True).encode()


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem for what a router refuses."""
    names = {404: "no_such_path", 405: "wrong_method", 413: "too_large"}
    phrase = HTTPStatus(status).phrase.lower()
    return Problem(names.get(status, "malformed"), f"{phrase}: see /v1/openapi.json for what may be asked", headers)


async def send_problem(problem: Problem, send: Any) -> None:
    """Answers an ASGI request with it."""
    body = problem.body()
    headers = {**problem.headers, "content-length": str(len(body))}
    start = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": start})
    await send({"type": "http.response.body", "body": body})
