"""The last weeks of the demo's story, told as the demo tells them: the same events stand as ever, on each bus."""

from datetime import date
from pathlib import Path

import pytest

from story import Publication, reports
from story.publication import at
from tests.journeys.conftest import BACKENDS
from tests.journeys.digest import check, of_the_demo

FROM = at(date(2020, 9, 14), 0)
"""The people known before are left out: with them it takes minutes. The child and the eleven of 17 October are in."""


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize("backend", BACKENDS)
async def test_the_same_events_stand_after_the_last_weeks_of_the_demo(backend: str, tmp_path: Path) -> None:
    check("last weeks of the demo", await of_the_demo(tmp_path / "data", backend, last_weeks(reports())), tmp_path)


def last_weeks(publications: list[Publication]) -> list[Publication]:
    """All that is told of the people of whom nothing is told before."""
    known = {publication.key for publication in publications if publication.publish_at < FROM}
    return [publication for publication in publications if publication.key not in known]
