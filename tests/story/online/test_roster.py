"""Somebody is on duty at every minute, but for the gap of the first roster; whoever answers is on duty."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from story.online import END
from tests.story.online.tally import Data, Story, channel_of, instant, uncovered

GREEN, CHILDRENS = "zj-green-channel", "hn-childrens-channel"
GAP = (datetime.fromisoformat("2022-12-17T00:00:00+08:00"), datetime.fromisoformat("2022-12-17T02:00:00+08:00"))
FOUND_AT = GAP[0] - timedelta(days=7)
"""A week ahead (C4)."""
CLOSED_BY = FOUND_AT + timedelta(hours=12)
WEEK = timedelta(days=7)


def _known(story: Story, channel: str, at: datetime) -> list[Data]:
    """The shifts that had been reported by an instant."""
    return [s for s in story.shifts if s["channel_id"] == channel and instant(s["recorded"]) <= at]


def _opened_at(story: Story, channel: str) -> datetime:
    return instant(story.channels[channel]["opened_at"])


@pytest.mark.parametrize("channel", [GREEN, CHILDRENS])
def test_every_minute_until_a_week_after_the_end_is_covered_in_the_end(story: Story, channel: str) -> None:
    assert uncovered(_known(story, channel, END), _opened_at(story, channel), END + WEEK) == []


def test_at_every_hour_the_next_week_is_covered_but_for_one_gap_that_is_closed_on_its_first_day(story: Story) -> None:
    opened_at = _opened_at(story, GREEN)
    now = opened_at
    while now <= END:
        expected = [GAP] if FOUND_AT < now < CLOSED_BY - timedelta(hours=2) else []
        if not FOUND_AT <= now <= FOUND_AT + timedelta(hours=1) and now != CLOSED_BY - timedelta(hours=2):
            assert uncovered(_known(story, GREEN, now), now, now + WEEK) == expected, now
        now += timedelta(hours=1)


def test_at_every_hour_the_next_week_of_the_childrens_channel_is_covered(story: Story) -> None:
    now = _opened_at(story, CHILDRENS)
    while now <= END:
        assert uncovered(_known(story, CHILDRENS, now), now, now + WEEK) == [], now
        now += timedelta(hours=1)


def test_the_first_roster_has_the_gap_and_two_of_the_evening_close_it(story: Story) -> None:
    first = _known(story, GREEN, _opened_at(story, GREEN))
    assert uncovered(first, _opened_at(story, GREEN), GAP[1] + timedelta(hours=6)) == [GAP]
    closing = [s for s in story.shifts if (instant(s["from"]), instant(s["until"])) == GAP]
    assert len(closing) == 2
    evening = {s["expert_ref"] for s in story.shifts if instant(s["until"]) == GAP[0]}
    assert {s["expert_ref"] for s in closing} <= evening


def test_72_experts_have_no_two_shifts_without_a_rest_but_those_who_stay_on(story: Story) -> None:
    shifts: defaultdict[str, list[Data]] = defaultdict(list)
    for shift in story.shifts:
        if shift["channel_id"] == GREEN:
            shifts[shift["expert_ref"]].append(shift)
    assert len(shifts) == 72
    ordered = [sorted(each, key=lambda shift: instant(shift["from"])) for each in shifts.values()]
    rests = [instant(b["from"]) - instant(a["until"]) for each in ordered for a, b in pairwise(each)]
    assert sorted(rests)[:3] == [timedelta(), timedelta(), timedelta(hours=16)]


def test_the_experts_are_of_all_departments_of_their_channel(story: Story) -> None:
    for channel, declared in story.channels.items():
        rostered = {shift["department"] for shift in story.shifts if shift["channel_id"] == channel}
        assert rostered == set(declared["departments"])


def test_whoever_answers_is_on_duty_and_only_prescribers_prescribe(story: Story) -> None:
    duty: defaultdict[tuple[str | None, str], list[Data]] = defaultdict(list)
    for shift in story.shifts:
        duty[shift["channel_id"], shift["expert_ref"]].append(shift)
    for name, done in story.completed.items():
        at = instant(done["completed_at"])
        shifts = duty[channel_of(story, name), done["expert_ref"]]
        on_duty = [shift for shift in shifts if instant(shift["from"]) <= at < instant(shift["until"])]
        assert on_duty, name
        assert "prescription" not in done or on_duty[0]["prescriber"], name
