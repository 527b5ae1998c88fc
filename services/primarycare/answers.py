"""What primarycare answers: a case, and the items of its work lists."""

from typing import Annotated, Final, Literal

from pydantic import Field

from chassis.questions.answer import Answer, item_model
from schemas.events.followup import AlertReason, AlertSeverity
from schemas.events.primarycare import AlertEnd, Level, LinkageEnd
from schemas.events.primarycare import Unplaced as UnplacedWhy
from schemas.values import (
    Count,
    DayNumber,
    District,
    Episode,
    Icd10,
    Identifier,
    Instant,
    InstitutionId,
    Jurisdiction,
    TimeZone,
)
from services.primarycare.domain import worklist

Round = Annotated[int, Field(ge=1, description="Of the alerts of one day and kind, which one.")]
Answered = Annotated[
    tuple[InstitutionId, bool, Instant],
    Field(description="Who answered, whether it takes the patient on, and when it said so."),
]


class Ending(Answer):
    """What closed it, and when; `known_at`: when that came."""

    at: Instant
    why: str
    known_at: Instant | None


class LinkageEnding(Ending):
    """What closed a linkage (P3)."""

    why: LinkageEnd


class AlertEnding(Ending):
    """What closed an alert (P4)."""

    why: AlertEnd


class Escalated(Answer):
    """How far it was escalated, and when the next level follows, if one does."""

    level: Level
    next_at: Instant | None


class Request(Answer):
    """An institution was asked, and has until `respond_by`. `late`: there had been no time left to ask it.

    `listed`: it was listed when nobody was left to ask, and has its time since.
    """

    institution_id: InstitutionId
    asked_at: Instant
    respond_by: Instant
    late: bool
    listed: bool


class Linkage(Escalated):
    """The search for somebody who takes the patient on (P2): who was asked, in turn, and what they answered.

    `last_level`: it was escalated to the last. `deliveries`: how often care was given under it (P3).
    """

    ending: LinkageEnding | None
    state: Literal["requested", "last_level", "accepted", "closed"]
    accepted_by: InstitutionId | None
    linkage_id: Identifier
    requests: tuple[Request, ...]
    answers: tuple[Answered, ...]
    deliveries: Count


class Unplaced(Answer):
    """Nobody near home is known, since when, and why (P1).

    `tell_by`: when the municipal commission is told; `notified`: which was, null where the directory has none.
    `is_over`: there is nothing left to be told of.
    """

    why: UnplacedWhy
    since: Instant
    tell_by: Instant
    notified: InstitutionId | None
    is_over: bool


class Aftercare(Answer):
    """What follows from one discharge. `primary_institution_id`: near home; null: none is known.

    `notification`: `elsewhere`: the patient did not go home, and nobody near it is told; `unreached`: nobody was, until
    there was nothing left to be told of; `commission`: the municipal one was, since nobody is known. `lies_in`: the
    institution in which the patient lies since. `confirmed`: whether it is a confirmed case. `conditions`: those that
    need regular care.
    """

    episode: Episode
    discharged_at: Instant
    primary_institution_id: InstitutionId | None
    notification: Literal["waiting", "notified", "commission", "unreached", "elsewhere", "taken_back"]
    unplaced: Unplaced | None
    lies_in: InstitutionId | None
    confirmed: bool
    jurisdiction: Jurisdiction | None
    district: District | None
    time_zone: TimeZone | None
    conditions: tuple[Icd10, ...]
    linkage: Linkage | None


class Alert(Escalated):
    """An alert of followup on its way (P4): to whom it went, and who has seen it."""

    ending: AlertEnding | None
    state: Literal["forwarded", "last_level", "closed"]
    recipients: tuple[InstitutionId, ...]
    alert_id: Identifier
    why: AlertReason
    day: DayNumber
    round: Round
    severity: AlertSeverity
    acknowledged_by: InstitutionId | None


class Case(Answer):
    """Who near home knows of each discharge, who takes the patient on, and who has seen each alert.

    `looks_again_at`: when the clock alone may change this.
    """

    aftercare: tuple[Aftercare, ...]
    alerts: tuple[Alert, ...]
    looks_again_at: Instant | None


LinkageItem: Final = item_model(worklist.LinkageItem, kind=Literal["linkage"], level=Level)
AlertItem: Final = item_model(
    worklist.AlertItem, kind=Literal["alert"], level=Level, severity=AlertSeverity, why=AlertReason, round=Round
)
UnplacedItem: Final = item_model(worklist.UnplacedItem, kind=Literal["unplaced"], why=UnplacedWhy)
