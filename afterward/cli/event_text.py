"""Events in a line each: what a reader of a timeline or of `tail` wants to see of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from afterward.cli.console import printable

NAME_WIDTH = 22
"""The longest name of a message, and one more."""


def timeline_lines(events: Iterable[tuple[datetime, str, Mapping[str, Any]]], zone: ZoneInfo) -> Iterable[str]:
    """A case's events, a line each, in local time."""
    for at, name, data in events:
        yield f"{at.astimezone(zone):%Y-%m-%d %H:%M}  {name:<{NAME_WIDTH}} {summary(name, data)}".rstrip()


def name_of(type_: str) -> str:
    """The name in a CloudEvents type: `Discharged` of `afterward.Discharged.v1`; a type of others as it is."""
    _, dot, name = type_.partition("afterward.")
    return name.partition(".")[0] if dot else type_


def event_line(sequence: int | None, type_: str, subject: str, data: Any) -> str:
    """A row of `tail`: reports have no sequence. A stranger's text cannot steer the terminal."""
    name = name_of(type_)
    text = summary(name, data) if isinstance(data, Mapping) else ""
    return printable(tail_row("" if sequence is None else str(sequence), name, subject, text))


def tail_row(sequence: str, name: str, case: str, text: str) -> str:
    """The columns of `tail`, also of its head."""
    return f"{sequence:>8}  {name:<{NAME_WIDTH}} {case:<14}  {text}".rstrip()


def summary(name: str, data: Mapping[str, Any]) -> str:
    """The fields of an event that say what it is; whether it was withdrawn comes first."""
    shown = [f"{field} {_plain(data[field])}" for field in _FIELDS.get(name, ()) if data.get(field) not in (None, [])]
    return ", ".join([*(["withdrawn"] if data.get("withdrawn") else []), *shown])


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(part) for part in value.values())
    if isinstance(value, list):
        return "+".join(_plain(part) for part in value)
    return str(value)


