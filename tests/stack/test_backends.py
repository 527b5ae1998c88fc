"""A Kafka backend that is skipped says so in the closing lines, and fails the run where Apache Kafka is required."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sample_repo import ROOT

TWO_TESTS = """
import pytest
from tests.backends import note_bus

def test_on_the_embedded_bus():
    note_bus("Tansu (embedded)")
    note_bus("Tansu (embedded)")

@pytest.mark.needs_kafka
def test_on_kafka():
    note_bus("Apache Kafka 4.3.1")
"""


def run_of_pytest(root: Path, absence: str | None, **environment: str) -> tuple[int, list[str]]:
    """Exit code and lines of a run of two tests on a machine where Kafka is absent for the reason given, or there."""
    launcher = root / "afterward/stack/kafka.py"
    launcher.parent.mkdir(parents=True)
    launcher.write_text(f"def available():\n    return {absence!r}\n")
    (root / "tests").mkdir()
    for name in ("conftest.py", "backends.py"):
        shutil.copy(ROOT / "tests" / name, root / "tests")
    (root / "tests/running.py").touch()
    (root / "tests/containers.py").write_text("def available():\n    return 'no Docker engine answers'\n")
    (root / "tests/test_two.py").write_text(TWO_TESTS)
    shutil.copy(ROOT / "pyproject.toml", root)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AFTERWARD_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest"],
        cwd=root,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_the_closing_lines_name_every_bus_once(tmp_path: Path) -> None:
    code, lines = run_of_pytest(tmp_path, absence=None, AFTERWARD_REQUIRE_KAFKA="1")
    assert code == pytest.ExitCode.OK, lines
    assert "buses used: Tansu (embedded), Apache Kafka 4.3.1" in lines
    assert "2 passed" in lines[-1]


def test_a_skipped_kafka_backend_is_told_with_its_reason(tmp_path: Path) -> None:
    code, lines = run_of_pytest(tmp_path, absence="no Java 17 or newer was found")
    assert code == pytest.ExitCode.OK, lines
    assert "Kafka backend SKIPPED (1 tests): no Java 17 or newer was found" in lines
    assert "1 passed, 1 skipped" in lines[-1]


def test_a_skipped_kafka_backend_fails_the_run_where_kafka_is_required(tmp_path: Path) -> None:
    code, lines = run_of_pytest(tmp_path, absence="no Maven was found", AFTERWARD_REQUIRE_KAFKA="1")
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "AFTERWARD_REQUIRE_KAFKA is set, but the Kafka backend did not run in full" in lines
