"""Latency in an open loop: from when a report was meant to be sent until the event it leads to can be read."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from bench import one_rule
from bench.frame import Bench, median
from bench.machine import Spent, medians, metered
from bench.open_loop import distinct, open_loop, percentiles
from bench.servers import Servers
from chassis.clock import monotonic
from chassis.decide.aggregate import AnyAggregate

TITLE = "Latency"

RATES = (100, 1_000)
"""Reports a second."""
WARM_UP_SECONDS = 5
ANSWERED_SECONDS = 60
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report goes through; without an application, only the bus and its clients."""

    name: str
    application: str = ""
    aggregates: Sequence[AnyAggregate] | None = None


SUBJECTS = (
    Subject("bus_alone"),
    Subject("one_rule", "bench.one_rule:app", one_rule.AGGREGATES),
    Subject("treatment", "services.treatment.app:app"),
)


async def run(bench: Bench) -> Mapping[str, Any]:
    """The section `latency_ms`."""
    found: dict[str, dict[str, Any]] = {}
    async with bench.servers() as servers:
        for subject in SUBJECTS:
            found[subject.name] = {}
            for rate in RATES:
                runs = [await _measure(servers, subject, rate, _seconds(bench)) for _ in range(bench.options.repeat)]
                found[subject.name][str(rate)] = _section(runs, rate * _seconds(bench))
    bench.show(
        f"{TITLE} in milliseconds, {_seconds(bench)} s each",
        ["", "reports/s", "p50", "p99", "max", "µs ours", "waited", "quiet"],
        [
            (name, int(rate), emitted["p50"], emitted["p99"], emitted["max"], *_ours(emitted), emitted["quiet"])
            for name, rates in found.items()
            for rate, emitted in rates.items()
        ],
    )
    return {"latency_ms": found}


def _ours(section: Mapping[str, Any]) -> list[float]:
    """Microseconds a report on a processor, and in the run queue."""
    return [section[what]["ours"] for what in ("processor_us", "waited_us")]


def _seconds(bench: Bench) -> int:
    """How long each run measures: 20 s for the usual size of a load."""
    return min(60, max(5, bench.options.records // 5_000))


async def _measure(servers: Servers, subject: Subject, rate: int, seconds: int) -> tuple[Figures, Spent]:
    await servers.fresh_topics()
    dsn = await servers.fresh_database(one_rule.SERVICE, subject.aggregates)
    sendings = distinct(rate * (WARM_UP_SECONDS + seconds))
    async with AsyncExitStack() as stack:
        if subject.application:
            await stack.enter_async_context(servers.service(subject.application, dsn))
        loop = await stack.enter_async_context(open_loop(servers, bus_alone=not subject.application))
        meter = await stack.enter_async_context(metered(servers.programs))
        measured_from = monotonic() + WARM_UP_SECONDS
        await loop.send(sendings, rate)
        await loop.answered(ANSWERED_SECONDS)
        figures = percentiles(loop.latencies_ms(measured_from))
        spent = meter.between(measured_from, meter.read().at)
    await servers.drop_database(dsn)
    return figures, spent


def _section(runs: Sequence[tuple[Figures, Spent]], reports: int) -> dict[str, Any]:
    middle = {name: median(figures[name] for figures, _ in runs) for name in ("p50", "p99", "max")}
    p99_runs = [figures["p99"] for figures, _ in runs]
    return {**middle, "p99_runs": p99_runs, **medians([spent for _, spent in runs], reports)}
