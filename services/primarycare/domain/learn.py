"""What primarycare learns from each message. Nothing is refused: what an answer is about may be learnt later."""

from typing import Any

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import known_as, place, replace_versions, take
from schemas.events.discharge import Discharged, DischargeRevoked
from schemas.events.followup import HealthAlertRaised
from schemas.plans import STARTS_A_PLAN
from schemas.reports.primarycare import AlertAcknowledged, CareDelivered, LinkageAnswered
from services.primarycare.domain.facts import Acknowledgement, Alert, Answer, Care, Comorbidity, Discharge, Facts


def learn_discharged(facts: Facts, event: Discharged, receipt: Receipt) -> Facts:
    """How an episode left the ward: into a plan (F1), or otherwise after all."""
    residence = event.residence
    discharge = Discharge(
        episode=event.episode,
        starts=event.disposition in STARTS_A_PLAN,
        rank=receipt.rank,
        kind="withdrawn" if event.withdrawn else event.disposition,
        discharged_at=event.discharged_at,
        at=event.discharged_at,
        destination=event.destination,
        hospital_id=event.institution_id,
        jurisdiction=residence.jurisdiction if residence else "",
        district=residence.district if residence else "",
        time_zone=event.time_zone,
        protocol=event.protocol,
        primary_institution_id=event.primary_institution_id,
        comorbidities=tuple(
            Comorbidity(one.condition, one.needs_regular_care, one.medicines_last_until)
            for one in event.comorbidities
            if one.active
        ),
    )
    return _with(facts, event.case_id, discharges=place(facts.discharges, discharge))


def learn_revoked(facts: Facts, event: DischargeRevoked, receipt: Receipt) -> Facts:
    """A discharge is taken back."""
    kind = "withdrawn" if event.withdrawn else "revoked"
    revoked = Discharge(event.episode, False, receipt.rank, kind, event.discharged_at, event.revoked_at)
    return _with(facts, event.case_id, discharges=place(facts.discharges, revoked))


def learn_alert(facts: Facts, event: HealthAlertRaised, receipt: Receipt) -> Facts:
    """Followup raised an alert, or has more evidence; one that does not say since when was raised as it came."""
    alert = Alert(
        event.alert_id,
        receipt.rank,
        not event.withdrawn,
        event.episode,
        event.discharged_at,
        event.why,
        event.severity,
        event.day,
        event.evidence,
        event.raised_at or receipt.received_at,
        {} if event.withdrawn else {event.severity: receipt.received_at},
    )
    return _with(facts, event.case_id, alerts=_restated(facts.alerts, alert))


def learn_answer(facts: Facts, report: LinkageAnswered, receipt: Receipt) -> Facts:
    """An institution takes the patient on, or does not."""
    answer = Answer(
        report.linkage_id,
        report.institution_id,
        receipt.rank,
        receipt.received_at,
        report.answer == "accepted",
        report.answered_at,
        report.reason,
    )
    return _with(facts, report.case_id, answers=take(facts.answers, answer, replace))


def learn_care(facts: Facts, report: CareDelivered, receipt: Receipt) -> Facts:
    """Care was given."""
    care = Care(report.linkage_id, report.institution_id, report.delivered_at, report.kind, receipt.rank)
    return _with(facts, report.case_id, care=place(facts.care, care))


def learn_acknowledgement(facts: Facts, report: AlertAcknowledged, receipt: Receipt) -> Facts:
    """An institution has seen an alert."""
    seen = Acknowledgement(
        report.alert_id, report.institution_id, receipt.rank, receipt.received_at, report.acknowledged_at
    )
    return _with(facts, report.case_id, acknowledgements=take(facts.acknowledgements, seen, replace))


def _restated(alerts: tuple[Alert, ...], new: Alert) -> tuple[Alert, ...]:
    """`place`, but whichever version holds keeps when each severity first came, in any version."""
    before = known_as(alerts, new)
    if before is None:
        return place(alerts, new)
    received_at = before.received_at | {
        severity: min(at, before.received_at.get(severity, at)) for severity, at in new.received_at.items()
    }
    holds = new if new.rank > before.rank else before
    if holds is before and received_at == before.received_at:
        return alerts
    return replace_versions(alerts, (before,), (replace(holds, received_at=received_at),))


def _with(facts: Facts, case_id: str, **changed: Any) -> Facts:
    if all(getattr(facts, name) is value for name, value in changed.items()):
        return facts
    return replace(facts, case_id=case_id, **changed)