_RESULT = ("result", "specimen_type", "setting", "status")
_SIGNS = ("temperature_c", "spo2_percent", "respiratory_rate_per_min")
_INSTITUTION = ("name", "kind", "jurisdiction", "district")

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "ReportRejected": ("report_type", "code", "at", "reason"),
    "InstitutionDeclared": _INSTITUTION,
    "InstitutionListed": _INSTITUTION,
    "TravellerArrived": ("origin_country", "flight", "age", "symptoms"),
    "LocalCaseReported": ("age", "confirmed_at"),
    "LocalCaseConfirmed": ("age", "confirmed_at"),
    "CaseExcluded": ("why",),
    "TransferOverdue": ("to_institution_id", "respond_by"),
    "PatientAdmitted": ("institution_id", "admitted_at"),
    "AdmissionCancelled": ("institution_id", "reason"),
    "TestResultReported": _RESULT,
    "TestResultRetracted": _RESULT,
    "VitalSignsReported": _SIGNS,
    "SymptomsReported": ("respiratory", "symptoms"),
    "ImagingReported": ("modality", "finding", "change"),
    "SeverityReported": ("severity",),
    "TreatmentGiven": ("category", "medication"),
    "ComorbidityReported": ("condition", "needs_regular_care"),
    "ComorbidityRecorded": ("condition", "needs_regular_care"),
    "DischargeApproved": ("approved_at", "panel"),
    "PatientDischarged": ("disposition", "destination", "institution_id"),
    "DischargeCancelled": ("reason",),
    "DischargeRevoked": ("why", "discharged_at"),
    "DischargeRuleViolated": ("protocol", "unmet"),
    "DayReported": ("local_date", "slot", "temperature_c", "reporter"),
    "CallReported": ("outcome", "called_at"),
    "ReturnVisitReported": ("visit", "attended_at"),
    "QuarantineCancelled": ("why",),
    "LostToFollowUp": ("why",),
    "LinkageAnswered": ("institution_id", "answer", "reason"),
    "CareDelivered": ("institution_id", "kind"),
    "AlertAcknowledged": ("institution_id", "acknowledged_at"),
    "BulletinPublished": ("edition", "in_hospital"),
    "BulletinRestated": ("edition", "in_hospital"),
    "ContactReported": ("outcome", "attempt", "reason"),
    "SubscriptionSwitched": ("on", "why"),
    "CaseImported": ("origin_country", "flight", "age", "basis"),
    "TransferRequested": ("to_institution_id", "required_capabilities"),
    "TransferCompleted": ("to_institution_id",),
    "Admitted": ("institution_id",),
    "TestResultRecorded": _RESULT,
    "TestResultCorrected": _RESULT,
    "VitalSignsRecorded": _SIGNS,
    "SymptomsRecorded": ("respiratory", "symptoms"),
    "ImagingRecorded": ("modality", "finding", "change"),
    "SeverityAssessed": ("severity", "by", "criteria"),
    "TreatmentRecorded": ("category", "medication"),
    "DischargeCriteriaMet": ("protocol",),
    "DischargeCriteriaLost": ("protocol",),
    "Discharged": ("disposition", "destination", "length_of_stay_days", "criteria_met"),
    "QuarantineStarted": ("day_1", "last_day", "days", "protocol"),
    "QuarantineDayLogged": ("day", "slot", "temperature_c", "reporter"),
    "QuarantineDayMissed": ("day", "local_date"),
    "CallRequested": ("why", "days", "attempt", "call_by"),
    "CallCompleted": ("outcome", "called_at"),
    "QuarantineCompleted": ("days_logged", "days_missed", "days_reached_by_phone"),
    "QuarantineHeld": ("missing",),
    "HomeVisitRequested": ("why", "days", "call_by"),
    "HealthAlertRaised": ("why", "severity", "day"),
    "ReturnVisitAttended": ("visit", "attended_at"),
    "ReturnVisitMissed": ("visit", "due_on"),
    "RetestedPositive": ("branch",),
    "QuarantineExtended": ("days", "last_day"),
    "PrimaryCareNotified": ("institution_id", "discharged_from", "last_day", "conditions"),
    "LinkageRequested": ("institution_id", "conditions", "medicines_last_until", "respond_by"),
    "LinkageAccepted": ("institution_id", "answered_at"),
    "LinkageDeclined": ("institution_id", "reason"),
    "LinkageEscalated": ("level", "to_institution_id", "why"),
    "LinkageClosed": ("why", "deliveries"),
    "AlertForwarded": ("institution_id", "why", "severity", "respond_by"),
    "AlertEscalated": ("level", "to_institution_id"),
    "AlertClosed": ("why", "acknowledged_at"),
    "ChannelOpened": ("name", "departments", "opened_at"),
    "ExpertRostered": ("expert_ref", "department", "from", "until"),
    "ConsultationRequested": ("channel_id", "age", "symptoms", "mode"),
    "ConsultationQueued": ("channel_id", "priority", "position", "answer_by"),
    "ConsultationAssigned": ("channel_id", "priority", "expert_ref"),
    "ConsultationClosed": ("outcome", "channel_id", "expert_ref", "prescription_id"),
    "ConsultationOverdue": ("channel_id", "priority", "answer_by", "passed_to"),
    "ReferredOffline": ("why", "institution_id", "required_capabilities"),
    "RosterGapFound": ("from", "until"),
    "PrescriptionIssued": ("items", "review_by"),
    "PrescriptionApproved": ("pharmacist_ref",),
    "PrescriptionRejected": ("why", "reason"),
    "PrescriptionOverdue": ("waits_for", "attempt", "due"),
    "MedicineDispatched": ("attempt",),
    "MedicineDelivered": ("attempt",),
    "DeliveryFailed": ("attempt", "reason"),
}
"""What is said of an event in a line: these fields of its data, in this order."""
