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
from services.primarycare.domain.basis import Basis, bases
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
    """A discharge of which somebody near home is told."""

    basis: Basis
    aftercare: Aftercare


class Linked(NamedTuple):
    """A linkage, and one thing of it: a request, an answer, a level, or its end and how often care was given."""

    basis: Basis
    linkage: Linkage
    one: Any


class Forwarded(NamedTuple):
    """An alert as it was raised and as it went on, and one thing of it: a recipient, a level, or its end."""

    raised: known.Alert
    alert: Alert
    one: Any


def _things(source: tuple[Facts, Conclusions]) -> Mapping[Key, Any]:
    facts, conclusions = source
    on = {basis.key: basis for basis in bases(facts)}
    things: dict[Key, Any] = {}
    for one in conclusions.aftercare:
        things.update(_of_a_discharge(on[one.key], one))
        if one.linkage is not None:
            things.update(_of_a_linkage(on[one.key], one.linkage, facts))
    raised = {alert.alert_id: alert for alert in facts.alerts}
    for alert in conclusions.alerts:
        things.update(_of_an_alert(raised[alert.alert_id], alert))
    return things


def _of_a_discharge(basis: Basis, one: Aftercare) -> Iterator[tuple[Key, Notified]]:
    """P1. A discharge that was undone is taken back; a death after it is told."""
    if one.primary_id is not None and basis.goes_home and not (basis.ended and basis.ended.why == "revoked"):
        yield ("notification", str(one.episode)), Notified(basis, one)


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


def _of_an_alert(raised: known.Alert, found: Alert) -> Iterator[tuple[Key, Forwarded]]:
    """P4. To whom it went, every level, and what closed it."""
    for institution_id in found.recipients:
        yield ("forwarded", raised.alert_id, institution_id), Forwarded(raised, found, institution_id)
    for step in found.steps:
        yield ("alert_step", raised.alert_id, str(step.level)), Forwarded(raised, found, step)
    if found.ending is not None:
        yield ("alert_end", raised.alert_id), Forwarded(raised, found, found.ending)


def _notification(after: CaseState, key: Key, thing: Notified) -> Statement:
    start, ended = thing.basis.start, thing.basis.ended
    data = _discharge(after, thing.basis) | {
        "institution_id": thing.aftercare.primary_id,
        "disposition": "died" if ended else start.kind,
        "destination": start.destination,
        "residence": {"jurisdiction": start.jurisdiction, "district": start.district} if start.jurisdiction else None,
        "discharged_from": start.hospital_id,
        "last_day": thing.basis.last_day,
        "conditions": conditions(thing.basis),
    }
    return Statement(PrimaryCareNotified, ended.at if ended else start.discharged_at, data)


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
        "why": ending.why,
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
        "evidence": raised.evidence,
    }
    return Statement(AlertForwarded, thing.alert.asked_at, _alert(after, raised) | data)


def _alert_step(after: CaseState, key: Key, thing: Forwarded) -> Statement:
    return Statement(AlertEscalated, thing.one.at, _alert(after, thing.raised) | _level(thing.one))


def _alert_end(after: CaseState, key: Key, thing: Forwarded) -> Statement:
    found, ending = thing.alert, thing.one
    data = {
        "institution_id": found.acknowledged_by or next(iter(found.recipients), None),
        "respond_by": found.respond_by,
        "level": len(found.steps),
        "why": ending.why,
        "acknowledged_at": ending.at if found.acknowledged_by else None,
    }
    return Statement(AlertClosed, ending.at, _alert(after, thing.raised) | data)


def _discharge(after: CaseState, basis: Basis) -> dict[str, Any]:
    """What every event about a discharge says."""
    start = basis.start
    return {"case_id": after.facts.case_id, "episode": start.episode, "discharged_at": start.discharged_at}


def _linkage(after: CaseState, thing: Linked) -> dict[str, Any]:
    """What every event of a linkage says."""
    return _discharge(after, thing.basis) | {
        "linkage_id": thing.linkage.linkage_id,
        "conditions": conditions(thing.basis),
        "medicines_last_until": medicines_last_until(thing.basis),
    }


def _alert(after: CaseState, raised: known.Alert) -> dict[str, Any]:
    """What every event of an alert says."""
    about = {"case_id": after.facts.case_id, "alert_id": raised.alert_id}
    return about | {"episode": raised.episode, "discharged_at": raised.discharged_at}


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
        )
    }
)
