"""What the two dashboards show: of the database the greatest of what its processes say, of processes the sum."""

from typing import Final

from afterward.monitoring.panels import Dashboard, Panel, Query, asked

RATE: Final = "[$__rate_interval]"


def _each(metric: str, by: str = "service", **others: str) -> Query:
    """What is of the database, or the worst of the processes."""
    labels = [label.strip() for label in by.split(",")]
    return Query(f"max by ({by}) ({asked(metric, **others)})", " ".join(f"{{{{{label}}}}}" for label in labels))


def _all(metric: str, **others: str) -> Query:
    """One number: what is of the databases, added up over services and places."""
    labels = "service, jurisdiction" if others else "service"
    return Query(f"sum(max by ({labels}) ({asked(metric, **others)}))", "all")


def _rate(metric: str, by: str = "service") -> Query:
    labels = " ".join(f"{{{{{label}}}}}" for label in by.split(", "))
    return Query(f"sum by ({by}) (rate({asked(metric)}{RATE}))", labels)


def _quantile(metric: str, by: str) -> Query:
    rate = f"sum by (le, {by}) (rate({asked(f'{metric}_bucket')}{RATE}))"
    return Query(f"histogram_quantile(0.95, {rate})", f"{{{{{by}}}}}")


_UP = Query('sum(up{job=~"$job", instance=~"$instance"})', "answer")
_MEAN_BATCH = Query(
    f"sum by (service) (rate({asked('batch_records_sum')}{RATE})) / "
    f"sum by (service) (rate({asked('batch_records_count')}{RATE}))",
    "{{service}}",
)
_NOW: Final = "stat"

OPERATIONS: Final = Dashboard(
    "afterward-operations",
    "Afterward: operations",
    "Whether every record is judged, every event said, and every instant noticed.",
    (
        Panel("Processes", "Processes that answer Prometheus.", "short", (_UP,), _NOW),
        Panel("Cases blocked", "Nobody judges them. Runbook: blocked.", "short", (_all("blocked_cases"),), _NOW),
        Panel("Records parked", "Kept aside with their bytes.", "short", (_all("parked_rows"),), _NOW),
        Panel(
            "Partitions held",
            "Of each process: six a service.",
            "short",
            (Query(f"sum({asked('partitions_held')})", "held"),),
            _NOW,
        ),
        Panel("Oldest record not judged", "At most; of the slowest process.", "s", (_each("oldest_unjudged_seconds"),)),
        Panel(
            "Records behind",
            "On the bus, not handed to a worker.",
            "short",
            (Query(f"sum by (service) ({asked('records_behind')})", "{{service}}"),),
        ),
        Panel(
            "Lag by topic and partition",
            "The ten longest, at most.",
            "s",
            (Query(f"topk(10, max by (topic, partition) ({asked('lag_seconds')}))", "{{topic}} {{partition}}"),),
        ),
        Panel("Records judged", "By service, each second.", "ops", (_rate("records_total"),)),
        Panel(
            "Events stated and acknowledged",
            "All services, each second.",
            "ops",
            (
                Query(f"sum(rate({asked('events_emitted_total')}{RATE}))", "stated"),
                Query(f"sum(rate({asked('events_published_total')}{RATE}))", "acknowledged"),
            ),
        ),
        Panel("Rows judged by the clock", "Each second: what was due, or woken.", "ops", (_rate("wakeups_total"),)),
        Panel("Time of a batch by stage", "95 of 100 take no longer.", "s", (_quantile("stage_seconds", "stage"),)),
        Panel("Records in a batch", "On average.", "short", (_MEAN_BATCH,)),
        Panel(
            "Events for each report",
            "Between two looks; one that grows is a circle.",
            "short",
            (_each("events_a_report"),),
        ),
        Panel("Outbox", "Events that the bus has not acknowledged.", "short", (_each("outbox_rows"),)),
        Panel("Oldest event not acknowledged", "By service.", "s", (_each("oldest_unacknowledged_event_seconds"),)),
        Panel("Timers overdue", "Rows whose instant has come.", "short", (_each("overdue_rows"),)),
        Panel("Reports refused by code", "Each second.", "ops", (_rate("rejected_reports_total", "code"),)),
        Panel("Records parked by reason", "Each second.", "ops", (_rate("parked_records_total", "code"),)),
        Panel("Oldest timer overdue", "By service.", "s", (_each("oldest_overdue_seconds"),)),
        Panel(
            "Bus silent",
            "No fetch was answered for so long; of the best process.",
            "s",
            (Query(f"min by (service) ({asked('bus_unanswered_seconds')})", "{{service}}"),),
        ),
        Panel("Databases that answer", "1: one of the processes has an answer.", "short", (_each("database_answers"),)),
        Panel("Subscribers told", "By what became of it, each second.", "ops", (_rate("deliveries_total", "outcome"),)),
        Panel("Messages left out", "Judged before, each second.", "ops", (_rate("repeated_messages_total"),)),
        Panel("Epochs", "How often a database has gone back.", "short", (_each("store_epoch"),)),
    ),
    {},
)

