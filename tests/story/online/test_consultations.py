"""What happens to those who ask is believable, and what has a limit keeps it, but for the few that are meant not to."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from story.online.symptoms import LISTED
from tests.story.online.tally import Data, Story, channel_of, instant, minutes_between

GREEN, CHILDRENS = "zj-green-channel", "hn-childrens-channel"
FIRST, OTHERS = 15, 60
"""Minutes within which children, the pregnant, and who needs dialysis or has other diseases are answered; others."""
CLOCK = 10
"""Minutes by which the demo's clock moves: what is reported in between is known at the end of them."""


def _limit(request: Data) -> int:
    return FIRST if request.get("groups") or _is_child(request) else OTHERS


def _is_child(request: Data) -> bool:
    age = request.get("age")
    return age is not None and (age["unit"] == "mo" or age["value"] < 18)


def _waited(story: Story, name: str, is_over: Data) -> float:
    """Minutes from a request to its end, each at the instant to which the demo's clock moves to tell of it."""
    return minutes_between(_moved(story.requests[name]["recorded"]), _moved(is_over["recorded"]))


def _moved(written: str) -> str:
    at = instant(written)
    return (at + (datetime(1, 1, 1, tzinfo=at.tzinfo) - at) % timedelta(minutes=CLOCK)).isoformat()


def test_nearly_everybody_is_answered_in_time(story: Story) -> None:
    waits = {name: _waited(story, name, done) for name, done in story.completed.items()}
    late = {name for name, waited in waits.items() if waited > _limit(story.requests[name])}
    assert len(late) == 12
    assert all(waits[name] < _limit(story.requests[name]) for name in waits.keys() - late)


def test_some_take_their_request_back_before_anybody_answered(story: Story) -> None:
    assert len(story.cancelled) == 36
    assert not story.cancelled.keys() & story.completed.keys()
    for name, taken_back in story.cancelled.items():
        request = story.requests[name]
        assert instant(request["requested_at"]) < instant(taken_back["cancelled_at"])
        assert _waited(story, name, taken_back) < _limit(request)


def test_every_request_is_answered_or_taken_back_but_the_two_in_beijing(story: Story) -> None:
    open_ones = story.requests.keys() - story.completed.keys() - story.cancelled.keys()
    assert [story.requests[name]["jurisdiction"] for name in open_ones] == ["CN-BJ", "CN-BJ"]


def test_people_ask_at_every_hour_mostly_in_the_morning_and_the_evening(story: Story) -> None:
    hours = Counter(instant(request["requested_at"]).hour for request in story.requests.values())
    total = sum(hours.values())
    night, morning, evening = (sum(hours[h] for h in span) for span in (range(6), range(8, 12), range(18, 22)))
    assert min(hours[hour] for hour in range(24)) > 50
    assert 0.05 < night / total < 0.12
    assert 0.22 < morning / total < 0.32
    assert 0.22 < evening / total < 0.32


def test_more_ask_from_day_to_day(story: Story) -> None:
    days = Counter(instant(request["requested_at"]).day for request in story.requests.values())
    assert days[9] < days[12] < days[16] < days[20] < days[24]
    assert max(days.values()) < 1_000


def test_children_are_one_in_five_of_those_who_ask_in_zhejiang_and_all_in_hunan(story: Story) -> None:
    children = Counter((channel_of(story, name), _is_child(request)) for name, request in story.requests.items())
    assert 0.15 < children[GREEN, True] / (children[GREEN, True] + children[GREEN, False]) < 0.3
    assert children[CHILDRENS, False] == 0


def test_most_symptoms_are_on_the_list_and_fever_leads(story: Story) -> None:
    symptoms = Counter(code for request in story.requests.values() for code in request["symptoms"])
    listed = sum(symptoms[code] for code in LISTED)
    assert len(LISTED) == 11
    assert 0.94 < listed / sum(symptoms.values()) < 0.995
    assert symptoms.most_common(1)[0][0] == "386661006"


def test_groups_modes_and_districts_vary(story: Story) -> None:
    requests = story.requests.values()
    groups = Counter(group for request in requests for group in request["groups"])
    modes = Counter(request["mode"] for request in requests)
    assert set(groups) == {"pregnant", "dialysis", "comorbid"}
    assert modes["text"] > modes["voice"] > modes["video"] > 500
    assert len({(request["jurisdiction"], request["district"]) for request in requests}) == 9 + 7 + 2


def test_some_leave_the_channel_open_and_some_are_to_be_seen(story: Story) -> None:
    routed = [request for request in story.requests.values() if "channel_id" not in request]
    refers = sum(done["refer_offline"] for done in story.completed.values())
    assert 300 < len(routed) < 1_000
    assert 80 < refers < 300


def test_one_red_flag(story: Story) -> None:
    (name,) = [name for name, request in story.requests.items() if request["red_flags"]]
    assert minutes_between(story.requests[name]["recorded"], story.completed[name]["recorded"]) < 5
    assert story.completed[name]["refer_offline"]


def _prescribed(story: Story) -> dict[str, Data]:
    return {
        done["prescription"]["prescription_id"]: done for done in story.completed.values() if "prescription" in done
    }


def test_each_prescription_is_reviewed_within_half_an_hour_and_some_are_rejected(story: Story) -> None:
    prescribed = _prescribed(story)
    assert 1_000 < len(prescribed) < 1_600
    assert prescribed.keys() == story.reviews.keys()
    for name, review in story.reviews.items():
        assert 0 < minutes_between(prescribed[name]["completed_at"], review["recorded"]) + CLOCK < 30
    rejected = sum(review["decision"] == "rejected" for review in story.reviews.values())
    assert 15 < rejected < 80


ONE_WAY = ("dispensed", "dispatched", "delivered")
WITH_A_FAILURE = ("dispensed", "dispatched", "failed", "dispatched", "delivered")


def test_approved_medicine_is_delivered_once_at_times_at_the_second_attempt(story: Story) -> None:
    approved = {name for name, review in story.reviews.items() if review["decision"] == "approved"}
    ways = Counter(tuple(step["status"] for step in steps) for steps in story.deliveries.values())
    assert story.deliveries.keys() == approved
    assert ways.keys() == {ONE_WAY, WITH_A_FAILURE}
    assert 10 < ways[WITH_A_FAILURE] < 80


@pytest.mark.parametrize(("status", "limit"), [("dispatched", 4 * 60), ("delivered", 24 * 60), ("failed", 24 * 60)])
def test_no_step_of_a_delivery_takes_too_long(story: Story, status: str, limit: int) -> None:
    for name, steps in story.deliveries.items():
        instants: list[Any] = [story.reviews[name]["reviewed_at"], *(step["reported_at"] for step in steps)]
        for before, step in zip(instants, steps, strict=False):
            if step["status"] == status:
                assert minutes_between(before, step["recorded"]) + CLOCK < limit
