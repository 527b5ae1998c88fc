"""What primarycare learns from each message. Nothing is refused: what an answer is about may be learnt later."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import known_as, place, replace_versions
from schemas.events.discharge import Discharged, DischargeRevoked, OtherStayEnded
from schemas.events.followup import HealthAlertRaised, PlanEvent, QuarantineCancelled, QuarantineStarted
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import Admitted
from schemas.places import plain_district
from schemas.plans import STARTS_A_PLAN
from schemas.reports.primarycare import AlertAcknowledged, CareDelivered, LinkageAnswered
from services.primarycare.domain.facts import (
    HOMES,
    Acknowledgement,
    Alert,
    Answer,
    Care,
    Comorbidity,
    Confirmation,
    Discharge,
    Facts,
    Plan,
    Standing,
    Stay,
    StayEnd,
)
from services.primarycare.domain.versions import Acknowledged, Answered, Named, Severity, merged


def learn_discharged(facts: Facts, event: Discharged, receipt: Receipt) -> Facts:
    """How an episode left the ward: into a plan (F1), or otherwise after all."""
    residence = event.residence
    comorbidities = tuple(
        Comorbidity(one.condition, one.needs_regular_care, one.medicines_last_until)
        for one in event.comorbidities
        if one.active
    )
    home = (residence.jurisdiction if residence else event.jurisdiction) or "", (residence or event).district or ""
    needs = event.destination in HOMES and any(one.needs_regular_care for one in comorbidities)
    discharge = Discharge(
        episode=event.episode,
        starts=event.disposition in STARTS_A_PLAN,
        rank=receipt.rank,
        kind="withdrawn" if event.withdrawn else event.disposition,
        discharged_at=event.discharged_at,
        at=event.discharged_at,
        destination=event.destination or "",
        hospital_id=event.institution_id,
        jurisdiction=home[0],
        district=home[1],
        time_zone=event.time_zone,
        protocol=event.protocol,
        primary_institution_id=event.primary_institution_id,
        comorbidities=comorbidities,
        received_at=receipt.received_at,
        needs_since=receipt.received_at if needs and not event.withdrawn else None,
        places=(home,),
        primaries=(event.primary_institution_id,) if event.primary_institution_id else (),
        named_when=(
            Named(receipt.received_at, receipt.rank, event.institution_id, event.primary_institution_id, *home),
        ),
    )
    return _with(facts, event.case_id, discharges=_kept(facts.discharges, discharge, _merged_discharges))


def learn_revoked(facts: Facts, event: DischargeRevoked, receipt: Receipt) -> Facts:
    """A discharge is taken back; without an institution it is the one that discharged."""
    revoked = Discharge(
        event.episode,
        False,
        receipt.rank,
        "withdrawn" if event.withdrawn else "revoked",
        event.discharged_at,
        event.revoked_at,
        why=event.why,
        received_at=receipt.received_at,
    )
    return _with(facts, event.case_id, discharges=_kept(facts.discharges, revoked, _merged_discharges))


def learn_alert(facts: Facts, event: HealthAlertRaised, receipt: Receipt) -> Facts:
    """Followup raised an alert, or has more evidence; one that does not say since when was raised as it came."""
    first_received_at, raised_at = receipt.received_at, event.raised_at or receipt.received_at
    alert = Alert(
        alert_id=event.alert_id,
        rank=receipt.rank,
        stands=not event.withdrawn,
        episode=event.episode,
        discharged_at=event.discharged_at,
        why=event.why,
        severity=event.severity,
        day=event.day,
        evidence=event.evidence,
        raised_at=raised_at,
        received_at={} if event.withdrawn else {event.severity: first_received_at},
        round=event.round,
        jurisdiction=event.jurisdiction or "",
        district=event.district or "",
        time_zone=event.time_zone or "",
        versions=(Severity(first_received_at, receipt.rank, not event.withdrawn, event.severity, raised_at),),
    )
    return _with(facts, event.case_id, alerts=_kept(facts.alerts, alert, _merged_alerts))


def learn_answer(facts: Facts, report: LinkageAnswered, receipt: Receipt) -> Facts:
    """An institution takes the patient on, or does not."""
    accepted = report.answer == "accepted"
    answer = Answer(
        report.linkage_id,
        report.institution_id,
        receipt.rank,
        receipt.received_at,
        accepted,
        report.answered_at,
        report.reason,
        (Answered(receipt.received_at, receipt.rank, accepted, report.answered_at),),
    )
    return _with(facts, report.case_id, answers=_kept(facts.answers, answer, _merged_versions))


def learn_care(facts: Facts, report: CareDelivered, receipt: Receipt) -> Facts:
    """Care was given."""
    care = Care(report.linkage_id, report.institution_id, report.delivered_at, report.kind, receipt.rank)
    return _with(facts, report.case_id, care=place(facts.care, care))


def learn_acknowledgement(facts: Facts, report: AlertAcknowledged, receipt: Receipt) -> Facts:
    """An institution has seen an alert."""
    seen = Acknowledgement(
        report.alert_id,
        report.institution_id,
        receipt.rank,
        receipt.received_at,
        report.acknowledged_at,
        (Acknowledged(receipt.received_at, receipt.rank, report.acknowledged_at),),
    )
    return _with(facts, report.case_id, acknowledgements=_kept(facts.acknowledgements, seen, _merged_versions))


def learn_confirmed(facts: Facts, event: CaseImported | LocalCaseConfirmed, receipt: Receipt) -> Facts:
    """An episode is a confirmed case."""
    confirmed = Confirmation(event.episode, receipt.rank, not event.withdrawn, receipt.received_at)
    return _with(facts, event.case_id, confirmations=place(facts.confirmations, confirmed))


def learn_excluded(facts: Facts, event: CaseExcluded, receipt: Receipt) -> Facts:
    """The episode never was (I2)."""
    at = None if event.withdrawn else event.excluded_at
    excluded = Confirmation(event.episode, receipt.rank, False, receipt.received_at, at)
    return _with(facts, event.case_id, confirmations=place(facts.confirmations, excluded))


def learn_plan(facts: Facts, event: QuarantineStarted, receipt: Receipt) -> Facts:
    """Where followup watches the patient (F9); of a place that is said again the first time counts."""
    if event.discharged_at is None:
        return facts
    plan = Plan(
        episode=event.episode,
        discharged_at=event.discharged_at,
        rank=receipt.rank,
        stands=not event.withdrawn,
        received_at=receipt.received_at,
        jurisdiction=event.jurisdiction or "",
        district=event.district or "",
        time_zone=event.time_zone or "",
        primary_institution_id=event.primary_institution_id,
    )
    before = known_as(facts.plans, plan)
    if before is not None and _says_the_same_place(before, plan):
        holds = plan if plan.rank > before.rank else before
        first = replace(holds, received_at=min(before.received_at, plan.received_at))
        plans = facts.plans if first == before else replace_versions(facts.plans, (before,), (first,))
        return _with(facts, event.case_id, plans=plans)
    return _with(facts, event.case_id, plans=place(facts.plans, plan))


def learn_standing(facts: Facts, event: PlanEvent, receipt: Receipt) -> Facts:
    """How a plan stands (F8): what cancelled it ends what primary care has begun, unless it did not."""
    if event.discharged_at is None:
        return facts
    cancelled = event.why if isinstance(event, QuarantineCancelled) and not event.withdrawn else ""
    standing = Standing(event.episode, event.discharged_at, receipt.rank, receipt.received_at, cancelled)
    before = known_as(facts.standings, standing)
    if before is not None and before.cancelled == cancelled:
        first = replace(
            before,
            rank=max(before.rank, standing.rank),
            received_at=min(before.received_at, standing.received_at),
        )
        standings = facts.standings if first == before else replace_versions(facts.standings, (before,), (first,))
        return _with(facts, event.case_id, standings=standings)
    return _with(facts, event.case_id, standings=place(facts.standings, standing))


def learn_admitted(facts: Facts, event: Admitted, receipt: Receipt) -> Facts:
    """The patient lies in an institution, from then on."""
    stay = Stay(event.institution_id, event.admitted_at, receipt.rank, not event.withdrawn)
    return _with(facts, event.case_id, stays=place(facts.stays, stay))


def learn_stay_ended(facts: Facts, event: OtherStayEnded, receipt: Receipt) -> Facts:
    """A stay after the discharge is over (D8)."""
    end = StayEnd(event.admitted_at, event.ended_at, receipt.rank, not event.withdrawn)
    return _with(facts, event.case_id, stay_ends=place(facts.stay_ends, end))


T = TypeVar("T", Discharge, Alert, Answer, Acknowledgement)


def _kept(known: tuple[T, ...], new: T, merge: Callable[[T, T], dict[str, Any]]) -> tuple[T, ...]:
    """`place`, but whichever version holds keeps what `merge` says of both."""
    before = known_as(known, new)
    if before is None:
        return place(known, new)
    holds = new if new.rank > before.rank else before
    kept = replace(holds, **merge(before, new))
    return known if kept == before else replace_versions(known, (before,), (kept,))


def _merged_versions(before: Answer | Acknowledgement, new: Answer | Acknowledgement) -> dict[str, Any]:
    """When the thing first came, and what it said when."""
    return {
        "received_at": min(before.received_at, new.received_at),
        "versions": merged(before.history, new.history),
    }


def _merged_alerts(before: Alert, new: Alert) -> dict[str, Any]:
    """When each severity first came, in any version, and what it said when."""
    received_at = before.received_at | {
        severity: min(at, before.received_at.get(severity, at)) for severity, at in new.received_at.items()
    }
    return {"received_at": received_at, "versions": merged(before.history, new.history)}


def _merged_discharges(before: Discharge, new: Discharge) -> dict[str, Any]:
    return {
        "received_at": min(before.first_received_at, new.first_received_at),
        "needs_since": _first(before.needs_since, new.needs_since),
        "places": tuple(sorted({*before.places, *new.places})),
        "primaries": tuple(sorted({*before.primaries, *new.primaries})),
        "placed_at": _placed_at(before, new),
        "named_when": merged(before.history, new.history),
    }


def _placed_at(before: Discharge, new: Discharge) -> datetime:
    """Since when a discharge names what it names now: a version that names another place begins anew."""
    since, at = before.placed_at or before.first_received_at, new.first_received_at
    if new.named == before.named:
        return min(since, at)
    return at if new.rank > before.rank else since


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _with(facts: Facts, case_id: str, **changed: Any) -> Facts:
    """The facts with what was learnt; the same object when nothing was."""
    if all(getattr(facts, name) is value for name, value in changed.items()):
        return facts
    return replace(facts, case_id=case_id, **changed)


def _says_the_same_place(before: Plan, plan: Plan) -> bool:
    return (before.jurisdiction, before.primary_institution_id, before.stands) == (
        plan.jurisdiction,
        plan.primary_institution_id,
        plan.stands,
    ) and plain_district(before.district) == plain_district(plan.district)
