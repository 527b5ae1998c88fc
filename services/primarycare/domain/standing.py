"""What stands, and the difference said aloud: notifications, linkages with all that was asked and answered, alerts.

`standing` is drawn from the state alone. A payload is a type, an instant and plain values; an event is built only of
what changed.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from chassis.judge import Said, State, difference
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
from schemas.limits import within_limits
from schemas.message import CaseEvent
from services.primarycare.domain import facts as known
from services.primarycare.domain.conclusions import Aftercare, Alert, Conclusions, Ending, Linkage, Step
from services.primarycare.domain.facts import Answer, Facts
from services.primarycare.domain.ground import Ground, grounds
from services.primarycare.domain.ladder import level_at
from services.primarycare.domain.linkage import answers_to, conditions, deliveries, medicines_last_until

Slot = tuple[str, ...]
"""What an event is about: its kind, and what names the thing within the case."""


class Statement(NamedTuple):
    """A standing event before it is built: its type, when it became true, and its data."""

    event: type[CaseEvent]
    time: datetime
    data: dict[str, Any]


def announce(before: State, after: State) -> Iterator[Said]:
    """The difference between what stood and what stands; what is gone is withdrawn."""
    case_id = after.facts.case_id
    stood, stands = standing(before.facts, before.conclusions), standing(after.facts, after.conclusions)
    for _, old, new in difference(stood, stands):
        if new is not None:
            yield Said(within_limits(new.event)(case_id=case_id, **new.data), new.time)
        elif old is not None:
            yield Said(within_limits(old.event)(case_id=case_id, withdrawn=True, **old.data), old.time)


def standing(facts: Facts, conclusions: Conclusions) -> dict[Slot, Statement]:
    """All that is true of a case."""
    on = {ground.key: ground for ground in grounds(facts)}
    said: dict[Slot, Statement] = {}
    for one in conclusions.aftercare:
        said.update(_notification(on[one.key], one))
        if one.linkage is not None:
            said.update(_linkage(on[one.key], one.linkage, facts))
    raised = {alert.alert_id: alert for alert in facts.alerts}
    for alert in conclusions.alerts:
        said.update(_alert(raised[alert.alert_id], alert))
    return said


def _about(ground: Ground) -> dict[str, Any]:
    return {"episode": ground.start.episode, "discharged_at": ground.start.discharged_at}


def _notification(ground: Ground, one: Aftercare) -> Iterator[tuple[Slot, Statement]]:
    """P1. A discharge that was undone is taken back; a death after it is told."""
    if one.primary_id is None or not ground.goes_home or (ground.ended and ground.ended.why == "revoked"):
        return
    start, ended = ground.start, ground.ended
    data = _about(ground) | {
        "institution_id": one.primary_id,
        "disposition": "died" if ended else start.kind,
        "destination": start.destination,
        "residence": {"jurisdiction": start.jurisdiction, "district": start.district} if start.jurisdiction else None,
        "discharged_from": start.hospital_id,
        "last_day": ground.last_day,
        "conditions": conditions(ground),
    }
    time = ended.at if ended else start.discharged_at
    yield ("notification", str(start.episode)), Statement(PrimaryCareNotified, time, data)


def _linkage(ground: Ground, found: Linkage, facts: Facts) -> Iterator[tuple[Slot, Statement]]:
    """P2, P3. Every request, every answer, every level, and the end."""
    named = found.linkage_id
    needs = {"conditions": conditions(ground), "medicines_last_until": medicines_last_until(ground)}
    about = _about(ground) | {"linkage_id": named} | needs
    asked = {request.institution_id: request.respond_by for request in found.requests}
    for request in found.requests:
        level = level_at(found.steps, request.asked_at)
        data = about | {"institution_id": request.institution_id, "respond_by": request.respond_by, "level": level}
        yield ("request", named, request.institution_id), Statement(LinkageRequested, request.asked_at, data)
    for answer in answers_to(facts, named).values():
        if not answer.accepted or answer.institution_id == found.accepted_by:
            data = about | {"respond_by": asked.get(answer.institution_id)}
            yield ("answer", named, answer.institution_id), _answer(answer, found, data)
    for step in found.steps:
        yield ("step", named, str(step.level)), Statement(LinkageEscalated, step.at, about | _step(step))
    if found.ending is not None:
        last = found.accepted_by or (found.requests[-1].institution_id if found.requests else None)
        data = about | {"institution_id": last, "why": found.ending.why, "deliveries": deliveries(facts, found)}
        data |= {"respond_by": asked.get(last) if last else None, "level": len(found.steps)}
        yield ("end", named), Statement(LinkageClosed, found.ending.at, data)


def _answer(answer: Answer, found: Linkage, about: dict[str, Any]) -> Statement:
    data = about | {"institution_id": answer.institution_id, "answered_at": answer.answered_at}
    data["level"] = level_at(found.steps, answer.answered_at)
    if answer.accepted:
        return Statement(LinkageAccepted, answer.answered_at, data)
    return Statement(LinkageDeclined, answer.answered_at, data | {"reason": answer.reason})


def _step(step: Step) -> dict[str, Any]:
    told = {"institution_id": step.institution_id, "level": step.level, "respond_by": step.respond_by}
    return told | {"to_institution_id": step.to, "why": step.why}


def _alert(raised: known.Alert, found: Alert) -> Iterator[tuple[Slot, Statement]]:
    """P4. To whom it went, every level, and what closed it."""
    about = {"episode": raised.episode, "discharged_at": raised.discharged_at, "alert_id": raised.alert_id}
    what = {"why": raised.why, "severity": raised.severity, "day": raised.day, "evidence": raised.evidence}
    for institution_id in found.recipients:
        data = about | what | {"institution_id": institution_id, "respond_by": found.respond_by, "level": 0}
        yield ("forwarded", raised.alert_id, institution_id), Statement(AlertForwarded, found.asked_at, data)
    for step in found.steps:
        told = {name: value for name, value in _step(step).items() if name != "why"}
        yield ("alert_step", raised.alert_id, str(step.level)), Statement(AlertEscalated, step.at, about | told)
    if found.ending is not None:
        yield ("alert_end", raised.alert_id), _closed(found, found.ending, about)


def _closed(found: Alert, ending: Ending, about: dict[str, Any]) -> Statement:
    by, why = found.acknowledged_by, ending.why
    data = about | {"institution_id": by or next(iter(found.recipients), None), "why": why, "level": len(found.steps)}
    data |= {"respond_by": found.respond_by, "acknowledged_at": ending.at if by else None}
    return Statement(AlertClosed, ending.at, data)
