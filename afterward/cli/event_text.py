"""Events in a line each: what a reader of a timeline or of `tail` wants to see of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


def timeline_lines(events: Iterable[tuple[datetime, str, Mapping[str, Any]]], zone: ZoneInfo) -> Iterable[str]:
    """A case's events, a line each, in local time."""
    for at, name, data in events:
        withdrawn = " (withdrawn)" if data.get("withdrawn") else ""
        yield f"{at.astimezone(zone):%Y-%m-%d %H:%M}  {name:<22} {_gist(name, data)}{withdrawn}".rstrip()


_GIST: Mapping[str, tuple[str, ...]] = {
    "CaseImported": ("origin_country", "flight", "age", "basis"),
    "TransferRequested": ("to_institution_id", "required_capabilities"),
    "TransferCompleted": ("to_institution_id",),
    "Admitted": ("institution_id",),
    "TestResultRecorded": ("specimen_type", "result", "setting", "status"),
    "TestResultCorrected": ("specimen_type", "result", "setting", "status"),
    "VitalSignsRecorded": ("temperature_c", "spo2_percent", "respiratory_rate_per_min"),
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
}


def _gist(name: str, data: Mapping[str, Any]) -> str:
    """The fields of an event that a reader of a timeline wants to see."""
    return ", ".join(
        f"{field} {_plain(data[field])}" for field in _GIST.get(name, ()) if data.get(field) not in (None, [])
    )


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(part) for part in value.values())
    if isinstance(value, list):
        return "+".join(_plain(part) for part in value)
    return str(value)
