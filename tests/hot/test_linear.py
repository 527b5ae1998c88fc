"""A thousand more messages of one case cost hardly more than the thousand before them, whatever they say.

Not among them: alerts told to primarycare, of which a case has no more than its plans have days and reasons.
"""

import pytest

from chassis.turns import MOST
from tests.hot.cost import costs
from tests.hot.streams import STREAMS, Stream

THOUSANDS = 5
NOISE_SECONDS = 0.15


@pytest.mark.parametrize("stream", [one for one in STREAMS if one.kind != "alerts"], ids=lambda stream: stream.name)
def test_the_fifth_thousand_costs_at_most_about_twice_the_second(stream: Stream) -> None:
    seconds = costs(stream, THOUSANDS, MOST)
    assert seconds[4] <= 2 * seconds[1] + NOISE_SECONDS
    assert sum(seconds) < THOUSANDS, "a millisecond each"
