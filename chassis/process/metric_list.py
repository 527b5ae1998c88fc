"""Every metric of a process, in one list, each with a sentence. Dashboards and alert rules may use no other.

`afterward_` comes before each name. Every metric has the label `service`, and those it names: each takes its values
from a list that is closed (`LABELS`), so that no publisher can make more series than there are here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, Literal, NamedTuple, get_args

import pycountry

from schemas.events.followup import AlertSeverity
from schemas.reports.contact import ContactOutcome
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS

OTHER: Final = "other"
"""What a label says in place of a value that is not on its list."""

Kind = Literal["counter", "gauge", "histogram"]
Of = Literal["process", "database"]


class Metric(NamedTuple):
    """`of`: each process counts its own share, to be summed; or all processes of a service see the same database, and
    the greatest of what they say holds. `buckets`: upper bounds of a histogram, in its unit."""

    name: str
    kind: Kind
    of: Of
    sentence: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


STAGES: Final = ("read", "load", "judge", "save", "commit", "publish", "deliver")
REJECTION_CODES: Final = (
    *("conflict", "id_reused", "identifying_text", "impossible_time", "invalid", "missing", "not_allowed"),
    *("out_of_range", "too_large", "too_many", "unknown_type", "unknown_value", "wrong_subject", "wrong_topic"),
    "wrong_type",
)
PARKING_REASONS: Final = (
    *("bad_header", "case_is_parked", "document_not_understood", "empty", "identifying_subject", "invalid_event"),
    *("no_usable_id", "no_usable_source", "no_usable_subject", "no_usable_time", "not_an_object", "not_cloudevents"),
    *("not_json", "refused_by_store", "rule_raised", "too_large", "unknown_specversion", "unknown_type", "unreadable"),
    *("wrong_source", "wrong_topic"),
)
AGES: Final = ("up_to_1_h", "up_to_1_d", "older")
WITH_JURISDICTIONS: Final = ("CN",)
"""Countries whose subdivisions (ISO 3166-2) have series of their own; all others are counted together, as `other`."""


@cache
def jurisdictions() -> tuple[str, ...]:
    """Those that have series of their own."""
    countries = tuple(f"{country}-" for country in WITH_JURISDICTIONS)
    return tuple(sorted(each.code for each in pycountry.subdivisions if each.code.startswith(countries)))


LABELS: Final[Mapping[str, Callable[[], Sequence[str]]]] = {
    "topic": lambda: tuple(topic.name for topic in TOPICS),
    "partition": lambda: tuple(map(str, range(PARTITIONS))),
    "stage": lambda: STAGES,
    "code": lambda: (*REJECTION_CODES, *PARKING_REASONS),
    "outcome": lambda: get_args(ContactOutcome),
    "jurisdiction": jurisdictions,
    "kind": lambda: ("call", "home_visit", "return_visit"),
    "severity": lambda: get_args(AlertSeverity),
    "age": lambda: AGES,
    "class": lambda: ("red_flag", "priority", "other"),
    "late": lambda: ("no", "yes"),
}
"""Label → the values that it takes; `other` beside them."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_RECORDS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)

_COUNTED: Final = (
    ("records_total", "Records that were read from the bus and judged, parked or passed over."),
    ("wakeups_total", "Rows that were judged because the clock or another row asked for it."),
    ("repeated_messages_total", "Messages that had been judged before and changed nothing."),
    ("rules_raised_total", "Judgements that failed in a rule: the case is parked until replay."),
    ("circular_cases_total", "Cases parked because they were judged over and over without a report that asked for it."),
    ("prompts_total", "Reports that were judged, and events that follow from one directly."),
    ("events_emitted_total", "Events that were written to the archive."),
    ("events_published_total", "Events that the bus has acknowledged."),
    ("events_of_others_total", "Events that somebody else states than the producer of their topic, parked."),
    ("unreadable_records_total", "Places on the bus that could not be unpacked, parked without their bytes."),
    ("far_sequences_total", "Events whose sequence lies far above the last one known: their producer is silenced."),
    ("spans_lost_total", "Spans of traces that were not sent: the collector did not answer, or too many waited."),
    ("erased_things_met_total", "Messages and wakeups about what was erased, passed over."),
    ("reused_ids_total", "Reports under the id of another report, answered `id_reused`."),
)
_PLACE = ("topic", "partition")

