"""Virtual time: kept in a file, shared by processes, and able to say what it was when the real clock showed X."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.clock import RealTime, Step, VirtualTime, monotonic, real_now, timeline

AUTUMN = datetime(2020, 10, 1, tzinfo=UTC)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a clock is kept."""
    return tmp_path / "clock.json"


def written(file: Path, *steps: tuple[datetime, datetime, float]) -> VirtualTime:
    """A clock with a known past."""
    lines = (json.dumps([since.isoformat(), shows.isoformat(), speed]) for since, shows, speed in steps)
    file.write_text("".join(f"{line}\n" for line in lines))
    return VirtualTime(file)


def test_a_clock_that_stands_shows_the_same_instant_however_late_it_is(file: Path) -> None:
    clock = written(file, (NOON, AUTUMN, 0))
    assert clock.at(NOON) == clock.at(NOON + timedelta(days=400)) == AUTUMN


def test_a_fast_clock_goes_as_many_times_as_fast(file: Path) -> None:
    clock = written(file, (NOON, AUTUMN, 600))
    assert clock.at(NOON + timedelta(seconds=1)) == AUTUMN + timedelta(minutes=10)


def test_a_real_instant_is_translated_by_the_step_that_held_then(file: Path) -> None:
    second = timedelta(seconds=1)
    clock = written(
        file,
        (NOON, AUTUMN, 0),
        (NOON + 10 * second, AUTUMN + timedelta(days=1), 60),
        (NOON + 20 * second, AUTUMN + timedelta(days=2), 0),
    )
    assert clock.at(NOON + 9 * second) == AUTUMN
    assert clock.at(NOON + 10 * second) == AUTUMN + timedelta(days=1)
    assert clock.at(NOON + 15 * second) == AUTUMN + timedelta(days=1, minutes=5)
    assert clock.at(NOON + 21 * second) == AUTUMN + timedelta(days=2)


def test_what_came_before_the_clock_was_set_came_when_it_began(file: Path) -> None:
    assert written(file, (NOON, AUTUMN, 60)).at(NOON - timedelta(days=1)) == AUTUMN


def test_a_step_moves_the_clock_and_keeps_its_past(file: Path) -> None:
    clock = VirtualTime(file)
    assert not clock.exists()
    clock.step_to(AUTUMN, 0)
    before = real_now()
    clock.step_to(AUTUMN + timedelta(hours=12), 0)
    assert clock.now() == AUTUMN + timedelta(hours=12)
    assert clock.at(before) == AUTUMN
    assert [step.speed for step in clock.steps()] == [0, 0]


def test_a_stamp_of_the_bus_tells_what_came_before_a_step_from_what_came_after_it(file: Path) -> None:
    """The bus counts whole milliseconds: a stamp that both sides of a step share would put one of them a day off."""
    clock = VirtualTime(file)
    clock.step_to(AUTUMN, 0)
    for day in range(1, 100):
        before = _stamped(real_now())
        clock.step_to(AUTUMN + timedelta(days=day), 0)
        after = _stamped(real_now())
        assert clock.at(before) == AUTUMN + timedelta(days=day - 1)
        assert clock.at(after) == AUTUMN + timedelta(days=day)


def _stamped(real: datetime) -> datetime:
    return datetime.fromtimestamp(int(real.timestamp() * 1000) / 1000, UTC)


def test_the_clock_never_goes_back(file: Path) -> None:
    clock = VirtualTime(file)
    clock.step_to(AUTUMN, 0)
    with pytest.raises(ValueError, match="does not go back"):
        clock.step_to(AUTUMN - timedelta(microseconds=1), 0)
    clock.step_to(AUTUMN, 0)
    assert clock.now() == AUTUMN


def test_a_step_by_another_process_is_seen_at_once(file: Path) -> None:
    mine, others = VirtualTime(file), VirtualTime(file)
    others.step_to(AUTUMN, 0)
    assert mine.now() == AUTUMN
    others.step_to(AUTUMN + timedelta(days=1), 0)
    assert mine.now() == AUTUMN + timedelta(days=1)


def test_of_a_clock_file_only_the_new_lines_are_read(file: Path) -> None:
    clock = written(file, (NOON, AUTUMN, 0))
    assert len(clock.steps()) == 1
    file.write_text("x" * (file.stat().st_size - 1) + "\n")
    with file.open("a") as more:
        more.write(json.dumps([(NOON + timedelta(1)).isoformat(), AUTUMN.isoformat(), 0]) + "\n")
    assert [step.since for step in clock.steps()] == [NOON, NOON + timedelta(1)]


def test_a_line_that_is_still_being_written_waits_for_its_end(file: Path) -> None:
    clock = written(file, (NOON, AUTUMN, 0))
    line = json.dumps([(NOON + timedelta(1)).isoformat(), AUTUMN.isoformat(), 0])
    for part, known in ((line[:9], 1), (line[9:], 1), ("\n", 2)):
        with file.open("a") as more:
            more.write(part)
        assert len(clock.steps()) == known


def test_a_step_knows_what_it_shows() -> None:
    assert Step(NOON, AUTUMN, 2).at(NOON + timedelta(hours=1)) == AUTUMN + timedelta(hours=2)


def test_without_a_clock_file_time_is_real() -> None:
    real = timeline(None)
    assert isinstance(real, RealTime)
    before, now, after = real_now(), real.now(), real_now()
    assert before <= now <= after
    assert real.at(NOON) == NOON
    assert now.tzinfo is UTC


def test_with_a_clock_file_time_is_virtual(file: Path) -> None:
    assert isinstance(timeline(file), VirtualTime)


def test_durations_are_measured_by_a_clock_that_never_jumps() -> None:
    assert monotonic() <= monotonic()
