"""The case's row in `primarycare_case`: what somebody has to do for it, by when, and what a change of the directory
concerns."""

from datetime import date, datetime
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.json import encode

from services.primarycare.domain.aftercare import Aftercare
from services.primarycare.domain.alerts import Alert
from services.primarycare.domain.basis import Basis, bases
from services.primarycare.domain.conclude import CaseState, Conclusions
from services.primarycare.domain.linkage import Linkage, answers_to, conditions, medicines_last_until


class Row(NamedTuple):
    """The latest discharge, its linkage while nobody has taken that on, and of the open alerts the one due first.

    `waits`: an institution of the district that is listed now would be told, or asked. `linkage_by`, `alert_by`: by
    when the answer had to come; what comes after that is late. `linkage`, `alert`: as the work lists show them.
    """

    jurisdiction: str
    district: str
    primary_id: str | None
    asked_id: str | None
    waits: bool
    linkage_by: datetime | None
    linkage: str | None
    alert_by: datetime | None
    alert: str | None


class Escalated(Struct, frozen=True, kw_only=True):
    """What waits for somebody since an instant: how far it was escalated and to whom, and when the next level follows.

    `time_zone`: that of the plan's days.
    """

    since: datetime
    level: int
    escalated_to: str | None
    next_level_at: datetime | None
    time_zone: str


class LinkageItem(Escalated, frozen=True, kw_only=True):
    """A linkage that nobody has taken on (P2). `institution_id`: whose answer is awaited; None: nobody is left to ask.

    `medicines_last_until`: when the first medicine runs out, if it does so within the plan (P3).
    """

    kind: str = "linkage"
    linkage_id: str
    conditions: tuple[str, ...]
    medicines_last_until: date | None
    institution_id: str | None
    declined: tuple[str, ...]


class AlertItem(Escalated, frozen=True, kw_only=True):
    """An alert that nobody has acknowledged (P4). `more`: how many others of the case are open."""

    kind: str = "alert"
    alert_id: str
    severity: str
    why: str
    day: int
    recipients: tuple[str, ...]
    more: int


def row(state: CaseState) -> Row | None:
    """The values in the order of the table's columns; None while no discharge is known."""
    conclusions: Conclusions = state.conclusions
    if not conclusions.aftercare:
        return None
    last = conclusions.aftercare[-1]
    linked = last.linkage if last.linkage is not None and last.linkage.ending is None else None
    awaited = linked if linked is not None and linked.accepted_by is None else None
    alerts = sorted(_open_alerts(conclusions), key=lambda alert: (alert.respond_by, alert.alert_id))
    return Row(
        jurisdiction=last.ground[1],
        district=last.ground[2],
        primary_id=last.primary_id,
        asked_id=linked.requests[-1].institution_id if linked is not None and linked.requests else None,
        waits=_waits(state, last, awaited),
        linkage_by=_answer_by(state, awaited) if awaited else None,
        linkage=as_json(_linkage(state, last, awaited)) if awaited else None,
        alert_by=alerts[0].respond_by if alerts else None,
        alert=as_json(_alert(state, last, alerts)) if alerts else None,
    )


def _open_alerts(conclusions: Conclusions) -> list[Alert]:
    return [alert for alert in conclusions.alerts if alert.ending is None]


def _waits(state: CaseState, last: Aftercare, awaited: Linkage | None) -> bool:
    return last.primary_id is None or (awaited is not None and _asked(state, awaited) is None)


def _declined(state: CaseState, linked: Linkage) -> tuple[str, ...]:
    answers = answers_to(state.facts, linked.linkage_id).values()
    return tuple(answer.institution_id for answer in answers if not answer.accepted)


def _asked(state: CaseState, linked: Linkage) -> str | None:
    """Whose answer is awaited; None where nobody could be asked, or everybody has declined."""
    declined = _declined(state, linked)
    return next((one.institution_id for one in linked.requests if one.institution_id not in declined), None)


def _answer_by(state: CaseState, linked: Linkage) -> datetime | None:
    """By when the one who is asked has to answer; where nobody is left, since when, or when that is escalated."""
    if _asked(state, linked) is not None:
        return linked.requests[-1].respond_by
    nobody_left = (step.at for step in linked.steps if step.why == "nobody_left")
    return min(nobody_left, default=linked.next_at or _last_step_at(linked))


def _last_step_at(linked: Linkage) -> datetime | None:
    return linked.steps[-1].at if linked.steps else None


def _linkage(state: CaseState, last: Aftercare, linked: Linkage) -> LinkageItem:
    basis = _basis(state, last)
    return LinkageItem(
        linkage_id=linked.linkage_id,
        conditions=conditions(basis),
        medicines_last_until=medicines_last_until(basis),
        institution_id=_asked(state, linked),
        declined=_declined(state, linked),
        **_escalation(linked, linked.requests[-1].asked_at if linked.requests else basis.start.discharged_at, basis),
    )


def _alert(state: CaseState, last: Aftercare, alerts: list[Alert]) -> AlertItem:
    """The one that is due first."""
    found = alerts[0]
    alert = next(alert for alert in state.facts.alerts if alert.alert_id == found.alert_id)
    return AlertItem(
        alert_id=found.alert_id,
        severity=found.severity,
        why=alert.why,
        day=alert.day,
        recipients=found.recipients,
        more=len(alerts) - 1,
        **_escalation(found, found.asked_at, _basis(state, last)),
    )


def _escalation(found: Linkage | Alert, since: datetime, basis: Basis) -> dict[str, Any]:
    to = found.steps[-1].to if found.steps else None
    fields = {"since": since, "level": len(found.steps), "escalated_to": to, "next_level_at": found.next_at}
    return {**fields, "time_zone": basis.start.time_zone}


def _basis(state: CaseState, last: Aftercare) -> Basis:
    return next(basis for basis in bases(state.facts) if basis.key == last.key)


def as_json(item: Struct) -> str:
    return encode(item).decode()
