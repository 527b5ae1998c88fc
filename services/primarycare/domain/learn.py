"""What primarycare learns from each message. Nothing is refused: what an answer is about may be learnt later."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import known_as, place, replace_versions
from schemas.events.discharge import Discharged, DischargeRevoked
from schemas.events.followup import HealthAlertRaised
from schemas.plans import STARTS_A_PLAN
from schemas.reports.primarycare import AlertAcknowledged, CareDelivered, LinkageAnswered
from services.primarycare.domain.facts import Acknowledgement, Alert, Answer, Care, Comorbidity, Discharge, Facts
from services.primarycare.domain.versions import Acknowledged, Answered, Severity, merged

HOMES = frozenset({"home", "isolation_site"})
"""The destinations near which somebody is told and asked (P1, P2)."""


def learn_discharged(facts: Facts, event: Discharged, receipt: Receipt) -> Facts:
    """How an episode left the ward: into a plan (F1), or otherwise after all."""
    residence = event.residence
    comorbidities = tuple(
        Comorbidity(one.condition, one.needs_regular_care, one.medicines_last_until)
        for one in event.comorbidities
        if one.active
    )
    jurisdiction = residence.jurisdiction if residence else event.jurisdiction or ""
    district = (residence.district if residence else event.district) or ""
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
        jurisdiction=jurisdiction,
        district=district,
        time_zone=event.time_zone,
        protocol=event.protocol,
        primary_institution_id=event.primary_institution_id,
        comorbidities=comorbidities,
        received_at=receipt.received_at,
        needs_since=receipt.received_at if needs and not event.withdrawn else None,
        places=((jurisdiction, district),),
        primaries=(event.primary_institution_id,) if event.primary_institution_id else (),
    )
    return having(facts, event.case_id, discharges=_kept(facts.discharges, discharge, _merged_discharges))


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
    return having(facts, event.case_id, discharges=_kept(facts.discharges, revoked, _merged_discharges))


def learn_alert(facts: Facts, event: HealthAlertRaised, receipt: Receipt) -> Facts:
    """Followup raised an alert, or has more evidence; one that does not say since when was raised as it came."""
    came_at, raised_at = receipt.received_at, event.raised_at or receipt.received_at
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
        received_at={} if event.withdrawn else {event.severity: came_at},
        round=event.round,
        jurisdiction=event.jurisdiction or "",
        district=event.district or "",
        time_zone=event.time_zone or "",
        versions=(Severity(came_at, receipt.rank, not event.withdrawn, event.severity, raised_at),),
    )
    return having(facts, event.case_id, alerts=_kept(facts.alerts, alert, _merged_alerts))


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
    return having(facts, report.case_id, answers=_kept(facts.answers, answer, _merged_versions))


def learn_care(facts: Facts, report: CareDelivered, receipt: Receipt) -> Facts:
    """Care was given."""
    care = Care(report.linkage_id, report.institution_id, report.delivered_at, report.kind, receipt.rank)
    return having(facts, report.case_id, care=place(facts.care, care))


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
    return having(facts, report.case_id, acknowledgements=_kept(facts.acknowledgements, seen, _merged_versions))


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
        "versions": merged((*_versions_of(before),), new.versions),
    }


def _versions_of(known: Answer | Acknowledgement) -> Iterable[Any]:
    """Those of one that the first edition stored: the one that held, as if it had come first."""
    if known.versions:
        return known.versions
    if isinstance(known, Answer):
        return (Answered(known.received_at, known.rank, known.accepted, known.answered_at),)
    return (Acknowledged(known.received_at, known.rank, known.acknowledged_at),)


def _merged_alerts(before: Alert, new: Alert) -> dict[str, Any]:
    """When each severity first came, in any version, and what it said when."""
    received_at = before.received_at | {
        severity: min(at, before.received_at.get(severity, at)) for severity, at in new.received_at.items()
    }
    return {"received_at": received_at, "versions": merged(alert_versions(before), new.versions)}


def alert_versions(alert: Alert) -> tuple[Severity, ...]:
    """What an alert said when; of one that the first edition stored, as far as that kept it."""
    if alert.versions:
        return alert.versions
    came = sorted(alert.received_at.items(), key=lambda one: (one[1], one[0] == alert.severity))
    first = tuple(Severity(at, "", True, severity, alert.raised_at) for severity, at in came)
    last = max((at for _, at in came), default=alert.raised_at)
    return (*first[:-1], Severity(last, alert.rank, alert.stands, alert.severity, alert.raised_at))


def _merged_discharges(before: Discharge, new: Discharge) -> dict[str, Any]:
    return {
        "received_at": min(before.came_at, new.came_at),
        "needs_since": _first(before.needs_since, new.needs_since),
        "places": tuple(sorted({*before.places, *new.places})),
        "primaries": tuple(sorted({*before.primaries, *new.primaries})),
    }


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


def having(facts: Facts, case_id: str, **changed: Any) -> Facts:
    """The facts with what was learnt; the same object when nothing was."""
    if all(getattr(facts, name) is value for name, value in changed.items()):
        return facts
    return replace(facts, case_id=case_id, **changed)
