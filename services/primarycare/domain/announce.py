"""What primarycare states: notifications, linkages with all that was asked and answered, alerts on their way."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chassis.decide.announcing import Announcer, Statement, Things, by_kind
from schemas.events.primarycare import (
    AlertClosed,
    AlertEscalated,
    AlertForwarded,
    LinkageAccepted,
    LinkageClosed,
    LinkageDeclined,
    LinkageEscalated,
    LinkageRequested,
    PrimaryCareNotified,
)
from services.primarycare.domain import facts as known
from services.primarycare.domain.aftercare import Aftercare
from services.primarycare.domain.alerts import Alert
from services.primarycare.domain.basis import Basis, bases, placed
from services.primarycare.domain.conclude import CaseState, Conclusions
from services.primarycare.domain.escalation import Step, level_at
from services.primarycare.domain.facts import Answer, Facts
from services.primarycare.domain.linkage import (
    Linkage,
    Request,
    answers_to,
    conditions,
    deliveries,
    medicines_last_until,
)

Key = tuple[str, ...]
"""A kind of thing, and what names the thing within the case."""


class Notified(NamedTuple):
    """A discharge of which somebody is told: near home, or the municipal commission where nobody there is known."""

    basis: Basis
    aftercare: Aftercare
    institution_id: str


class Linked(NamedTuple):
    """A linkage, and one thing of it: a request, an answer, a level, or its end and how often care was given."""

    basis: Basis
    linkage: Linkage
    one: Any


class Forwarded(NamedTuple):
    """An alert as it was raised and as it went on, and one thing of it: a recipient, a level, or its end.

    `placed`: where that is.
    """

    raised: known.Alert
    alert: Alert
    one: Any
    placed: dict[str, Any]


def _things(source: tuple[Facts, Conclusions]) -> Mapping[Key, Any]:
    facts, conclusions = source
    on = {basis.key: basis for basis in bases(facts)}
    homes = {basis.start.episode: basis.home.placed for basis in on.values()}
    things: dict[Key, Any] = {}
    for one in conclusions.aftercare:
        things.update(_of_a_discharge(on[one.key], one))
        if one.linkage is not None:
            things.update(_of_a_linkage(on[one.key], one.linkage, facts))
    raised = {alert.alert_id: alert for alert in facts.alerts}
    for alert in conclusions.alerts:
        standing = raised[alert.alert_id]
        where = homes.get(standing.episode) or placed(standing.jurisdiction, standing.district, standing.time_zone)
        things.update(_of_an_alert(standing, alert, where))
    return things


def _of_a_discharge(basis: Basis, one: Aftercare) -> Iterator[tuple[Key, Notified]]:
    """P1. A discharge that was undone is taken back; a death after it is told."""
    institution_id = one.primary_id or (one.unplaced.notified if one.unplaced else None)
    if institution_id is not None and basis.goes_home and not basis.is_undone:
        yield ("notification", str(one.episode)), Notified(basis, one, institution_id)


def _of_a_linkage(basis: Basis, found: Linkage, facts: Facts) -> Iterator[tuple[Key, Linked]]:
    """P2, P3. Every request, every answer, every level, and the end."""
    named = found.linkage_id
    for request in found.requests:
        yield ("request", named, request.institution_id), Linked(basis, found, request)
    for answer in answers_to(facts, named).values():
        if not answer.accepted or answer.institution_id == found.accepted_by:
            yield ("answer", named, answer.institution_id), Linked(basis, found, answer)
    for step in found.steps:
        yield ("step", named, str(step.level)), Linked(basis, found, step)
    if found.ending is not None:
        yield ("end", named), Linked(basis, found, (found.ending, deliveries(facts, found)))


def _of_an_alert(raised: known.Alert, found: Alert, where: dict[str, Any]) -> Iterator[tuple[Key, Forwarded]]:
    """P4. To whom it went, every level, and what closed it."""
    for institution_id in found.recipients:
        yield ("forwarded", raised.alert_id, institution_id), Forwarded(raised, found, institution_id, where)
    for step in found.steps:
        yield ("alert_step", raised.alert_id, str(step.level)), Forwarded(raised, found, step, where)
    if found.ending is not None:
        yield ("alert_end", raised.alert_id), Forwarded(raised, found, found.ending, where)


def _notification(after: CaseState, key: Key, thing: Notified) -> Statement:
    start, home = thing.basis.start, thing.basis.home
    died = thing.basis.ended if thing.basis.ended and thing.basis.ended.why == "died" else None
    unplaced = thing.aftercare.unplaced if thing.aftercare.primary_id is None else None
    lives = {"jurisdiction": home.jurisdiction, "district": home.district or None} if home.jurisdiction else None
    data = _discharge(after, thing.basis) | {
        "institution_id": thing.institution_id,
        "disposition": "died" if died else start.kind,
        "destination": start.destination or None,
        "residence": lives,
        "discharged_from": start.hospital_id,
        "last_day": thing.basis.plan_ends_on,
        "conditions": conditions(thing.basis),
        "unplaced": unplaced.why if unplaced else None,
    }
    at = unplaced.tell_by if unplaced else home.since
    return Statement(PrimaryCareNotified, died.at if died else at, data)


def _notified_elsewhere(after: CaseState, key: Key, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """Who was told of what concerns it no more is told so, before another is: the last word is that one's."""
    if now is None or (key[0] == "notification" and was.data["institution_id"] != now.data["institution_id"]):
        yield was.withdrawn()
    if now is not None:
        yield now


