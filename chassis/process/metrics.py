"""Every metric of a service, in one list, each with a sentence. Dashboards and alert rules may use no other."""

import logging
from collections.abc import Mapping
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics

from chassis.consume.reader import UNREADABLE, WRONG_SOURCE

if TYPE_CHECKING:
    from chassis.store.unit_of_work import UnitOfWork

log = logging.getLogger("afterward.engine")


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._service = service
        counter, gauge = self._counter, self._gauge
        self.records = counter("records", "Records that were read from the bus and judged, parked or passed over.")
        self.timers = counter("wakeups", "Rows that were judged because the clock or another row asked for it.")
        self.repeated = counter("repeated_messages", "Messages that had been judged before and changed nothing.")
        self.rejected = counter("rejected_reports", "Reports that were refused with a reason.")
        self.parked = counter("parked_records", "Records that could not be judged, kept aside with their bytes.")
        self._define_alarms()
        self.rules_raised = counter(
            "rules_raised", "Judgements that failed in a rule: the case is parked until replay."
        )
        self.circular = counter(
            "circular_cases", "Cases parked because they were judged over and over without a report that asked for it."
        )
        self.prompts = counter("prompts", "Reports that were judged, and events that follow from one directly.")
        self.emitted = counter("events_emitted", "Events that were written to the archive.")
        self.published = counter("events_published", "Events that the bus has acknowledged.")
        self.events_a_report = gauge(
            "events_a_report", "Events emitted for each report, here or one service before, between the last two looks."
        )
        self._looked = (0, 0)
        self.behind = gauge("records_behind", "Records on the bus that have not been handed to the workers.")
        self.outbox = gauge("outbox_rows", "Events that the bus has not acknowledged yet.")
        self.overdue = gauge("overdue_rows", "Rows whose instant has come and that have not been judged yet.")
        self.blocked = gauge("blocked_cases", "Cases behind a parked message: nobody judges them until it is replayed.")
        self.at_unknown_places = gauge(
            "cases_at_unknown_places",
            "Cases to be looked into on no place's list: nobody knows where they are.",
        )

    def _define_alarms(self) -> None:
        """What nobody expects of a publisher, or of the bus."""
        counter = self._counter
        self._alarms = {
            WRONG_SOURCE: counter(
                "events_of_others", "Events that somebody else states than the producer of their topic, parked."
            ),
            UNREADABLE: counter(
                "unreadable_records", "Places on the bus that could not be unpacked, parked without their bytes."
            ),
        }
        """Reason for which a record is parked → what counts it besides."""
        self.far_sequences = counter(
            "far_sequences", "Events whose sequence lies far above the last one known: their producer is silenced."
        )
        self.reused = counter("reused_ids", "Reports under the id of another report, answered `id_reused`.")

    def _counter(self, name: str, sentence: str) -> Counter:
        return Counter(f"afterward_{name}", sentence, ["service"], registry=self.registry).labels(self._service)

    def _gauge(self, name: str, sentence: str) -> Gauge:
        return Gauge(f"afterward_{name}", sentence, ["service"], registry=self.registry).labels(self._service)

    def judged(self, unit: "UnitOfWork", records: int, wakes: int) -> None:
        """Counts a committed batch, and says aloud which rules raised (never what about)."""
        self.records.inc(records)
        self.timers.inc(wakes)
        self.repeated.inc(unit.repeated)
        self.rejected.inc(unit.rejected)
        self.reused.inc(unit.reused)
        self.parked.inc(len(unit.parked))
        self._count_parked(unit)
        self.emitted.inc(len(unit.emitted))
        self.rules_raised.inc(len(unit.errors))
        self.prompts.inc(unit.prompts)
        self.circular.inc(unit.broken)
        for aggregate, error in unit.errors:
            log.error("a rule raised %s at %s; a %s is parked", type(error).__name__, _where(error), aggregate)

    def show(self, health: Mapping[str, Any]) -> None:
        """Brings the gauges up to date with what `/health` says."""
        self.behind.set(health.get("records_behind", 0))
        for name in ("outbox", "overdue", "blocked", "at_unknown_places"):
            getattr(self, name).set(health.get(name, 0))
        self.look()

    def look(self) -> None:
        """Brings `events_a_report` up to date: what was said since the last look, for each report since then."""
        prompts, emitted = (int(metric._value.get()) for metric in (self.prompts, self.emitted))
        before = self._looked
        self.events_a_report.set((emitted - before[1]) / max(1, prompts - before[0]))
        self._looked = prompts, emitted

    def _count_parked(self, unit: "UnitOfWork") -> None:
        """What is parked for such a reason is more than a slip of a publisher: somebody should look at once."""
        for parked in unit.parked:
            alarm = self._alarms.get(parked.reason.partition(":")[0])
            if alarm is not None:
                alarm.inc()
                place = parked.record.topic, parked.record.partition, parked.record.offset
                log.error("%s[%s]@%s is parked: %s", *place, parked.reason)

    @property
    def work(self) -> int:
        """A number that grows with everything done: two equal readings mean that nothing happened between them."""
        return sum(int(metric._value.get()) for metric in (self.records, self.timers, self.emitted, self.published))


def _where(error: Exception) -> str:
    """The last place in our own code that an error came through: a library's says little."""
    places = [f"{frame.f_code.co_filename}:{line}" for frame, line in walk_tb(error.__traceback__)]
    ours = [place for place in places if "site-packages" not in place]
    return (ours or places or ["?"])[-1]
