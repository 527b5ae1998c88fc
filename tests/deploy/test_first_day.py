"""docs/operations/first-day.md, line by line, from nothing to an alarm that fired and was cleared, and a backup."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from afterward.stack.ports import free_port
from tests.architecture.sample_repo import ROOT
from tests.deploy.pages import checkout, follow, missing
from tests.monitoring.watching import needs_prometheus, needs_promtool

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(1800), needs_prometheus, needs_promtool]

PAGE = ROOT / "docs" / "operations" / "first-day.md"
DONE = ("make setup",)
"""What a machine that runs this test has done already."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A checkout in which a stack is ended, however the page ends."""
    place = checkout(tmp_path / "checkout", "afterward", "deploy")
    yield place
    if (place / ".afterward" / "stack.json").exists():
        subprocess.run([ROOT / ".venv/bin/afterward", "down"], cwd=place, check=False, timeout=120)


def test_the_page_leads_to_an_alarm_that_was_cleared_and_to_a_backup(place: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    output = follow(text, place, {"127.0.0.1:9190": f"127.0.0.1:{free_port()}"}, DONE, 1500)
    assert missing(text, output) == [], output
    (backup,) = (each for each in (place / "backup").iterdir() if each.suffix != ".secrets")
    assert (backup / "PG_VERSION").exists()
    assert not (place / ".afterward" / "stack.json").exists()
