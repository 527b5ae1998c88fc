"""All stories of the weeks after the ward together: once they are over, the same events stand as ever, on each bus."""

from pathlib import Path

import pytest

from tests.journeys import (  # noqa: F401 - all stories are told, whichever tests were chosen
    test_after_the_ward_care,
    test_after_the_ward_days,
    test_after_the_ward_ends,
    test_after_the_ward_gaps,
)
from tests.journeys.afterwards import in_shanghai
from tests.journeys.digest import check
from tests.journeys.side_by_side import Published
from tests.journeys.standing import nameless


@pytest.mark.timeout(900)
@pytest.mark.wide
def test_the_same_events_stand_after_all_stories(published_side_by_side: Published, tmp_path: Path) -> None:
    check("stories side by side", nameless(published_side_by_side.heard.all(), in_shanghai(0)), tmp_path)