OF_PROCESS: Final = (
    *(Metric(name, "counter", "process", sentence) for name, sentence in _COUNTED),
    Metric(
        "rejected_reports_total", "counter", "process", "Reports that were refused, by the reason's code.", ("code",)
    ),
    Metric(
        "parked_records_total",
        "counter",
        "process",
        "Records that could not be judged, kept aside with their bytes.",
        ("code",),
    ),
    Metric(
        "deliveries_total", "counter", "process", "Attempts to tell a subscriber, by what became of them.", ("outcome",)
    ),
    Metric(
        "stage_seconds",
        "histogram",
        "process",
        "How long a batch takes, stage by stage, retried ones included.",
        ("stage",),
        _SECONDS,
    ),
    Metric(
        "batch_records",
        "histogram",
        "process",
        "Records and rows that one transaction has judged.",
        (),
        _RECORDS,
    ),
    Metric(
        "records_behind", "gauge", "process", "Records on the bus that have not been handed to the workers.", _PLACE
    ),
    Metric(
        "lag_seconds",
        "gauge",
        "process",
        "Age of the oldest record that has not been handed to the workers, at most: since when this partition of the "
        "topic had last been read to its end, or since its last record that was; 0 when it is.",
        _PLACE,
    ),
    Metric(
        "oldest_unjudged_seconds",
        "gauge",
        "process",
        "Age of the oldest record that is not judged yet, at most: on the bus, or handed to the workers.",
    ),
    Metric("partitions_held", "gauge", "process", "Partitions that this process has been given."),
    Metric(
        "bus_unanswered_seconds", "gauge", "process", "For how long the bus has answered no fetch; 0 while it does."
    ),
    Metric("database_answers", "gauge", "process", "Whether the database has answered the last look: 1, else 0."),
    Metric(
        "events_a_report",
        "gauge",
        "process",
        "Events emitted for each report, here or one service before, between the last two looks.",
    ),
)

_WORK: Final = (
    ("outbox_rows", "Events that the bus has not acknowledged yet."),
    (
        "oldest_unacknowledged_event_seconds",
        "Age of the oldest event that the bus has not acknowledged; 0: there is none.",
    ),
    ("overdue_rows", "Rows whose instant has come and that have not been judged yet."),
    ("oldest_overdue_seconds", "Since when the first of them is overdue; 0: none is."),
    ("parked_rows", "Records that are parked now."),
    ("blocked_cases", "Cases behind a parked message: nobody judges them until it is replayed."),
    ("unfinished_erasure_rows", "Erasures of which archive and audit still wait for the job that keeps and forgets."),
    ("patients_held", "Persons whom a hold protects from erasure and retention."),
    ("retention_removed_rows", "Months, parked records and audit entries that retention has removed."),
    ("store_epoch", "How often the database has gone back: one that grows has lost what it had committed."),
    ("cases_at_unknown_places", "Cases to be looked into on no place's list: nobody knows where they are."),
    ("survey_timestamp_seconds", "When the work lists were last counted, in seconds since 1970."),
)

OF_DATABASE: Final = (
    *(Metric(name, "gauge", "database", sentence) for name, sentence in _WORK),
    Metric(
        "followups_overdue",
        "gauge",
        "database",
        "Calls and visits that are open although their time has passed, or that repeat one that failed or lapsed: of "
        "each kind one a case, the one due first.",
        ("jurisdiction", "kind"),
    ),
    Metric(
        "patients_silent",
        "gauge",
        "database",
        "Patients with days of which nothing was heard, for whom a call or a home visit is open.",
        ("jurisdiction",),
    ),
    Metric(
        "alerts_unacknowledged",
        "gauge",
        "database",
        "Cases with an alert that nobody has acknowledged, by severity and age of the one due first.",
        ("jurisdiction", "severity", "age"),
    ),
    Metric(
        "oldest_unacknowledged_alert_seconds",
        "gauge",
        "database",
        "Age of the oldest of these alerts.",
        ("jurisdiction", "severity"),
    ),
    Metric(
        "linkages_unanswered",
        "gauge",
        "database",
        "Patients with conditions whose regular care nobody has taken on; late: the time to answer has passed.",
        ("jurisdiction", "late"),
    ),
    Metric(
        "consultations_waiting",
        "gauge",
        "database",
        "Consultations online that no expert has yet, by class.",
        ("jurisdiction", "class"),
    ),
    Metric(
        "oldest_waiting_consultation_seconds",
        "gauge",
        "database",
        "How long the first of them has waited.",
        ("jurisdiction", "class"),
    ),
    Metric(
        "transfers_awaited",
        "gauge",
        "database",
        "Patients who are to be admitted somewhere and are not yet; late: the time to admit has passed.",
        ("jurisdiction", "late"),
    ),
)

METRICS: Final[tuple[Metric, ...]] = OF_PROCESS + OF_DATABASE

SURVEYED: Final = frozenset(metric.name for metric in OF_DATABASE if "jurisdiction" in metric.labels)
"""Those that a service counts at a slow pace, on its work lists."""


@cache
def values_of(label: str) -> frozenset[str]:
    """What a label may say."""
    return frozenset((*LABELS[label](), OTHER))


def bounded(metric: Metric, values: Sequence[str | None]) -> tuple[str, ...]:
    """The values of a metric's labels, each of them on its list. Raises ValueError where their number is wrong."""
    pairs = zip(metric.labels, values, strict=True)
    return tuple(value if value is not None and value in values_of(label) else OTHER for label, value in pairs)


def exposed() -> Iterator[str]:
    """The name of every time series that Prometheus will have."""
    for metric in METRICS:
        name = f"afterward_{metric.name}"
        yield from (f"{name}_bucket", f"{name}_sum", f"{name}_count") if metric.kind == "histogram" else (name,)
