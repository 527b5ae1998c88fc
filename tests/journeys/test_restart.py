"""A stack ended and started again: the embedded bus has kept nothing, and the archives say everything again."""

import pytest

from schemas.folding import fold
from tests.journeys.conftest import on_the_embedded_bus
from tests.journeys.patient import Patient
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.timeout(600), pytest.mark.wide]


@on_the_embedded_bus
async def test_the_archives_refill_a_bus_that_has_lost_everything_and_nothing_is_judged_twice(
    stack: Stack, home_today: Patient
) -> None:
    await stack.tell(*home_today.stay())
    before, clock = await stack.events(), stack.now()

    stack.down()
    stack.up("--clock", f"{clock.isoformat()}@step")
    await stack.quiet()
    await stack.tell(*home_today.stay())

    after = await stack.events()
    assert {event.id for event in after} == {event.id for event in before}
    assert fold(after) == fold(before)
