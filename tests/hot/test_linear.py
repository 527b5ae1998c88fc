"""A thousand more messages of one case cost hardly more than the thousand before them, whatever they say."""

import pytest

from chassis.consume.turns import MOST
from tests.hot.cost import affordable_seconds, costs
from tests.hot.streams import STREAMS, Stream

THOUSANDS = 5
NOISE_SECONDS = 0.15
STEEP = frozenset({"discharges and cancellations"})
"""What is taken back has to be said before, and is judged alone: a few in each share are drawn from all facts."""


def by_name(stream: Stream) -> str:
    return stream.name


@pytest.mark.parametrize("stream", [one for one in STREAMS if one.aggregate not in STEEP], ids=by_name)
def test_the_fifth_thousand_costs_at_most_about_twice_the_second(stream: Stream) -> None:
    seconds = costs(stream, THOUSANDS, MOST)
    assert seconds[4] <= 2.5 * seconds[1] + NOISE_SECONDS
    assert sum(seconds) < affordable_seconds(1_000 * THOUSANDS)


@pytest.mark.parametrize("stream", [one for one in STREAMS if one.aggregate in STEEP], ids=by_name)
def test_what_has_to_be_judged_alone_costs_no_more_than_a_millisecond_either(stream: Stream) -> None:
    assert sum(costs(stream, THOUSANDS, MOST)) < affordable_seconds(1_000 * THOUSANDS)
