"""The case's row in `primarycare_case`: what somebody has to do for it, by when, and what a change of the directory
concerns."""

from datetime import date, datetime
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.json import encode

from schemas.places import plain_district
from services.primarycare.domain import facts as known
from services.primarycare.domain.aftercare import Aftercare
from services.primarycare.domain.alerts import Alert
from services.primarycare.domain.basis import Basis, bases
from services.primarycare.domain.conclude import CaseState, Conclusions
from services.primarycare.domain.linkage import Linkage, answers_to, conditions, medicines_last_until

UNKNOWN = "unknown"
"""The jurisdiction of a case of which nobody has said where it is."""


class Row(NamedTuple):
    """The latest discharge, its linkage while nobody has taken that on, and of the open alerts the one due first.

    `waits`: an institution of the district that is listed now would be told, or asked. `linkage_by`, `alert_by`: by
    when the answer had to come; what comes after that is late. `unplaced_by`: when the municipal commission is told
    that nobody near home is known. `linkage`, `alert`, `unplaced`: as the work lists show them.
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
    plain_district: str
    unplaced_by: datetime | None
    unplaced: str | None


class Item(Struct, frozen=True, kw_only=True):
    """What waits for somebody since an instant. `time_zone`: that of the place.

    `lies_in`: the institution in which the patient lies meanwhile. `confirmed`: whether it is a confirmed case.
    """

    since: datetime
    time_zone: str
    lies_in: str | None = None
    confirmed: bool = True


class Escalated(Item, frozen=True, kw_only=True):
    """How far it was escalated and to whom, and when the next level follows."""

    level: int
    escalated_to: str | None
    next_level_at: datetime | None


class LinkageItem(Escalated, frozen=True, kw_only=True):
    """A linkage that nobody has taken on (P2). `institution_id`: whose answer is awaited; None: nobody is left to ask.

    `medicines_last_until`: when the first medicine runs out, if it does so within aftercare (P3).
    """

    kind: str = "linkage"
    linkage_id: str
    conditions: tuple[str, ...]
    medicines_last_until: date | None
    institution_id: str | None
    declined: tuple[str, ...]


class AlertItem(Escalated, frozen=True, kw_only=True):
    """An alert that nobody has acknowledged (P4). `more`: how many others of the case are open.

    `round`: of the alerts of its day and kind, which one.
    """

    kind: str = "alert"
    alert_id: str
    severity: str
    why: str
    day: int
    recipients: tuple[str, ...]
    more: int
    round: int = 1


class UnplacedItem(Item, frozen=True, kw_only=True):
    """A discharge of which nobody near home is told (P1). `why`: `district_unknown` or `no_centre`.

    `notified`: the municipal commission, since it was due; None: not yet, or the directory has none.
    """

    kind: str = "unplaced"
    why: str
    notified: str | None


def row(state: CaseState) -> tuple[Any, ...] | None:
    """The values in the order of the table's columns; None while neither a discharge nor an alert is known."""
    conclusions: Conclusions = state.conclusions
    alerts = sorted((one for one in conclusions.alerts if one.ending is None), key=_due_first)
    if not conclusions.aftercare:
        return _without_discharge(state, alerts) if alerts else None
    last = conclusions.aftercare[-1]
    basis = next(basis for basis in bases(state.facts) if basis.key == last.key)
    linked = last.linkage if last.linkage is not None and last.linkage.ending is None else None
    awaited = linked if linked is not None and linked.accepted_by is None else None
    unplaced = last.unplaced if last.unplaced is not None and not last.unplaced.is_over else None
    return Row(
        jurisdiction=last.ground[1] or UNKNOWN,
        district=last.ground[2],
        primary_id=last.primary_id,
        asked_id=linked.requests[-1].institution_id if linked is not None and linked.requests else None,
        waits=_waits(state, last, awaited),
        linkage_by=_answer_by(state, awaited) if awaited else None,
        linkage=as_json(_linkage(state, basis, awaited)) if awaited else None,
        alert_by=alerts[0].respond_by if alerts else None,
        alert=as_json(_alert(state, alerts, _of(basis))) if alerts else None,
        plain_district=plain_district(last.ground[2]),
        unplaced_by=unplaced.tell_by if unplaced else None,
        unplaced=as_json(_unplaced(basis, last)) if unplaced else None,
    )


def _without_discharge(state: CaseState, alerts: list[Alert]) -> Row:
    """An alert of which the discharge is not known yet is on the list of where followup says it is."""
    first = _raised(state, alerts[0])
    of = {"time_zone": first.time_zone or "UTC", "confirmed": _is_confirmed(state, first.episode)}
    return Row(
        jurisdiction=first.jurisdiction or UNKNOWN,
        district=first.district,
        primary_id=None,
        asked_id=None,
        waits=False,
        linkage_by=None,
        linkage=None,
        alert_by=alerts[0].respond_by,
        alert=as_json(_alert(state, alerts, of)),
        plain_district=plain_district(first.district),
        unplaced_by=None,
        unplaced=None,
    )


def _due_first(alert: Alert) -> tuple[datetime, str]:
    return alert.respond_by or alert.asked_at, alert.alert_id


def _is_confirmed(state: CaseState, episode: int) -> bool:
    return any(one.stands and one.episode == episode for one in state.facts.confirmations)


def _of(basis: Basis) -> dict[str, Any]:
    """What every item of a discharge says."""
    return {"time_zone": basis.home.time_zone, "lies_in": basis.lies_in, "confirmed": basis.is_confirmed}


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


def _linkage(state: CaseState, basis: Basis, linked: Linkage) -> LinkageItem:
    return LinkageItem(
        linkage_id=linked.linkage_id,
        conditions=conditions(basis),
        medicines_last_until=medicines_last_until(basis),
        institution_id=_asked(state, linked),
        declined=_declined(state, linked),
        since=linked.requests[-1].asked_at if linked.requests else basis.home.since,
        **_escalation(linked),
        **_of(basis),
    )


def _raised(state: CaseState, found: Alert) -> known.Alert:
    one: known.Alert = next(alert for alert in state.facts.alerts if alert.alert_id == found.alert_id)
    return one


def _alert(state: CaseState, alerts: list[Alert], of: dict[str, Any]) -> AlertItem:
    """The one that is due first."""
    found = alerts[0]
    alert = _raised(state, found)
    return AlertItem(
        alert_id=found.alert_id,
        severity=found.severity,
        why=alert.why,
        day=alert.day,
        round=alert.round,
        recipients=found.recipients,
        more=len(alerts) - 1,
        since=found.asked_at,
        **_escalation(found),
        **of,
    )


def _unplaced(basis: Basis, last: Aftercare) -> UnplacedItem | None:
    found = last.unplaced
    if found is None:
        return None
    return UnplacedItem(why=found.why, since=found.since, notified=found.notified, **_of(basis))


def _escalation(found: Linkage | Alert) -> dict[str, Any]:
    to = found.steps[-1].to if found.steps else None
    return {"level": len(found.steps), "escalated_to": to, "next_level_at": found.next_at}


def as_json(item: Struct | None) -> str:
    """An item as the table keeps it."""
    return encode(item).decode()