def _request(after: CaseState, key: Key, thing: Linked) -> Statement:
    request: Request = thing.one
    data = {
        "institution_id": request.institution_id,
        "respond_by": request.respond_by,
        "level": level_at(thing.linkage.steps, request.asked_at),
    }
    return Statement(LinkageRequested, request.asked_at, _linkage(after, thing) | data)


def _answer(after: CaseState, key: Key, thing: Linked) -> Statement:
    answer: Answer = thing.one
    data = _linkage(after, thing) | {
        "institution_id": answer.institution_id,
        "respond_by": _respond_by(thing.linkage, answer.institution_id),
        "answered_at": answer.answered_at,
        "level": level_at(thing.linkage.steps, answer.answered_at),
    }
    if answer.accepted:
        return Statement(LinkageAccepted, answer.answered_at, data)
    return Statement(LinkageDeclined, answer.answered_at, data | {"reason": answer.reason})


def _step(after: CaseState, key: Key, thing: Linked) -> Statement:
    step: Step = thing.one
    return Statement(LinkageEscalated, step.at, _linkage(after, thing) | _level(step) | {"why": step.why})


def _end(after: CaseState, key: Key, thing: Linked) -> Statement:
    found, (ending, delivered) = thing.linkage, thing.one
    last = found.accepted_by or (found.requests[-1].institution_id if found.requests else None)
    data = {
        "institution_id": last,
        "respond_by": _respond_by(found, last),
        "level": len(found.steps),
        "why": "aftercare_ended" if ending.why == "plan_ended" else ending.why,  # as the first edition stored it
        "deliveries": delivered,
    }
    return Statement(LinkageClosed, ending.at, _linkage(after, thing) | data)


def _forwarded(after: CaseState, key: Key, thing: Forwarded) -> Statement:
    raised = thing.raised
    data = {
        "institution_id": thing.one,
        "respond_by": thing.alert.respond_by,
        "level": 0,
        "why": raised.why,
        "severity": raised.severity,
        "day": raised.day,
        "round": raised.round,
        "evidence": raised.evidence,
    }
    return Statement(AlertForwarded, thing.alert.asked_at, _alert(after, thing) | data)


def _alert_step(after: CaseState, key: Key, thing: Forwarded) -> Statement:
    return Statement(AlertEscalated, thing.one.at, _alert(after, thing) | _level(thing.one))


def _alert_end(after: CaseState, key: Key, thing: Forwarded) -> Statement:
    found, ending = thing.alert, thing.one
    data = {
        "institution_id": found.acknowledged_by or next(iter(found.recipients), None),
        "respond_by": found.respond_by,
        "level": len(found.steps),
        "why": ending.why,
        "acknowledged_at": ending.at if found.acknowledged_by else None,
    }
    return Statement(AlertClosed, ending.at, _alert(after, thing) | data)


def _discharge(after: CaseState, basis: Basis) -> dict[str, Any]:
    """What every event about a discharge says."""
    start = basis.start
    about = {"case_id": after.facts.case_id, "episode": start.episode, "discharged_at": start.discharged_at}
    return about | basis.home.placed


def _linkage(after: CaseState, thing: Linked) -> dict[str, Any]:
    """What every event of a linkage says."""
    return _discharge(after, thing.basis) | {
        "linkage_id": thing.linkage.linkage_id,
        "conditions": conditions(thing.basis),
        "medicines_last_until": medicines_last_until(thing.basis),
    }


def _alert(after: CaseState, thing: Forwarded) -> dict[str, Any]:
    """What every event of an alert says."""
    raised = thing.raised
    about = {"case_id": after.facts.case_id, "alert_id": raised.alert_id}
    return about | {"episode": raised.episode, "discharged_at": raised.discharged_at} | thing.placed


def _level(step: Step) -> dict[str, Any]:
    """What every escalation says."""
    asked = {"institution_id": step.institution_id, "respond_by": step.respond_by}
    return asked | {"level": step.level, "to_institution_id": step.to}


def _respond_by(found: Linkage, institution_id: str | None) -> Any:
    """Until when an institution had to answer; None where it was not asked."""
    return next((one.respond_by for one in found.requests if one.institution_id == institution_id), None)


announce: Announcer[Facts, Conclusions] = Announcer(
    {
        "aftercare": Things(
            lambda state: (state.facts, state.conclusions),
            _things,
            by_kind(
                {
                    "notification": _notification,
                    "request": _request,
                    "answer": _answer,
                    "step": _step,
                    "end": _end,
                    "forwarded": _forwarded,
                    "alert_step": _alert_step,
                    "alert_end": _alert_end,
                }
            ),
            change=_notified_elsewhere,
        )
    }
)
