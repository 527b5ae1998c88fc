"""The last weeks of the demo's story, told as the demo tells them: the same events stand as ever, on each bus."""

from datetime import date
from pathlib import Path

import pytest

from afterward.demo.listener import Listener
from afterward.demo.run import before, tell
from afterward.story import CHILD, Telling, reports
from afterward.story.telling import at
from tests.journeys.conftest import LANES, servers
from tests.journeys.digest import check
from tests.journeys.stack import running_stack
from tests.journeys.standing import by_topic

FROM = at(date(2020, 9, 14), 0)
"""The people known before are left out: with them it takes minutes. The child and the eleven of 17 October are in."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("lane", LANES)
async def test_the_same_events_stand_after_the_last_weeks_of_the_demo(lane: str, tmp_path: Path) -> None:
    tellings = of_the_last_weeks(reports())
    clock = before(tellings).isoformat()
    with servers(lane) as (bus, options), running_stack(tmp_path / "data", bus, clock, *options) as stack:
        async with Listener(stack.running.bootstrap_servers, CHILD) as listener:
            await tell(stack.data_dir, tellings, listener, lambda *_: None)
        check("last weeks of the demo", by_topic(await stack.events()), tmp_path)


def of_the_last_weeks(tellings: list[Telling]) -> list[Telling]:
    """All that is told of the people of whom nothing is told before."""
    known = {telling.key for telling in tellings if telling.publish_at < FROM}
    return [telling for telling in tellings if telling.key not in known]
