"""What a service may be asked: the entries of the table `QUESTIONS` with which its views end.

Answers are pydantic models, their examples in the models. A view may return the model itself or what it is made of;
only the fields that the view has set leave the service.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel

from chassis.store.pagination import Entry, Page

Scope = Literal["read:cases", "read:worklists", "operate", "forget"]
"""What a reader's token, or the entry of their certificate, allows."""


class Location(NamedTuple):
    """Where something is, as far as it may be read by those of one place only; without a district: all of it."""

    jurisdiction: str
    district: str | None = None


def case_of_key(entry: Entry) -> str | None:
    """The case on a line of a work list: most lists have their cases' ids as keys."""
    return entry.key


def case_of_item(entry: Entry) -> str | None:
    """The same for a list of other things, whose items have a `case_id` where they are about a case."""
    found: str | None = entry.item.get("case_id")
    return found


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """`GET /v1/cases/{case_id}`: what the service knows of a case; at most one a service.

    `view`: (facts, conclusions, now) → what is known. `answer`: its model.
    `place`: (facts, conclusions) → where the case is as far as this service knows, or None: then only readers without
    limits may read it.
    `kind`: the aggregate whose documents are the cases.
    """

    view: Callable[[Any, Any, datetime], Mapping[str, Any] | BaseModel]
    answer: type[BaseModel]
    place: Callable[[Any, Any], Location | None]
    kind: str = "case"


@dataclass(frozen=True, slots=True)
class ThingQuestion:
    """`GET /v1/{things}/{id}`: what the service knows of a thing that it judges and that is no case.

    `path`: below `/v1`, with one parameter, the key: `/institutions/{institution_id}`. The rest as of `CaseQuestion`;
    `place` absent: every reader with the scope may read it. `about`: the case that the thing is about, if it is: that
    is recorded, and wants a purpose, as a case does.
    """

    path: str
    kind: str
    view: Callable[[Any, Any, datetime], Mapping[str, Any] | BaseModel]
    answer: type[BaseModel]
    scope: Scope = "read:worklists"
    place: Callable[[Any, Any], Location | None] | None = None
    about: Callable[[Any, Any], str | None] | None = None


@dataclass(frozen=True, slots=True)
class WorkListQuestion:
    """`GET /v1/worklists/{name}`: a list of what is due, a page at a time, of one jurisdiction or district.

    `name`: as on the command line, with `-`. `read`: (connection, page) → its entries. `item`: the model of
    `Entry.item`. `case_of`: the case that an entry is about, for the record of who read it.
    """

    name: str
    read: Callable[[Any, Page], Awaitable[Sequence[Entry]]]
    item: Any
    """A model, or a union of models."""
    case_of: Callable[[Entry], str | None] = case_of_key


P = TypeVar("P", bound=BaseModel)
"""The parameters of a question."""


@dataclass(frozen=True, slots=True)
class Question(Generic[P]):
    """A question of another kind.

    `path`: below `/v1`, such as `/bulletins/{jurisdiction}/{date}`.
    `parameters`: a model; its fields that the path names come from there, all others from the query (`GET`), lists as
    a name that comes more than once, or from the body (`POST`, for what should stand in no log of addresses).
    `ask`: (connection, parameters, now) → the answer, or None where there is none: 404, with `missing` as the reason.
    It may raise `schemas.validation.Invalid`: 422.
    `place`: (parameters, answer) → where it is; the answer is a mapping, or what `ask` has returned. None: only readers
    without limits may read it.
    The first sentence of `ask`'s docstring describes it.
    """

    path: str
    ask: Callable[[Any, P, datetime], Awaitable[Mapping[str, Any] | BaseModel | None]]
    parameters: type[P]
    answer: type[BaseModel]
    place: Callable[[P, Any], Location | None]
    scope: Scope = "read:worklists"
    missing: str = "the service knows nothing of it"
    method: Literal["GET", "POST"] = "GET"


AnyQuestion = CaseQuestion | ThingQuestion | WorkListQuestion | Question[Any]
Questions = tuple[AnyQuestion, ...]
"""The table: `QUESTIONS: Final[Questions] = (CaseQuestion(case, CaseAnswer, place), …)`."""

NO_QUESTIONS: Final[Questions] = ()
