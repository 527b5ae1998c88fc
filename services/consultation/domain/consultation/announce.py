"""What is stated of a consultation: how it stands, what was not answered in time, and where the patient is referred."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chassis.decide.announcing import Announcer, Statement, Things
from schemas.events.consultation import (
    ConsultationAssigned,
    ConsultationClosed,
    ConsultationOverdue,
    ConsultationQueued,
    ReferredOffline,
)
from services.consultation.domain.consultation.conclude import Conclusions
from services.consultation.domain.consultation.facts import Facts, Request

Known = tuple[Facts, Conclusions]
"""What was reported of a consultation, and what follows."""


class Standing(NamedTuple):
    """How a consultation stands: `closed`, `assigned` or `queued`, and since when."""

    stage: str
    since: datetime


def standing(facts: Facts, conclusions: Conclusions) -> Standing | None:
    """How it stands; None while nothing is asked, and of one who was referred because there is no channel."""
    visit = conclusions.visit
    if visit is None:
        return None
    if facts.closed_at is not None:
        return Standing("closed", facts.closed_at)
    if conclusions.assigned is not None:
        return Standing("assigned", conclusions.assigned.at)
    if visit.channel_id is None and is_referred(conclusions):
        return None
    return Standing("queued", visit.since)


def is_referred(conclusions: Conclusions) -> bool:
    """Whether an institution is named to which the patient can go."""
    return any(referral.institution_id is not None for referral in conclusions.referrals)


def _standing(known: Known) -> Mapping[str, Statement]:
    facts, conclusions = known
    stands, request, visit = standing(facts, conclusions), facts.request, conclusions.visit
    if stands is None or request is None or visit is None:
        return {}
    data = _fields(facts, request) | {"channel_id": visit.channel_id, "priority": conclusions.priority}
    if stands.stage == "closed":
        return {"standing": Statement(ConsultationClosed, stands.since, data | _closed(facts, request, stands.since))}
    data["answer_by"] = visit.answer_by
    if conclusions.assigned is None:
        return {"standing": Statement(ConsultationQueued, stands.since, data | {"queued_at": stands.since})}
    data |= {"expert_ref": conclusions.assigned.expert_ref, "assigned_at": stands.since}
    return {"standing": Statement(ConsultationAssigned, stands.since, data)}


def _fields(facts: Facts, request: Request) -> dict[str, Any]:
    """What every event of a consultation says of it."""
    return {
        "consultation_id": facts.consultation_id,
        "case_id": request.case_id,
        "jurisdiction": request.jurisdiction,
        "district": request.district,
    }


def _closed(facts: Facts, request: Request, closed_at: datetime) -> dict[str, Any]:
    held = facts.completion
    return {
        "outcome": "held" if held else "cancelled",
        "closed_at": closed_at,
        "requested_at": request.requested_at,
        "person_ref": request.person_ref,
        "mode": request.mode,
        "expert_ref": held.expert_ref if held else None,
        "refers": held.refers if held else False,
        "prescription_id": held.prescription_id if held else None,
    }


def _late(known: Known) -> Mapping[str | None, Statement]:
    """C3: of each channel in which nobody answered in time, and where the request went on to.

    In no channel somebody is late only where the patient was not referred either.
    """
    facts, conclusions = known
    if facts.request is None:
        return {}
    fields, visits = _fields(facts, facts.request), conclusions.visits
    return {
        visit.channel_id: Statement(
            ConsultationOverdue,
            visit.answer_by,
            fields
            | {
                "channel_id": visit.channel_id,
                "priority": conclusions.priority,
                "answer_by": visit.answer_by,
                "expert_ref": visit.had_by,
                "passed_to": passed_to,
            },
        )
        for visit, passed_to in zip(visits, [*(one.channel_id for one in visits[1:]), None], strict=True)
        if visit.overdue and (visit.channel_id is not None or not is_referred(conclusions))
    }


def _referrals(known: Known) -> Mapping[str, Statement]:
    """C2, C3, C5: of each reason for which the patient has to be seen."""
    facts, conclusions = known
    if facts.request is None:
        return {}
    fields = _fields(facts, facts.request)
    return {
        referral.why: Statement(
            ReferredOffline,
            referral.at,
            fields
            | {
                "channel_id": referral.channel_id,
                "why": referral.why,
                "referred_at": referral.at,
                "institution_id": referral.institution_id,
                "required_capabilities": referral.required,
            },
        )
        for referral in conclusions.referrals
    }


def _as_is(_case: object, _key: object, statement: Statement) -> Statement:
    return statement


announce: Announcer[Facts, Conclusions] = Announcer(
    {
        "standing": Things(lambda state: state[:2], _standing, _as_is),
        "late": Things(lambda state: state[:2], _late, _as_is),
        "referrals": Things(lambda state: state[:2], _referrals, _as_is),
    }
)
