"""Questions that others may ask of consultation's database; read only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, to_builtins
from msgspec.json import decode
from msgspec.structs import asdict

from chassis.questions.question import (
    CaseQuestion,
    Location,
    Question,
    Questions,
    ThingQuestion,
    WorkListQuestion,
    case_of_item,
)
from chassis.store.connection import Connection, sql
from chassis.store.pagination import Entry, Page, read_page
from schemas.places import plain_district
from services.consultation import answers
from services.consultation.context import copies
from services.consultation.domain import care
from services.consultation.domain import channel as of_a_channel
from services.consultation.domain import prescription as of_a_prescription
from services.consultation.domain.care import Care
from services.consultation.domain.channel.facts import Shift
from services.consultation.domain.channel.read_model import declaration
from services.consultation.domain.channel.rosters import Gap
from services.consultation.domain.consultation.explaining import request_of, routed
from services.consultation.domain.prescription.course import Attempt

_PACKAGE = "services.consultation.sql"


def case(facts: care.Facts, conclusions: care.Conclusions, now: datetime) -> dict[str, Any]:
    """What a patient in aftercare asked of online care, in the order of the requests, and what came of it."""
    return {"consultations": [_consultation(one) for one in conclusions.consultations]}


async def channel(connection: Connection, channel_id: str, now: datetime) -> dict[str, Any] | None:
    """A channel as it stands: what was held there since it opened (C7), who waits, and whose shifts come (C4).

    None of one that was never declared.
    """
    document = await connection.fetchval(sql("read_channel", _PACKAGE), channel_id)
    if document is None:
        return None
    known = decode(document, type=tuple[of_a_channel.Facts, of_a_channel.Conclusions])
    if not known[0].channel_id:  # it was looked for, and nothing was ever reported of it
        return None
    counts = await connection.fetchrow(sql("count_channel", _PACKAGE), channel_id)
    return roster(*known, now) | {"counts": dict(counts)}


def roster(facts: of_a_channel.Facts, conclusions: of_a_channel.Conclusions, now: datetime) -> dict[str, Any]:
    """What a channel is, who is on duty, whose shifts come, and when nobody is on the roster (C4)."""
    holds = declaration(facts, conclusions)
    shifts = [shift for shift in facts.shifts if shift.stands]
    return {
        "channel_id": facts.channel_id,
        "is_open": conclusions.is_open,
        "jurisdiction": conclusions.jurisdiction,
        "district": conclusions.district,
        "declaration": _without_rank(holds) if holds else None,
        "declarations": to_builtins([one.opened_at for one in facts.declarations]),
        "closings": to_builtins([one.closed_at for one in facts.closings]),
        "on_duty": [_shift(shift) for shift in shifts if shift.from_at <= now < shift.until],
        "to_come": [_shift(shift) for shift in shifts if shift.from_at > now],
        "gaps": [_gap(gap, now) for gap in conclusions.gaps],
        "looks_again_at": to_builtins(conclusions.due),
    }


def prescription(
    facts: of_a_prescription.Facts, conclusions: of_a_prescription.Conclusions, now: datetime
) -> dict[str, Any]:
    """Whether a prescription was issued and approved, where the medicine is, what is late, and what says nothing (C6).

    `ignored`: steps for which something has to come before that is not known, or that came a second time.
    """
    issue, review, course = conclusions.issue, conclusions.review, conclusions.course
    steps = course.ignored if conclusions.is_issued else facts.steps
    return {
        "prescription_id": facts.prescription_id or (issue.prescription_id if issue else None),
        "issue": to_builtins(asdict(issue)) if issue else None,
        "is_issued": conclusions.is_issued,
        "review": _without_rank(review) if review else None,
        "dispensed_at": to_builtins(course.dispensed.at) if course.dispensed else None,
        "deliveries": [_attempt(attempt) for attempt in course.attempts],
        "waits_for": to_builtins(asdict(conclusions.waiting)) if conclusions.waiting else None,
        "overdue": to_builtins([asdict(one) for one in conclusions.overdue]),
        "ignored": [_without_rank(one) for one in steps],
        "looks_again_at": to_builtins(conclusions.due),
    }


async def route(connection: Connection, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Where a patient would be sent who asks now, why, and why not elsewhere (C2); nothing is written.

    `asked`: fields of a `ConsultationRequested` that say who the patient is. Raises Invalid.
    """
    request = request_of(asked, now)
    return routed(request, *await copies(connection))


async def consultations(connection: Connection, page: Page) -> list[Entry]:
    """The consultations that nobody has held, by when: `domain.consultation.read_model.ConsultationItem`s (C3)."""
    return await _read(connection, "list_consultations", page)


