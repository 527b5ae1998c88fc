"""The tables and lines that people look at: a bulletin, the demo's board, a timeline."""

import time
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.live import Live
from rich.table import Table

from afterward.cli.console import out
from afterward.demo.listener import Listener

EVERY_DAYS = 28
"""Without a terminal, one line in so many days."""


def bulletin_table(bulletin: Mapping[str, Any]) -> Table:
    """A bulletin as the commission prints it."""
    table = Table("", "total", "imported", "local", title=f"{bulletin['jurisdiction']}, {bulletin['date']}")
    for label, group in (("new", "new"), ("cumulative", "cumulative")):
        for name, figure in bulletin[group].items():
            table.add_row(f"{label} {name}", *_cells(figure))
    table.add_row("in hospital", *_cells(bulletin["in_hospital"]))
    notes = [f"discharged {_breakdown(name, cells)}" for name, cells in bulletin["discharges"].items() if cells]
    if youngest := bulletin.get("youngest"):
        age = youngest["age"]
        notes.append(f"youngest ({youngest['scope']}, {youngest['as_of']}): {age['value']} {age['unit']}")
    table.caption = "\n".join(notes) or None
    return table


def _cells(figure: Mapping[str, int]) -> tuple[str, str, str]:
    return str(figure["total"]), str(figure["imported"]), str(figure["local"])


def _breakdown(name: str, cells: Mapping[str, int]) -> str:
    ordered = sorted(cells.items(), key=lambda cell: (-cell[1], cell[0]))
    return f"{name.replace('_', ' ')}: " + ", ".join(f"{category} {count}" for category, count in ordered)


class Board:
    """The demo while it runs: drawn anew on a terminal, a plain line now and then anywhere else."""

    def __init__(self) -> None:
        self._live = Live(console=out, refresh_per_second=4) if out.is_terminal else None
        self._began = time.monotonic()
        self._days = 0

    def __enter__(self) -> "Board":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def after_day(self, day: date, reports: int, listener: Listener) -> None:
        """One more day of the story has been judged."""
        self._days += 1
        if self._live:
            self._live.update(self._table(day, reports, listener))
        elif self._days % EVERY_DAYS == 0:
            events = sum(listener.counts.values())
            out.print(f"{day}  {reports:>6} reports  {events:>7} events  {self._seconds():>4.0f} s")

    def _table(self, day: date, reports: int, listener: Listener) -> Table:
        table = Table("topic", "events", title=f"{day}   {reports} reports   {self._seconds():.0f} s")
        for topic, count in sorted(listener.counts.items()):
            table.add_row(topic, str(count))
        return table

    def _seconds(self) -> float:
        return time.monotonic() - self._began


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
