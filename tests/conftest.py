"""Chooses the backends (embedded bus, Apache Kafka) and says in the closing lines which of them ran."""

import gc

import pytest

from tests.backends import NEEDS_KAFKA, backends, kafka_absence, kafka_required

pytest_plugins = ["tests.running"]


def pytest_collection_finish() -> None:
    """Leaves what was collected out of every later search for garbage, which looks at all there is."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a test that needs Apache Kafka where it cannot be started, with the reason."""
    if item.get_closest_marker(NEEDS_KAFKA) and (reason := kafka_absence()):
        pytest.skip(reason)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Notes what needs Apache Kafka and was skipped."""
    backends.note_report(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails the run when Apache Kafka was required and its backend was skipped."""
    if session.exitstatus == pytest.ExitCode.OK and backends.kafka_failure(kafka_required()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Writes the closing lines, just above pytest's own last line."""
    for line in backends.closing_lines():
        terminalreporter.write_line(line, yellow="SKIPPED" in line)
    if failure := backends.kafka_failure(kafka_required()):
        terminalreporter.write_line(failure, red=True)