async def rosters(connection: Connection, page: Page) -> list[Entry]:
    """The channels with a gap in their roster, by when the first begins: `domain.channel.read_model.GapItem`s."""
    return await _read(connection, "list_rosters", page)


async def prescriptions(connection: Connection, page: Page) -> list[Entry]:
    """The prescriptions that wait for a pharmacist, by when: `domain.prescription.read_model.Item`s."""
    return await _read(connection, "list_prescriptions", page)


async def deliveries(connection: Connection, page: Page) -> list[Entry]:
    """The medicines that wait to be dispensed, sent or brought, by when: `domain.prescription.read_model.Item`s."""
    return await _read(connection, "list_deliveries", page)


async def _read(connection: Connection, name: str, page: Page) -> list[Entry]:
    """Districts are compared without case, blanks and accents."""
    of = page if page.district is None else page._replace(district=plain_district(page.district))
    return await read_page(connection, sql(name, _PACKAGE), of)


def _without_rank(reported: Struct) -> dict[str, Any]:
    """A reported thing; which of its versions it is says nothing to people."""
    shown: dict[str, Any] = to_builtins(asdict(reported))
    return {name: value for name, value in shown.items() if name != "rank"}


def _consultation(one: Care) -> dict[str, Any]:
    shown: dict[str, Any] = to_builtins(asdict(one))
    return {name: value for name, value in shown.items() if name != "case_id"}


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "expert_ref": shift.expert_ref,
        "department": shift.department,
        "prescriber": shift.prescriber,
        "from": to_builtins(shift.from_at),
        "until": to_builtins(shift.until),
    }


def _gap(gap: Gap, now: datetime) -> dict[str, Any]:
    return {"from": to_builtins(gap.from_at), "until": to_builtins(gap.until), "is_over": gap.until <= now}


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt": attempt.number,
        "dispatched_at": to_builtins(attempt.dispatched.at),
        "outcome": attempt.outcome or None,
        "ended_at": to_builtins(attempt.ended.at) if attempt.ended else None,
        "reason": attempt.reason,
    }


def place(facts: care.Facts, conclusions: care.Conclusions) -> Location | None:
    """Where the patient last asked from."""
    last = conclusions.consultations[-1] if conclusions.consultations else None
    return Location(last.jurisdiction, last.district) if last and last.jurisdiction else None


def _place_of_prescription(
    facts: of_a_prescription.Facts, conclusions: of_a_prescription.Conclusions
) -> Location | None:
    issue = conclusions.issue
    return Location(issue.jurisdiction, issue.district) if issue and issue.jurisdiction else None


def _case_of(facts: of_a_prescription.Facts, conclusions: of_a_prescription.Conclusions) -> str | None:
    return conclusions.issue.case_id if conclusions.issue else None


async def channel_asked(connection: Connection, asked: answers.ChannelAsked, now: datetime) -> dict[str, Any] | None:
    """A channel as it stands."""
    return await channel(connection, asked.channel_id, now)


def _place_of_channel(asked: answers.ChannelAsked, answer: Mapping[str, Any]) -> Location | None:
    return Location(answer["jurisdiction"], answer["district"]) if answer["jurisdiction"] else None


async def route_asked(connection: Connection, asked: answers.RouteAsked, now: datetime) -> dict[str, Any]:
    """Where a patient would be sent who asks now, and why; nothing is written."""
    return await route(connection, asked.given, now)


def _place_of_patient(asked: answers.RouteAsked, answer: Mapping[str, Any]) -> Location | None:
    return Location(asked.jurisdiction, asked.district)


QUESTIONS: Final[Questions] = (
    CaseQuestion(case, answers.Case, place),
    ThingQuestion(
        "/prescriptions/{prescription_id}",
        "prescription",
        prescription,
        answers.Prescription,
        "read:cases",
        _place_of_prescription,
        _case_of,
    ),
    Question(
        "/channels/{channel_id}",
        channel_asked,
        answers.ChannelAsked,
        answers.Channel,
        _place_of_channel,
        missing="the channel was never declared",
    ),
    Question("/route", route_asked, answers.RouteAsked, answers.Route, _place_of_patient, method="POST"),
    WorkListQuestion("consultations", consultations, answers.Consulted, case_of_item),
    WorkListQuestion("rosters", rosters, answers.RosterGap, case_of_item),
    WorkListQuestion("prescriptions", prescriptions, answers.Reviewed, case_of_item),
    WorkListQuestion("deliveries", deliveries, answers.Delivered, case_of_item),
)
