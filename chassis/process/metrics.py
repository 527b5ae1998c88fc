"""What a process counts, for Prometheus. `metric_list` has every metric with its sentence."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from chassis.clock import monotonic
from chassis.consume.reader import UNREADABLE, WRONG_SOURCE
from chassis.process.logs import about
from chassis.process.metric_list import METRICS, STAGES, Metric, bounded

if TYPE_CHECKING:
    from chassis.consume.lag import Lag
    from chassis.store.unit_of_work import UnitOfWork

log = logging.getLogger("afterward.engine")

_RAISED: Final = "a rule raised %s at %s; a %s is parked"
_FROM_HEALTH: Final = {
    "outbox": "outbox_rows",
    "overdue": "overdue_rows",
    "parked": "parked_rows",
    "blocked": "blocked_cases",
    "erasures": "unfinished_erasure_rows",
    "holds": "patients_held",
    "removed": "retention_removed_rows",
    "epoch": "store_epoch",
    "at_unknown_places": "cases_at_unknown_places",
}
"""What `/health` calls it → the gauge."""
_AGES: Final = {"oldest_unsent": "oldest_unacknowledged_event_seconds", "next_due": "oldest_overdue_seconds"}
"""An instant in `/health` → the gauge that says how long ago that is."""


class Stages:
    """The stages of one batch, one after the other: each is timed when it is over."""

    __slots__ = ("_metrics", "_since")

    def __init__(self, metrics: "Metrics") -> None:
        self._metrics, self._since = metrics, monotonic()

    def over(self, stage: str) -> None:
        """`stage` began when the one before it was over, and is over now."""
        now = monotonic()
        self._metrics.took(stage, now - self._since)
        self._since = now


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._service = service
        self._listed = {metric.name: metric for metric in METRICS}
        self._families = {metric.name: self._family(metric) for metric in METRICS}
        self._children: dict[tuple[str, ...], Any] = {}
        self._stages = {stage: self._of("stage_seconds", stage).observe for stage in STAGES}
        counter = self._counter
        self.records, self.timers = counter("records_total"), counter("wakeups_total")
        self.repeated, self.reused = counter("repeated_messages_total"), counter("reused_ids_total")
        self.rules_raised, self.circular = counter("rules_raised_total"), counter("circular_cases_total")
        self.prompts, self.emitted = counter("prompts_total"), counter("events_emitted_total")
        self.published, self.far_sequences = counter("events_published_total"), counter("far_sequences_total")
        self.spans_lost: Counter = counter("spans_lost_total")
        self._alarms = {
            WRONG_SOURCE: counter("events_of_others_total"),
            UNREADABLE: counter("unreadable_records_total"),
        }
        """Reason for which a record is parked → what counts it besides: nobody expects that."""
        self.events_a_report: Gauge = self._of("events_a_report")
        self._looked = (0, 0)

    def _family(self, metric: Metric) -> Any:
        name, labels = f"afterward_{metric.name.removesuffix('_total')}", ("service", *metric.labels)
        if metric.kind == "histogram":
            return Histogram(name, metric.sentence, labels, registry=self.registry, buckets=metric.buckets)
        return (Counter if metric.kind == "counter" else Gauge)(name, metric.sentence, labels, registry=self.registry)

    def _of(self, name: str, *values: str | None) -> Any:
        """The series of a metric with these values of its labels, as far as they are on its lists."""
        within = name, *bounded(self._listed[name], values)
        known = self._children.get(within)
        if known is None:
            known = self._children[within] = self._families[name].labels(self._service, *within[1:])
        return known

    def _counter(self, name: str) -> Counter:
        counter: Counter = self._of(name)
        return counter

    def count(self, name: str, *values: str, by: int = 1) -> None:
        """One more, or `by`, of what a counter counts, with these values of its labels."""
        self._of(name, *values).inc(by)

    def show_all(self, name: str, numbers: Mapping[Sequence[str | None], float]) -> None:
        """These are the series that a gauge has, and no others; what falls into `other` is added up."""
        self._families[name].clear()
        self._children = {key: child for key, child in self._children.items() if key[0] != name}
        for values, number in numbers.items():
            self._of(name, *values).inc(number)

    def took(self, stage: str, seconds: float) -> None:
        """How long a stage of a batch took: one of `STAGES`."""
        self._stages[stage](seconds)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Times what is done within, whether or not it succeeds."""
        stages = Stages(self)
        try:
            yield
        finally:
            stages.over(stage)

    def judged(self, unit: "UnitOfWork", records: int, wakes: int) -> None:
        """Counts a committed batch, and says aloud which rules raised (never what about)."""
        self.records.inc(records)
        self.timers.inc(wakes)
        self._of("batch_records").observe(records + wakes)
        self.repeated.inc(unit.repeated)
        for code in unit.rejected:
            self.count("rejected_reports_total", code)
        self.reused.inc(unit.reused)
        self._of("erased_things_met_total").inc(unit.erased)
        self._count_parked(unit)
        self.emitted.inc(len(unit.emitted))
        self.rules_raised.inc(len(unit.errors))
        self.prompts.inc(unit.prompts)
        self.circular.inc(unit.broken)
        for one in unit.errors:
            known = about(case_id=one.key, event_id=one.event_id, **one.place)
            log.error(_RAISED, type(one.error).__name__, _where(one.error), one.aggregate, extra=known)

    def show(self, health: Mapping[str, Any], now: datetime) -> None:
        """Brings the gauges up to date with what `/health` says at an instant; what it does not know is not shown."""
        for known, name in _FROM_HEALTH.items():
            self.show_all(name, {(): health[known]} if known in health else {})
        for known, name in _AGES.items():
            ago = max(0.0, (now - since).total_seconds()) if (since := health.get(known)) is not None else 0.0
            self.show_all(name, {(): ago} if known in health else {})
        self._of("partitions_held").set(len(health.get("partitions", ())))
        self._of("database_answers").set("database" not in health)
        self.look()

    def show_lag(self, lag: "Lag") -> None:
        """Brings the gauges up to date with how far this process has read and judged."""
        self.show_all("records_behind", {_place(place): number for place, number in lag.records.items()})
        self.show_all("lag_seconds", {_place(place): seconds for place, seconds in lag.seconds.items()})
        self._of("oldest_unjudged_seconds").set(lag.oldest_unjudged_seconds)
        self._of("bus_unanswered_seconds").set(lag.unanswered_seconds)

    def look(self) -> None:
        """Brings `events_a_report` up to date: what was said since the last look, for each report since then."""
        prompts, emitted = (int(metric._value.get()) for metric in (self.prompts, self.emitted))
        before = self._looked
        self.events_a_report.set((emitted - before[1]) / max(1, prompts - before[0]))
        self._looked = prompts, emitted

    def _count_parked(self, unit: "UnitOfWork") -> None:
        """What is parked for such a reason is more than a slip of a publisher: somebody should look at once."""
        for parked in unit.parked:
            reason = parked.reason.partition(":")[0]
            self.count("parked_records_total", reason)
            alarm = self._alarms.get(reason)
            if alarm is not None:
                alarm.inc()
                place = parked.record.topic, parked.record.partition, parked.record.offset
                known = about(topic=place[0], partition=place[1], offset=place[2])
                log.error("%s[%s]@%s is parked: %s", *place, parked.reason, extra=known)

    @property
    def work(self) -> int:
        """A number that grows with everything done: two equal readings mean that nothing happened between them."""
        return sum(int(metric._value.get()) for metric in (self.records, self.timers, self.emitted, self.published))


def _place(place: tuple[str, int]) -> tuple[str, str]:
    return place[0], str(place[1])


def _where(error: Exception) -> str:
    """The last place in our own code that an error came through: a library's says little."""
    places = [f"{frame.f_code.co_filename}:{line}" for frame, line in walk_tb(error.__traceback__)]
    ours = [place for place in places if "site-packages" not in place]
    return (ours or places or ["?"])[-1]
