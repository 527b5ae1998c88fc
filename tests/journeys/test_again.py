"""Everything said again: the same reports change nothing, and republished events are the same events."""

from collections import Counter
from collections.abc import Iterable

import pytest

from schemas.envelope import Envelope
from schemas.folding import fold
from schemas.services import SERVICES
from tests.journeys.patient import Patient
from tests.journeys.stack import Stack, afterward

pytestmark = [pytest.mark.timeout(600), pytest.mark.wide]


@pytest.mark.thorough
async def test_the_whole_input_published_again_changes_nothing(stack: Stack, home_today: Patient) -> None:
    await stack.tell(*home_today.stay())
    before, parked = ids(await stack.events()), stack.parked()

    await stack.publish(list(stack.sent))
    await stack.quiet()

    assert ids(await stack.events()) == before
    assert stack.parked() == parked


async def test_events_that_are_republished_are_the_same_ones_and_the_same_stands(
    stack: Stack, home_today: Patient
) -> None:
    await stack.tell(home_today.arrived(), home_today.swabbed("r-1", home_today.at(1), "detected"))
    before = await stack.events()

    for service in SERVICES:
        republished = afterward(stack.data_dir, "republish", service)
        assert republished.returncode == 0, republished.stderr
    await stack.quiet()

    after = await stack.events()
    assert ids(after).keys() == ids(before).keys()
    assert len(after) > len(before)
    assert fold(after) == fold(before)


def ids(events: Iterable[Envelope]) -> Counter[str]:
    """How often each event is on the bus; of the compacted topic only what may not be taken away: its last words."""
    return Counter(event.id for event in events)
