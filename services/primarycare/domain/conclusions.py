"""What follows for a case: who near home was told, who was asked, what was escalated, and what is over."""

from datetime import datetime

from msgspec import Struct

Ground = tuple[str | None, str, str]
"""Of a choice among institutions: the one that the patient named, jurisdiction and district of the residence."""


class Step(Struct, frozen=True, array_like=True):
    """An escalation: it was said, and stays so.

    `institution_id`: who had been asked; None where nobody could be. `to`: the health commission of the level.
    `respond_by`: when the next level follows, if there is one.
    """

    level: int
    at: datetime
    institution_id: str | None
    why: str
    to: str | None
    respond_by: datetime | None


class Request(Struct, frozen=True, array_like=True):
    """An institution was asked, and has until `respond_by` to answer. `late`: there had been no time left to ask it."""

    institution_id: str
    asked_at: datetime
    respond_by: datetime
    late: bool = False


class Ending(Struct, frozen=True, array_like=True):
    """What closed a linkage or an alert, and when."""

    at: datetime
    why: str


class Linkage(Struct, frozen=True, array_like=True):
    """The search for somebody who takes the patient on (P2), and what came of it (P3).

    `accepted_by`: who does. `next_at`: the next escalation, while there is one. `ending`: None while it is open.
    """

    linkage_id: str
    ground: Ground
    requests: tuple[Request, ...] = ()
    steps: tuple[Step, ...] = ()
    accepted_by: str | None = None
    next_at: datetime | None = None
    ending: Ending | None = None


class Aftercare(Struct, frozen=True, array_like=True):
    """What follows from one discharge. `primary_id`: of the residence; None: nobody near home is known yet.

    `waits_until`: how long somebody is looked for; the plan's end, at least.
    `ended`: what undid the discharge, or ended the plan before its time.
    """

    key: str
    episode: int
    ground: Ground
    primary_id: str | None
    waits_until: datetime
    linkage: Linkage | None = None
    ended: Ending | None = None


class Alert(Struct, frozen=True, array_like=True):
    """An alert on its way (P4). `recipients`: whom it went to. `respond_by`: None where it asks for nothing.

    `late`: its time counts from when it came, since no time was left to answer, or since when it became graver.
    """

    alert_id: str
    severity: str
    recipients: tuple[str, ...]
    asked_at: datetime
    late: bool
    respond_by: datetime | None
    steps: tuple[Step, ...] = ()
    next_at: datetime | None = None
    ending: Ending | None = None
    acknowledged_by: str | None = None


class Conclusions(Struct, frozen=True, array_like=True):
    """All that follows for a case. `due`, `done`: the clock's (chassis.judge.Clock)."""

    aftercare: tuple[Aftercare, ...] = ()
    alerts: tuple[Alert, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = {}