_HERE: Final = {"jurisdiction": "$jurisdiction"}

PUBLIC_HEALTH: Final = Dashboard(
    "afterward-public-health",
    "Afterward: public health",
    "Who waits for somebody: counted on the work lists, of cases only numbers.",
    (
        Panel(
            "Patients silent",
            "A call or home visit about missed days is open.",
            "short",
            (_all("patients_silent", **_HERE),),
            _NOW,
        ),
        Panel(
            "Alerts unacknowledged",
            "Cases with one.",
            "short",
            (Query(f"sum(max by (jurisdiction, severity, age) ({asked('alerts_unacknowledged', **_HERE)}))", "all"),),
            _NOW,
        ),
        Panel(
            "Consultations waiting",
            "No expert has them yet.",
            "short",
            (Query(f"sum(max by (jurisdiction, class) ({asked('consultations_waiting', **_HERE)}))", "all"),),
            _NOW,
        ),
        Panel("Cases at no known place", "On no place's list.", "short", (_all("cases_at_unknown_places"),), _NOW),
        Panel(
            "Patients silent, by place",
            "A call or home visit about missed days is open.",
            "short",
            (_each("patients_silent", "jurisdiction", **_HERE),),
        ),
        Panel(
            "Follow-ups overdue",
            "Late, or repeating one in vain.",
            "short",
            (_each("followups_overdue", "jurisdiction, kind", **_HERE),),
        ),
        Panel(
            "Alerts unacknowledged, by severity and age",
            "Cases, by the alert that is due first.",
            "short",
            (
                Query(
                    "sum by (severity, age) (max by (jurisdiction, severity, age) "
                    f"({asked('alerts_unacknowledged', **_HERE)}))",
                    "{{severity}} {{age}}",
                ),
            ),
        ),
        Panel(
            "Oldest alert unacknowledged",
            "By place and severity.",
            "s",
            (_each("oldest_unacknowledged_alert_seconds", "jurisdiction, severity", **_HERE),),
        ),
        Panel(
            "Linkages unanswered",
            "Regular care that nobody has taken on.",
            "short",
            (_each("linkages_unanswered", "jurisdiction, late", **_HERE),),
        ),
        Panel(
            "Transfers awaited",
            "Late: the time to admit has passed.",
            "short",
            (_each("transfers_awaited", "jurisdiction, late", **_HERE),),
        ),
        Panel(
            "Consultations waiting, by class",
            "No expert has them yet.",
            "short",
            (_each("consultations_waiting", "jurisdiction, class", **_HERE),),
        ),
        Panel(
            "Longest wait for an expert",
            "By place and class.",
            "s",
            (_each("oldest_waiting_consultation_seconds", "jurisdiction, class", **_HERE),),
        ),
        Panel(
            "Age of these figures",
            "Since the work lists were last counted.",
            "s",
            (Query(f"time() - max by (service) ({asked('survey_timestamp_seconds')})", "{{service}}"),),
        ),
    ),
    {"jurisdiction": "patients_silent"},
)

DASHBOARDS: Final = {"operations": OPERATIONS, "public-health": PUBLIC_HEALTH}
"""Name of the file → dashboard."""
