"""A process without the bus asks why once it has been for a while, and says it once."""

import logging
from collections.abc import Iterable

import pytest

from chassis.bus_access import BusAccess
from chassis.process import diagnosis, outages
from chassis.process.diagnosis import ASK_AGAIN_SECONDS, PATIENCE_SECONDS, Diagnosis
from chassis.process.outages import Outage


class Bus:
    """What a probe of it says, and how often it was asked; the clock and what the process lacks are set by hand."""

    def __init__(self) -> None:
        self.says: str | None = "it refuses everybody"
        self.asked = 0
        self.now = 0.0
        self.is_joined = True

    async def why_not(self, _bus: BusAccess, topics: Iterable[str]) -> str | None:
        """A probe."""
        assert list(topics) == ["t"]
        self.asked += 1
        return self.says


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    """A bus that refuses."""
    bus = Bus()
    monkeypatch.setattr(diagnosis, "monotonic", lambda: bus.now)
    monkeypatch.setattr(outages, "monotonic", lambda: bus.now)
    return bus


async def test_it_is_asked_after_a_while_then_now_and_then_and_said_once(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    outage = Outage("the bus")
    looking = Diagnosis(BusAccess("h:1"), ["t"], lambda: bus.is_joined, outage, bus.why_not)
    await looking.look()
    outage.gone("relay", "it fails")
    caplog.clear()
    with caplog.at_level(logging.ERROR):
        for bus.now in (0.0, PATIENCE_SECONDS - 0.1, PATIENCE_SECONDS, PATIENCE_SECONDS + 1):
            await looking.look()
        assert (bus.asked, looking.why) == (1, "it refuses everybody")
        bus.now = PATIENCE_SECONDS + ASK_AGAIN_SECONDS
        await looking.look()
    assert bus.asked == 2
    assert [record.message for record in caplog.records] == ["the bus cannot be used: it refuses everybody"]
    outage.back("relay")
    await looking.look()
    assert looking.why is None


async def test_who_is_not_let_into_its_group_asks_too_and_a_short_outage_asks_nothing(bus: Bus) -> None:
    outage = Outage("the bus")
    looking = Diagnosis(BusAccess("h:1"), ["t"], lambda: bus.is_joined, outage, bus.why_not)
    outage.gone("relay", "restarted")
    await looking.look()
    bus.now = 1
    outage.back("relay")
    await looking.look()
    bus.is_joined = False
    bus.now = PATIENCE_SECONDS
    await looking.look()
    assert (bus.asked, looking.why) == (0, None)
    bus.now = 2 * PATIENCE_SECONDS
    await looking.look()
    assert (bus.asked, looking.why) == (1, "it refuses everybody")
