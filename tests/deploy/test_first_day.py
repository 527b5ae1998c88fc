"""docs/operations/first-day.md, line by line, from nothing to an alarm that fired and was cleared, and a backup."""

from pathlib import Path

import pytest

from afterward.stack.ports import free_port
from tests.architecture.sample_repo import ROOT
from tests.deploy.pages import follow, missing, with_stack
from tests.monitoring.watching import needs_prometheus, needs_promtool

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(1800), needs_prometheus, needs_promtool]

PAGE = ROOT / "docs" / "operations" / "first-day.md"
DONE = ("make setup",)
"""What a machine that runs this test has done already."""


def test_the_page_leads_to_an_alarm_that_was_cleared_and_to_a_backup(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    with with_stack(tmp_path / "checkout") as place:
        output = follow(text, place, {"127.0.0.1:9190": f"127.0.0.1:{free_port()}"}, DONE, 1500)
        assert missing(text, output) == [], output
        (backup,) = (each for each in (place / "backup").iterdir() if each.suffix != ".secrets")
        assert (backup / "PG_VERSION").exists()
        assert not (place / ".afterward" / "stack.json").exists()
