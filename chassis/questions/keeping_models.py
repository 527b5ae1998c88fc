"""The shapes of questions and answers about persons who are to be erased, or held."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from chassis.decide.aggregate import Ids
from chassis.questions.models import Asked, Why
from schemas.values import Identifier, PersonRef

MOST_IDS = 1_000

AllIds = Annotated[dict[Ids, Annotated[list[Identifier], Field(max_length=MOST_IDS)]], Field(default_factory=dict)]


class PersonAsked(Asked):
    """A person, and ids of what other services know to be theirs. In a body, since it should stand in no log."""

    person_ref: PersonRef
    things: AllIds


class PersonFound(BaseModel):
    """What a service knows of the person."""

    service: str
    things: dict[Ids, list[str]] = Field(description="the ids that were named, and those that this service adds")
    known: int = Field(ge=0, description="things of the person of which this service holds something")
    open: int = Field(ge=0, description="those of them that are not over: the clock, or an operator, has yet to come")
    held: bool = Field(description="a hold protects the person here")


class Forgetting(PersonAsked):
    """Whom to erase, and why."""

    why: Why
    even_open: bool = Field(default=False, description="although something of the person is not over")


class Forgotten(BaseModel):
    """What was erased."""

    service: str
    erasure: int = Field(description="its number here; the archive and the record of access follow by the owner's job")
    things: int = Field(ge=0, description="things of which something was known")
    parked: int = Field(ge=0, description="parked records that went with them")


class Holding(PersonAsked):
    """Whom to hold, and why."""

    why: Why


class Held(BaseModel):
    """What a hold protects."""

    service: str
    person_ref: str
    keys: list[str]


class Releasing(Asked):
    """Whose hold is over."""

    person_ref: PersonRef


class Hold(BaseModel):
    """A hold that stands."""

    person_ref: str
    keys: list[str] = Field(description="ids of all that was known to be theirs when the hold was last asked for")
    since: datetime
    held_by: str
    why: str


class Holds(BaseModel):
    """Every hold that stands, the oldest first."""

    service: str
    holds: list[Hold]
