"""The same reports in another order, and told twice, end in the same standing events."""

from dataclasses import replace

import pytest

from tests.journeys.patient import HOME_FROM_DAY, Patient
from tests.journeys.stack import Stack
from tests.journeys.standing import standing_of

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]


async def test_a_stay_told_backwards_or_inside_out_and_twice_ends_as_when_told_in_order(
    stack: Stack, home_today: Patient
) -> None:
    in_order, backwards, inside_out = (
        replace(home_today, case_id=f"{home_today.case_id}-{name}") for name in ("order", "back", "inside-out")
    )
    reports = list(inside_out.stay())
    await stack.tell(*in_order.stay())
    await stack.tell(*reversed(list(backwards.stay())))
    await stack.tell(*reports[1::2], *reports[::2], *reports)
    await stack.until(home_today.at(HOME_FROM_DAY + 2, 9))

    events = await stack.events()
    expected = standing_of(in_order, events)
    assert sum(expected.values()) > len(reports), (
        "a day has been missed and a call requested beside all that is recorded"
    )
    assert standing_of(backwards, events) == expected
    assert standing_of(inside_out, events) == expected
