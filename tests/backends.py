"""Which buses the tests ran on, and whether those on Apache Kafka ran at all.

A backend that is skipped in silence looks like a backend that passed; so the closing lines of a run name every bus
used, and `AFTERWARD_REQUIRE_KAFKA=1` turns a run whose Kafka backend was skipped into a failure (`.ci/run` sets it).
"""

import os
from dataclasses import dataclass, field
from functools import cache

import pytest

NEEDS_KAFKA = "needs_kafka"


@dataclass
class Backends:
    """What one run of pytest has seen: the buses used, and why tests that need Apache Kafka were skipped."""

    buses: list[str] = field(default_factory=list)
    kafka_skipped: list[str] = field(default_factory=list)

    def note_bus(self, name: str) -> None:
        """Remembers that a test used the bus `name`, such as "Apache Kafka 4.3.1"."""
        if name not in self.buses:
            self.buses.append(name)

    def note_report(self, report: pytest.TestReport) -> None:
        """Remembers a test that needs Apache Kafka and was skipped, with its reason."""
        if NEEDS_KAFKA in report.keywords and report.skipped:
            self.kafka_skipped.append(_reason(report))

    def closing_lines(self) -> list[str]:
        """The buses used; then, where it holds, that the Kafka backend was skipped and why."""
        lines = [f"buses used: {', '.join(self.buses) or 'none'}"]
        if self.kafka_skipped:
            reasons = "; ".join(dict.fromkeys(self.kafka_skipped))
            lines.append(f"Kafka backend SKIPPED ({len(self.kafka_skipped)} tests): {reasons}")
        return lines

    def kafka_failure(self, required: bool) -> str | None:
        """Why the run fails although no test did: Apache Kafka was required, and not every test on it ran."""
        if not (required and self.kafka_skipped):
            return None
        return "AFTERWARD_REQUIRE_KAFKA is set, but the Kafka backend did not run in full"


backends = Backends()
"""What this run has seen; fixtures that start a bus call `note_bus`."""
note_bus = backends.note_bus


def kafka_required() -> bool:
    """Whether this run must not pass without Apache Kafka."""
    return os.environ.get("AFTERWARD_REQUIRE_KAFKA") == "1"


@cache
def in_containers() -> bool:
    """Whether Apache Kafka and its PostgreSQL of whole stacks come from their images in this run."""
    from tests import containers  # noqa: PLC0415 - most runs never ask

    return containers.available() is None


@cache
def kafka_absence() -> str | None:
    """Why Apache Kafka cannot be started on this machine, asked once a run; None where it can."""
    from afterward.stack import kafka  # noqa: PLC0415 - most runs never ask

    reason: str | None = None if in_containers() else kafka.available()
    return reason


def _reason(report: pytest.TestReport) -> str:
    """The reason given to `pytest.skip`: the last of (path, line, "Skipped: reason")."""
    where_and_why = report.longrepr
    text = where_and_why[-1] if isinstance(where_and_why, tuple) else str(where_and_why)
    return text.removeprefix("Skipped: ")
