"""The shapes of questions and answers that every service has: work lists, parked records, operations, the record of
access."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.values import CaseId, District, Instant

LONGEST_PAGE = 1_000
LARGEST_ID = 2**63 - 1
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Limit = Annotated[int, Field(ge=1, le=LONGEST_PAGE, description="how many entries at most", examples=[50])]
AfterId = Annotated[int, Field(ge=0, le=LARGEST_ID, description="go on after this entry: `next` of the page before")]
Place = Annotated[
    str,
    Field(
        pattern=r"^([A-Z]{2}-[A-Z0-9]{1,3}|unknown)$",
        description="ISO 3166-2, such as CN-SH; `unknown`: what is at no known place",
        examples=["CN-SH"],
    ),
]
A = TypeVar("A")


class Asked(BaseModel):
    """Parameters and bodies: what is not known is refused, for it would be passed over in silence."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, regex_engine="python-re")


class Known(BaseModel, Generic[A]):
    """What a service knows of a case. `blocked`: a record of it waits to be looked at, so it may know less than it was
    told; `known` is null where it cannot be read at all."""

    case_id: CaseId
    service: str
    blocked: bool
    known: A | None


class WorkListAsked(Asked):
    """Which page of a work list."""

    jurisdiction: Place
    district: District | None = None
    due_before: Instant | None = Field(default=None, description="only what is due before this instant")
    after: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"^[0-9T:.+Z-]{20,40}/[A-Za-z0-9][A-Za-z0-9._:/-]*$",
        description="go on after this cursor: `next` of the page before",
    )
    limit: Limit = 50


class WorkListEntry(BaseModel, Generic[A]):
    """A line of a work list."""

    key: str = Field(description="the case, or whatever else it is about")
    district: str
    due: datetime = Field(description="by when it has to be done; what comes after is late")
    item: A


class WorkListPage(BaseModel, Generic[A]):
    """A page of a work list, in the order in which things are due."""

    service: str
    now: datetime = Field(description="the service's clock, by which an entry is late or not")
    entries: list[WorkListEntry[A]]
    next: str | None = Field(description="the cursor of the next page; null: there is none")


class ParkedAsked(Asked):
    """Which page of what is parked."""

    discarded: bool = Field(default=False, description="what was taken out for good instead")
    after: AfterId = 0
    limit: Limit = 50


class ParkedRecord(BaseModel):
    """A record that could not be judged."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 17,
                    "reason": "not_cloudevents",
                    "kind": None,
                    "key": None,
                    "topic": "treatment.reports.v1",
                    "partition": 4,
                    "record_offset": 1017,
                    "received_at": "2020-10-21T04:00:00Z",
                    "parked_at": "2020-10-21T04:00:01Z",
                    "replay": False,
                    "cut": False,
                    "bytes": 412,
                }
            ]
        }
    )

    id: int
    reason: str = Field(description="why; docs/operations/parked-records.md has them all")
    kind: str | None = Field(description="what kind of thing it is about, where that is known")
    key: str | None = Field(description="the case, where it is known")
    topic: str | None
    partition: int
    record_offset: int | None
    received_at: datetime | None
    parked_at: datetime
    replay: bool = Field(description="it is on its way back in")
    cut: bool = Field(description="only the first 64 kB were kept: it cannot be judged again")
    bytes: int


class ParkedWhole(ParkedRecord):
    """A parked record with its bytes as text; what is no UTF-8 as `\\xNN`. It may hold what nobody should have sent."""

    record_key: str | None
    headers: list[tuple[str, str | None]]
    value: str | None


class DiscardedRecord(BaseModel):
    """A record that an operator has taken out for good."""

    id: int
    reason: str
    kind: str | None
    key: str | None
    topic: str | None
    partition: int
    record_offset: int | None
    received_at: datetime | None
    parked_at: datetime
    digest: str
    discarded_at: datetime
    discarded_by: str
    why: str


class ParkedPage(BaseModel):
    """A page of what is parked, or was discarded."""

    service: str
    entries: list[ParkedRecord] | list[DiscardedRecord]
    next: int | None = Field(description="`after` of the next page; null: there is none")


class ReplaySome(Asked):
    """Which parked records go back in; those of a case go together."""

    ids: list[Id] = Field(min_length=1, max_length=LONGEST_PAGE, examples=[[17]])


class ReplayAll(Asked):
    """Everything that is parked goes back in."""

    all: Literal[True]


class Replayed(BaseModel):
    """How many go back in."""

    replayed: int = Field(ge=0, examples=[3])


def _one_line(why: str) -> str:
    if not why.strip() or not why.isprintable():
        raise ValueError("must be one line with something on it")
    return why.strip()


Why = Annotated[
    str,
    AfterValidator(_one_line),
    Field(
        min_length=1,
        max_length=500,
        pattern=r"[^\u0000-\u0020\u007f-\u00a0]",
        description="one line for those who come after; nothing about the patient",
        examples=["entered for another patient"],
    ),
]


class Discarding(Asked):
    """Why a record is taken out for good."""

    why: Why


class Discarded(BaseModel):
    """What became of the case behind which the record stood."""

    id: int
    key: str | None = Field(description="that case; null: it stood behind none")
    replayed: int = Field(ge=0, description="records that waited behind it and go back in")
    still_parked: int = Field(ge=0, description="records for which the case still waits")


class Republishing(Asked):
    """Which events are said again."""

    since: Instant | None = Field(default=None, description="only those recorded from this instant on")


class Republished(BaseModel):
    """How many events are said again."""

    republished: int = Field(ge=0, examples=[120])


class AuditAsked(Asked):
    """Which entries of the record of access."""

    case_id: CaseId | None = None
    who: str | None = Field(default=None, max_length=200, pattern=r"^[^\u0000-\u001f]+$")
    since: Instant | None = None
    after: AfterId = 0
    limit: Limit = 50


class AuditEntry(BaseModel):
    """A question that was asked, or an operation that was done."""

    id: int
    at: datetime
    who: str = Field(description="the subject of a token, the common name of a certificate, or `local`")
    means: Literal["token", "certificate", "local"]
    what: str = Field(description="method and path", examples=["GET /v1/cases/sh-2020-1078"])
    purpose: str | None
    outcome: Literal["answered", "refused", "done"]
    cases: list[str] = Field(description="the cases of which the answer tells")


class AuditPage(BaseModel):
    """A page of the record of access."""

    service: str
    entries: list[AuditEntry]
    next: int | None = Field(description="`after` of the next page; null: there is none")
