"""What is aimed at, in one place, and whether the newest figures reach it.

Processor time is judged wherever it was measured. A rate, and a time on the wall, is judged only where the machine was
quiet meanwhile: beside others it says how busy they were.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Results = Mapping[str, Any]
"""`latest.json`."""
Verdict = Literal["met", "missed", "not judged: the machine was busy", "not measured"]


@dataclass(frozen=True, slots=True)
class Target:
    """One figure of one part that is asked for. `value`: the figure, None where it was not measured.

    `quiet`: whether the machine was, for what only a quiet one tells; None: processor time, or memory.
    """

    part: str
    what: str
    sense: Literal["at most", "at least"]
    asked: float
    unit: str
    value: Callable[[Results], Any]
    quiet: Callable[[Results], Any] | None = None

    def verdict(self, results: Results) -> Verdict:
        """Of the newest figures."""
        value = self.value(results)
        if value is None:
            return "not measured"
        if self.quiet is not None and not self.quiet(results):
            return "not judged: the machine was busy"
        return "met" if (value <= self.asked if self.sense == "at most" else value >= self.asked) else "missed"


def at(*path: str) -> Callable[[Results], Any]:
    """What stands there in the results; None where nothing does."""

    def found(results: Results) -> Any:
        section: Any = results
        for name in path:
            section = section.get(name) if isinstance(section, Mapping) else None
        return section

    return found


def _times(peer: str, what: str, asked: float) -> Target:
    path = "throughput_ratios", peer
    return Target("throughput", f"rate, times {what}", "at least", asked, "×", at(*path, "rate"), at(*path, "quiet"))


def peak_of_all(results: Results) -> Any:
    """The most memory that a process of ours had in any part, in MiB; the peers' is not ours."""
    peers = {f"throughput.{name}" for name in results.get("throughput", {}) if name != "afterward"}
    return max((peak for place, peak in _peaks(results, "") if place not in peers), default=None)


def _peaks(section: Any, place: str) -> Iterator[tuple[str, float]]:
    if isinstance(section, Mapping):
        for name, within in section.items():
            if name == "peak_rss_mib":
                yield place, within
            yield from _peaks(within, f"{place}.{name}".lstrip("."))


def midnight(results: Results) -> Any:
    """Seconds for 100,000 cases; a smaller load says nothing of it."""
    found = results.get("wakeups", {})
    return found["seconds"] if found.get("due", 0) >= A_MIDNIGHT else None


A_MIDNIGHT = 100_000
"""Cases that are due."""
_OURS = "throughput", "afterward", "processor_us"
_FULL_PLANS = "growth", "followup"
_LOW_RATE = "latency_ms", "treatment", "100"

TARGETS = (
    Target("throughput", "processor time of our process, one rule", "at most", 30, "µs", at(*_OURS, "ours")),
    Target("throughput", "PostgreSQL's for it", "at most", 12, "µs", at(*_OURS, "postgresql")),
    _times("quix_exactly_once", "Quix Streams, exactly once", 1.2),
    _times("kafka_streams_exactly_once", "Kafka Streams, exactly once", 1.3),
    _times("copy_through", "copy-through", 0.2),
    _times("faststream_one_worker", "FastStream, a transaction a message, one worker", 45),
    Target(
        "growth",
        "discharge at 100 facts, times at one: cold",
        "at most",
        4,
        "×",
        at("growth", "by_case_size", "cold_at_100_times_one"),
    ),
    Target(
        "growth",
        "followup, full plans, events a second and process",
        "at least",
        8_000,
        "",
        at(*_FULL_PLANS, "events_a_second"),
        at(*_FULL_PLANS, "quiet"),
    ),
    Target(
        "latency", "p99 at 100 reports a second", "at most", 20, "ms", at(*_LOW_RATE, "p99"), at(*_LOW_RATE, "quiet")
    ),
    Target(
        "wakeups",
        "100,000 wake-ups at one midnight",
        "at most",
        30,
        "s",
        midnight,
        at("wakeups", "quiet"),
    ),
    *(
        Target(
            "in_step",
            f"{service}: events of catching up, times those of a reading in order",
            "at most",
            1.05,
            "×",
            at("in_step", service, "times_in_order"),
        )
        for service in ("discharge", "followup")
    ),
    Target("memory", "peak memory of a process, in all parts that were measured", "at most", 150, "MiB", peak_of_all),
    Target("idle", "all services embedded and idle, of a core", "at most", 15, "%", at("idle", "percent_of_a_core")),
    Target(
        "stored",
        "an event with a million stored cases, times with ten thousand",
        "at most",
        1.15,
        "×",
        at("stored", "at_most_times_the_smallest"),
    ),
    *(
        Target(
            "queue",
            f"an assignment where 10,000 wait, times where 1,000 do: {way}",
            "at most",
            1.15,
            "×",
            at("queue", "times_the_short_queue", way),
        )
        for way in ("a batch", "one by one")
    ),
    Target(
        "queue",
        "assignments a second through one channel",
        "at least",
        1_000,
        "",
        at("queue", "a batch", "10,000 wait in one channel", "assigned_a_second"),
        at("queue", "quiet"),
    ),
)
