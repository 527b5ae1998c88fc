"""Somebody is on duty at every minute, but for the gap of the first roster; whoever answers is on duty."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest

from story.online import END
from tests.story.online.tally import Data, Story, channel_of, instant, uncovered

GREEN, CHILDRENS = "zj-green-channel", "hn-childrens-channel"
GAP = (datetime.fromisoformat("2022-12-17T00:00:00+08:00"), datetime.fromisoformat("2022-12-17T02:00:00+08:00"))
FOUND_AT = GAP[0] - timedelta(days=7)
"""A week ahead (C4)."""
WEEK = timedelta(days=7)


class Shift(NamedTuple):
    """A shift, and when it was written down."""

    begins_at: datetime
    ends_at: datetime
    known_at: datetime
    data: Data


@pytest.fixture(scope="module")
def shifts(story: Story) -> dict[str, list[Shift]]:
    """The shifts of each channel."""
    found: defaultdict[str, list[Shift]] = defaultdict(list)
    for each in story.shifts:
        shift = Shift(instant(each["from"]), instant(each["until"]), instant(each["recorded"]), each)
        found[each["channel_id"]].append(shift)
    return found


def _gaps(shifts: list[Shift], at: datetime, begins_at: datetime, ends_at: datetime) -> list[tuple[datetime, datetime]]:
    """The times without anybody on duty, by what had been reported at an instant."""
    return uncovered(((s.begins_at, s.ends_at) for s in shifts if s.known_at <= at), begins_at, ends_at)


def _opened_at(story: Story, channel: str) -> datetime:
    return instant(story.channels[channel]["opened_at"])


@pytest.mark.parametrize("channel", [GREEN, CHILDRENS])
def test_every_minute_until_a_week_after_the_end_is_covered_in_the_end(
    story: Story, shifts: dict[str, list[Shift]], channel: str
) -> None:
    assert _gaps(shifts[channel], END, _opened_at(story, channel), END + WEEK) == []


@pytest.mark.parametrize("channel", [GREEN, CHILDRENS])
def test_at_any_time_the_next_week_is_covered_but_for_one_gap_that_is_closed_the_day_it_is_found(
    story: Story, shifts: dict[str, list[Shift]], channel: str
) -> None:
    now, seen = _opened_at(story, channel), []
    while now <= END:
        if gaps := _gaps(shifts[channel], now, now, now + WEEK):
            seen.append((now, gaps))
        now += timedelta(hours=2)
    found = [] if channel == CHILDRENS else [FOUND_AT + timedelta(hours=hours) for hours in (2, 4, 6, 8)]
    assert seen == [(at, [GAP]) for at in found]


def test_the_first_roster_has_the_gap_and_two_of_the_evening_close_it(
    story: Story, shifts: dict[str, list[Shift]]
) -> None:
    opened_at = _opened_at(story, GREEN)
    assert _gaps(shifts[GREEN], opened_at, opened_at, GAP[1] + timedelta(hours=6)) == [GAP]
    closing = {s.data["expert_ref"] for s in shifts[GREEN] if (s.begins_at, s.ends_at) == GAP}
    assert len(closing) == 2
    assert closing <= {s.data["expert_ref"] for s in shifts[GREEN] if s.ends_at == GAP[0]}


def test_72_experts_rest_for_a_day_after_each_shift_but_the_two_who_stay_on(shifts: dict[str, list[Shift]]) -> None:
    by_expert: defaultdict[str, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts[GREEN], key=lambda each: each.begins_at):
        by_expert[shift.data["expert_ref"]].append(shift)
    assert len(by_expert) == 72
    rests = sorted(b.begins_at - a.ends_at for each in by_expert.values() for a, b in pairwise(each))
    assert rests[:2] == [timedelta(), timedelta()]
    assert rests[2] == timedelta(days=1)


def test_the_experts_are_of_all_departments_of_their_channel(story: Story) -> None:
    for channel, declared in story.channels.items():
        rostered = {shift["department"] for shift in story.shifts if shift["channel_id"] == channel}
        assert rostered == set(declared["departments"])


def test_whoever_answers_is_on_duty_and_only_prescribers_prescribe(
    story: Story, shifts: dict[str, list[Shift]]
) -> None:
    duty: defaultdict[tuple[str | None, str], list[Shift]] = defaultdict(list)
    for channel, each in shifts.items():
        for shift in each:
            duty[channel, shift.data["expert_ref"]].append(shift)
    for name, done in story.completed.items():
        at = instant(done["completed_at"])
        on_duty = [s for s in duty[channel_of(story, name), done["expert_ref"]] if s.begins_at <= at < s.ends_at]
        assert on_duty, name
        assert "prescription" not in done or on_duty[0].data["prescriber"], name
