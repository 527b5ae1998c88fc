"""Stories side by side: one clock, each goes on when its instant comes, one that fails is told of and ends no other."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta

import pytest

from schemas.envelope import Envelope
from schemas.message import Report
from tests.journeys.afterwards import People, expect, expect_in_all, expect_nothing
from tests.journeys.side_by_side import Heard, Hears, Published, Wish, given

BEGINS = datetime(2020, 10, 17, tzinfo=UTC)


class Clock:
    """A stack of which only the clock is left; `stops`: where it stood still."""

    def __init__(self) -> None:
        self.stops = [BEGINS]

    def now(self) -> datetime:
        return self.stops[-1]

    async def until(self, instant: datetime) -> None:
        assert instant >= self.now()
        self.stops.append(instant)

    async def tell(self, *reports: Report) -> None:
        assert not reports

    async def listen(self, who: Hears) -> None:
        """Nobody says anything."""


def after(hours: int) -> datetime:
    return BEGINS + timedelta(hours=hours)


def story(received_at: list[int], *hours: int) -> Callable[[str, Heard], Coroutine[Wish, None, None]]:
    """Waits for each of these hours; `received_at`: those that have come, to whomever."""

    async def tell(_name: str, _heard: Heard) -> None:
        for hour in hours:
            await given(after(hour))
            received_at.append(hour)

    return tell


async def test_everybody_waits_for_everybody_and_the_clock_stops_once_for_all_who_asked_for_an_instant() -> None:
    clock, received_at = Clock(), list[int]()
    both = await Published({"one": story(received_at, 1, 3, 7), "other": story(received_at, 2, 3)}).tell(
        clock, clock.listen
    )
    assert received_at == [1, 2, 3, 3, 7]
    assert clock.stops == [BEGINS, after(1), after(2), after(3), after(7)]
    both.end_of("one")
    both.end_of("other")


async def test_a_story_that_fails_is_raised_where_it_is_asked_for_and_the_others_are_told_to_their_ends() -> None:
    async def fails(name: str, heard: Heard) -> None:
        await given(after(1))
        expect(People(name, heard).child(), "QuarantineStarted")

    clock, received_at = Clock(), list[int]()
    both = await Published({"fails": fails, "goes on": story(received_at, 1, 2)}).tell(clock, clock.listen)
    assert received_at == [1, 2]
    both.end_of("goes on")
    with pytest.raises(AssertionError, match=r"QuarantineStarted .* 0 of"):
        both.end_of("fails")


async def test_a_story_cannot_go_back_in_time() -> None:
    clock = Clock()
    back = await Published({"back": story([], 2, 1)}).tell(clock, clock.listen)
    with pytest.raises(AssertionError, match="never goes back"):
        back.end_of("back")


def test_what_was_said_is_expected_once_and_what_was_not_expected_is_seen() -> None:
    heard = Heard()
    child = People("test_of_a_child", heard).child()
    for number, day in enumerate((5, 5, 6)):
        heard.hear(missed(child.case_id, number, day))
    expect(child, "QuarantineDayMissed", day=6)
    with pytest.raises(AssertionError, match="2 of"):
        expect(child, "QuarantineDayMissed", day=5)
    with pytest.raises(AssertionError, match="0 of"):
        expect(child, "QuarantineDayMissed", day=6, at=after(2))
    with pytest.raises(AssertionError, match="said of"):
        expect_nothing(child, "QuarantineDayMissed")
    with pytest.raises(AssertionError, match="too much"):
        expect_in_all(child, QuarantineDayMissed=2)
    expect_in_all(child, QuarantineDayMissed=3)


def missed(case_id: str, number: int, day: int) -> Envelope:
    """An event as it is read from the bus."""
    about = ("/services/followup", "afterward.QuarantineDayMissed.v1", case_id, after(1), after(1))
    return Envelope(f"id-{number}", *about, {"day": day, "episode": 1, "local_date": "2020-10-22"}, sequence=number)
