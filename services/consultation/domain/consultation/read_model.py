"""The consultation's row in `consultation_request`: its place in the queue, what is counted of it, what others need."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.json import encode

from schemas.places import plain_district
from schemas.reference import time_zone_of
from schemas.values import is_code
from services.consultation.domain.care import Care
from services.consultation.domain.consultation.announce import Standing, standing
from services.consultation.domain.consultation.conclude import Conclusions, ConsultationState
from services.consultation.domain.consultation.facts import Completion, Facts, Request
from services.consultation.domain.consultation.queue import Online, Place, place_of
from services.consultation.domain.prescription import Issue
from services.consultation.policy import CLASSES

UNKNOWN_ZONE = "UTC"


class Row(NamedTuple):
    """One consultation for all that spans several.

    `class_rank`, `requested_at`: its place in the queue of the channel. `waiting`: nobody has it. `unplaced`: it is
    in no channel. `held_by`: the expert, of one that was held (C7). `answer_by`, `item`: while somebody has to do
    something, as the work list shows it. `care`: what is said under the patient's case. `prescription`: as written,
    once the roster has been looked at. `unproven`: no prescriber on duty is known to have written it. `calls`: the
    channel in which many places were free when it was assigned, so that more of those who wait there are looked at.
    """

    jurisdiction: str
    district: str
    plain_district: str
    channel_id: str | None
    class_rank: int
    requested_at: datetime
    waiting: bool
    assigned: bool
    unplaced: bool
    open: bool
    expert_ref: str | None
    person_ref: str
    held_by: str | None
    refers: bool
    referred_to: str | None
    seeks: bool
    answer_by: datetime | None
    item: str | None
    case_id: str | None
    care: str | None
    prescription_id: str | None
    prescription: str | None
    unproven: bool
    calls: str | None


COLUMNS: Final = {
    "jurisdiction": "text",
    "district": "text",
    "plain_district": "text",
    "channel_id": "text",
    "class_rank": "integer",
    "requested_at": "timestamptz",
    "waiting": "boolean",
    "assigned": "boolean",
    "unplaced": "boolean",
    "open": "boolean",
    "expert_ref": "text",
    "person_ref": "text",
    "held_by": "text",
    "refers": "boolean",
    "referred_to": "text",
    "seeks": "boolean",
    "answer_by": "timestamptz",
    "item": "json",
    "case_id": "text",
    "care": "json",
    "prescription_id": "text",
    "prescription": "json",
    "unproven": "boolean",
    "calls": "text",
}


class ConsultationItem(Struct, frozen=True):
    """A consultation that somebody has to answer, or a patient for whom nothing is known.

    `stage`: `queued` or `assigned`. `overdue`: how many channels did not answer in time.
    """

    stage: str
    priority: str
    channel_id: str | None
    expert_ref: str | None
    since: datetime
    overdue: int
    referred_to: str | None
    time_zone: str
    kind: str = "consultation"


def row(state: ConsultationState) -> tuple[Any, ...] | None:
    """The values in the order of the table's columns; None while nothing is asked."""
    facts, conclusions, _ = state
    request, visit = facts.request, conclusions.visit
    stands = standing(facts, conclusions)
    if request is None or visit is None:
        return None
    held = facts.completion
    is_open = facts.closed_at is None
    referred_to = next((one.institution_id for one in reversed(conclusions.referrals) if one.institution_id), None)
    listed = is_open and stands is not None
    is_looked_at = bool(conclusions.prescribed or conclusions.unprescribed)
    return Row(
        request.jurisdiction,
        request.district or "",
        plain_district(request.district),
        visit.channel_id,
        CLASSES.index(conclusions.priority),
        request.requested_at,
        waiting=is_open and visit.channel_id is not None and conclusions.assigned is None,
        assigned=conclusions.assigned is not None,
        unplaced=visit.channel_id is None and not visit.overdue,
        open=is_open,
        expert_ref=conclusions.assigned.expert_ref if conclusions.assigned else None,
        person_ref=request.person_ref,
        held_by=held.expert_ref if held else None,
        refers=bool(held and held.refers),
        referred_to=referred_to,
        seeks=any(one.institution_id is None for one in conclusions.referrals),
        answer_by=visit.answer_by if listed else None,
        item=_item(conclusions, request, stands, referred_to) if listed and stands else None,
        case_id=request.case_id,
        care=_care(facts, request, conclusions, stands, referred_to) if request.case_id else None,
        prescription_id=held.prescription_id if held and is_looked_at else None,
        prescription=_prescription(facts, request, held, conclusions) if held and is_looked_at else None,
        unproven=is_unproven(state),
        calls=visit.channel_id if conclusions.assigned and conclusions.assigned.calls else None,
    )


