"""What each alert fires on, and beside it the nearest thing on which it stays quiet; in the words of `promtool`."""

from dataclasses import dataclass, field, replace
from typing import Final

S = 'service="treatment"'
JOB = 'job="afterward", instance="treatment:8080", service="treatment"'
SH = 'service="followup", jurisdiction="CN-SH"'


@dataclass(frozen=True)
class Case:
    """Series, each with a value a minute as `promtool` writes them; the alert is looked for at the minute `at`.

    `labels`: what the alert has beside its severity. Series that are shared, `both`, are there in either case.
    """

    labels: dict[str, str]
    fires: dict[str, str]
    quiet: dict[str, str]
    at: int = 30
    both: dict[str, str] = field(default_factory=dict)


def of(name: str, labels: str = S) -> str:
    """A series of ours."""
    return f"afterward_{name}{{{labels}}}"


def gauge(name: str, fires: str, quiet: str, labels: str = S, **case: str) -> Case:
    """An alert on one gauge."""
    return Case(case or {"service": "treatment"}, {of(name, labels): fires}, {of(name, labels): quiet})


SHANGHAI: Final = {"jurisdiction": "CN-SH"}

CASES: Final[dict[str, Case]] = {
    "ProcessDown": Case(
        {"job": "afterward", "instance": "treatment:8080", "service": "treatment"},
        {f"up{{{JOB}}}": "1x10 0x30"},
        {f"up{{{JOB}}}": "1x28 0 0 1x10"},
    ),
    "PartitionsUnread": Case(
        {"service": "treatment"},
        {of("partitions_held", f'{S}, instance="a"'): "3x40", of("partitions_held", f'{S}, instance="b"'): "2x40"},
        {of("partitions_held", f'{S}, instance="a"'): "3x40", of("partitions_held", f'{S}, instance="b"'): "3x40"},
    ),
    "Lagging": gauge("oldest_unjudged_seconds", "0x10 200x30", "119x40"),
    "TimersOverdue": gauge("oldest_overdue_seconds", "0x10 400x30", "299x40"),
    "NotPublishing": gauge("oldest_unacknowledged_event_seconds", "0x10 200x30", "0x25 200x2 0x10"),
    "BusAway": Case(
        {"service": "treatment"},
        {of("bus_unanswered_seconds", f'{S}, instance="{each}"'): "0x10 90x30" for each in "ab"},
        {
            of("bus_unanswered_seconds", f'{S}, instance="a"'): "90x40",
            of("bus_unanswered_seconds", f'{S}, instance="b"'): "0x40",
        },
    ),
    "DatabaseAway": Case(
        {"service": "treatment"},
        {of("database_answers", f'{S}, instance="{each}"'): "1x10 0x30" for each in "ab"},
        {
            of("database_answers", f'{S}, instance="a"'): "0x40",
            of("database_answers", f'{S}, instance="b"'): "1x40",
        },
    ),
    "DatabaseWentBack": replace(gauge("store_epoch", "2x70 3x10", "2x80"), at=75),
    "CasesBlocked": gauge("blocked_cases", "0x10 1x30", "0x40"),
    "CircularCases": gauge("circular_cases_total", "0x25 1x10", "1x40"),
    "SomebodyElseStates": Case(
        {"service": "treatment"},
        {of("events_of_others_total"): "0x25 2x10"},
        {of("events_of_others_total"): "2x40"},
        both={of("far_sequences_total"): "0x40"},
    ),
    "UnreadableRecords": gauge("unreadable_records_total", "0x25 1x10", "1x40"),
    "RecordsParked": gauge("parked_rows", "2x25 3x10", "3x40"),
    "ReportsRefused": Case(
        {"service": "treatment"},
        {of("rejected_reports_total", f'{S}, code="invalid"'): "0+5x120"},
        {of("rejected_reports_total", f'{S}, code="invalid"'): "0+0.5x120"},
        at=100,
        both={of("prompts_total"): "0+20x120"},
    ),
    "UrgentAlertsUnacknowledged": gauge(
        "oldest_unacknowledged_alert_seconds", "4000x40", "3599x40", f'{SH}, severity="urgent"', **SHANGHAI
    ),
    "AlertsUnacknowledged": gauge(
        *("oldest_unacknowledged_alert_seconds", "90000x40", "80000x40", f'{SH}, severity="high"'),
        jurisdiction="CN-SH",
        severity="high",
    ),
    "ConsultationsWaiting": Case(
        {"jurisdiction": "CN-SH", "class": "red_flag"},
        {of("oldest_waiting_consultation_seconds", f'{SH}, class="red_flag"'): "400x40"},
        {of("oldest_waiting_consultation_seconds", f'{SH}, class="other"'): "400x40"},
    ),
    "TransfersOverdue": Case(
        SHANGHAI,
        {of("transfers_awaited", f'{SH}, late="yes"'): "1x80"},
        {of("transfers_awaited", f'{SH}, late="no"'): "5x80"},
        at=70,
    ),
    "LinkagesUnanswered": Case(
        SHANGHAI,
        {of("linkages_unanswered", f'{SH}, late="yes"'): "1x80"},
        {of("linkages_unanswered", f'{SH}, late="no"'): "5x80"},
        at=70,
    ),
    "VisitsOverdue": Case(
        SHANGHAI,
        {of("followups_overdue", f'{SH}, kind="home_visit"'): "1x80"},
        {of("followups_overdue", f'{SH}, kind="call"'): "5x80"},
        at=70,
    ),
    "PatientsSilent": replace(gauge("patients_silent", "101x80", "100x80", SH, **SHANGHAI), at=70),
    "CasesAtUnknownPlaces": replace(gauge("cases_at_unknown_places", "1x80", "0x80"), at=70),
    "ErasuresUnfinished": replace(gauge("unfinished_erasure_rows", "1x1700", "1x1400 0x300"), at=1690),
    "FiguresOld": gauge("survey_timestamp_seconds", "60x40", "0+60x40"),
}
