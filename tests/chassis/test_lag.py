"""How far behind: at most as old as the last record that was read, or the last look that found nothing left."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace

from chassis.consume import lag, watermarks
from chassis.consume.lag import Lags
from chassis.consume.read_offsets import ReadOffsets
from tests.chassis.engine_fixture import record
from tests.chassis.toy import reading

PLACE = ("treatment.reports.v1", 0)
NOON = datetime(2020, 10, 17, 12, tzinfo=UTC)


class Readings:
    """One partition, as far behind as a test says."""

    behind, last_real = 0, None

    def readings(self) -> Iterator[tuple[tuple[str, int], int, datetime | None]]:
        yield PLACE, self.behind, self.last_real

    def unanswered_seconds(self) -> float:
        return 1.5


class At:
    """The time, where a test puts it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0
        for module in (lag, watermarks):
            monkeypatch.setattr(module, "real_now", self.now)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    return At(monkeypatch)


def test_a_record_is_at_most_as_old_as_the_last_look_that_found_nothing_left(at: At) -> None:
    readings: Any = Readings()
    lags = Lags(readings, None)
    assert lags.look().seconds == {PLACE: 0}
    at.seconds = 10
    readings.behind = 3
    found = lags.look()
    assert (found.records, found.seconds, found.oldest_unjudged_seconds) == ({PLACE: 3}, {PLACE: 10}, 10)
    assert found.unanswered_seconds == 1.5
    at.seconds = 20
    assert lags.look().seconds == {PLACE: 20}, "it grows while nothing is read"
    readings.last_real = NOON + timedelta(seconds=15)
    assert lags.look().seconds == {PLACE: 5}, "what is left came after the last that was read"
    readings.behind = 0
    assert lags.look().seconds == {PLACE: 0}


def test_a_backlog_of_which_nothing_was_read_counts_from_the_first_look(at: At) -> None:
    readings = Readings()
    readings.behind = 1_000
    lags = Lags(cast("Any", readings), None)
    assert lags.look().seconds == {PLACE: 0}
    at.seconds = 60
    assert lags.look().seconds == {PLACE: 60}


def test_what_was_handed_on_and_is_not_judged_is_the_oldest(at: At) -> None:
    offsets = ReadOffsets()
    lags = Lags(cast("Any", Readings()), offsets)
    handed = record(reading("c-1", 0))
    stamped = replace(handed, stamp=int(NOON.timestamp() * 1000))
    offsets.begin({(stamped.topic, stamped.partition): stamped.offset})
    offsets.take([stamped])
    at.seconds = 30
    assert lags.look().oldest_unjudged_seconds == 30
    offsets.keep([stamped], offsets.after([stamped]))
    assert lags.look().oldest_unjudged_seconds == 0