def is_unproven(state: ConsultationState) -> bool:
    """Whether no prescriber on duty is known to have written its prescription (C6)."""
    held = state.facts.completion
    return held is not None and held.prescription_id is not None and not state.conclusions.prescribed


def _item(conclusions: Conclusions, request: Request, stands: Standing, referred_to: str | None) -> str:
    item = ConsultationItem(
        stands.stage,
        conclusions.priority,
        conclusions.channel_id,
        conclusions.assigned.expert_ref if conclusions.assigned else None,
        stands.since,
        sum(visit.overdue for visit in conclusions.visits),
        referred_to,
        time_zone_of(request.jurisdiction) or UNKNOWN_ZONE,
    )
    return encode(item).decode()


def _care(
    facts: Facts, request: Request, conclusions: Conclusions, stands: Standing | None, referred_to: str | None
) -> str:
    held = facts.completion
    state = {"closed": "held" if held else "cancelled", "assigned": "assigned"}.get(stands.stage if stands else "")
    care = Care(
        request.case_id or "",
        facts.consultation_id,
        request.requested_at,
        tuple(symptom for symptom in (*request.symptoms, *request.red_flags) if is_code(symptom)),
        state or ("waiting" if stands else "referred"),
        held.completed_at if held else None,
        bool(held and held.refers),
        referred_to,
        request.jurisdiction,
        request.district,
        time_zone_of(request.jurisdiction) or UNKNOWN_ZONE,
    )
    return encode(care).decode()


def _prescription(facts: Facts, request: Request, held: Completion, conclusions: Conclusions) -> str:
    issue = Issue(
        held.prescription_id or "",
        facts.consultation_id,
        conclusions.channel_id,
        request.jurisdiction,
        request.district,
        held.expert_ref,
        held.items,
        held.completed_at,
        bool(conclusions.prescribed),
        request.case_id,
        held.received_at,
    )
    return encode(issue).decode()


def wakes(before: ConsultationState, after: ConsultationState) -> list[tuple[str, str]]:
    """Who is judged again: itself under the lock of the channel that it has come to, its prescription, its case."""
    woken: list[tuple[str, str]] = []
    facts, conclusions, _ = after
    has_moved = conclusions.channel_id is not None and conclusions.channel_id != before.conclusions.channel_id
    waits = facts.closed_at is None and conclusions.assigned is None and conclusions.stood_in != conclusions.channel_id
    if (has_moved and waits) or (is_unproven(after) and not (is_unproven(before) and not has_moved)):
        woken.append(("consultation", facts.consultation_id))
    was, now = _shown(before), _shown(after)
    for kind, place in (("prescription", 0), ("case", 1)):
        if was[place] != now[place]:
            woken += [(kind, shown[0]) for shown in (was[place], now[place]) if shown is not None]
    return list(dict.fromkeys(woken))


def _shown(state: ConsultationState) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """What the prescription, and the case, are shown of it; each with its key."""
    facts = state.facts
    says_nothing = facts.completion is None and (facts.request is None or facts.request.case_id is None)
    made = None if says_nothing else row(state)
    if made is None:
        return None, None
    found = Row(*made)
    prescription = (found.prescription_id, found.prescription) if found.prescription_id and found.prescription else None
    care = (found.case_id, found.care) if found.case_id and found.care else None
    return prescription, care


def with_taken(world: Online, before: ConsultationState, after: ConsultationState) -> Online:
    """The queues as the next consultation of the batch must see them, with what this one has taken or left."""
    for state, more in ((before, -1), (after, 1)):
        conclusions, request = state.conclusions, state.facts.request
        queue = world.queue(conclusions.channel_id)
        if queue is None or request is None or conclusions.channel_id is None:
            continue
        if conclusions.assigned is not None:
            queue = queue.with_open(conclusions.assigned.expert_ref, more)
        elif more < 0:
            queue = queue.without(state.facts.consultation_id)
        elif state.facts.closed_at is None:
            queue = queue.with_waiting(_place(state.facts, request, conclusions))
        world = world.with_queue(conclusions.channel_id, queue)
    return world


def _place(facts: Facts, request: Request, conclusions: Conclusions) -> Place:
    return place_of(conclusions.priority, request.requested_at, facts.consultation_id)
