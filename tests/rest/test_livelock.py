"""The five reports that made three services answer each other for ever.

`inputs/livelock.jsonl` is the input of issue 11: one laboratory corrects a result from negative, collected before the
discharge, to positive, collected after it, and the patient has a fever at home. Told on an empty stack on 15 October
2020 at noon in Shanghai they caused 180,000 events in half a minute.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from schemas.message import Report
from schemas.topics import registry
from tests.rest.house import House, NoRest
from tests.rest.lives import Published
from tests.rest.mutants import AS_IT_WAS, broken

INPUT = Path(__file__).parent / "inputs" / "livelock.jsonl"
NOON = datetime.fromisoformat("2020-10-15T12:00:00+08:00")
CASE = "livelock-1"
ENOUGH = 200
"""Events. The five reports cause some 40, most of them the days missed at home and the calls for these."""


def given() -> Iterator[Published]:
    """The five reports, in the order of the file."""
    for line in INPUT.read_text().splitlines():
        envelope = json.loads(line)
        report = registry()[envelope["type"]][0].model_validate(envelope["data"])
        assert isinstance(report, Report)
        yield Published(report, datetime.fromisoformat(envelope.get("recordedtime", envelope["time"])))


FIVE = tuple(given())


def after(reports: tuple[Published, ...], order: str) -> House:
    """A house at rest, to which these were told in turn."""
    house = House(NOON, Random(order))
    for one in reports:
        house.report(one.report, one.recorded)
    house.rest(ENOUGH)
    return house


def standing(house: House, name: str) -> list[dict[str, Any]]:
    """What stands, but for when it came, which the order tells."""
    return [{field: value for field, value in event.data.items() if field != "known_at"} for event in house.asked(name)]


def test_a_result_corrected_to_positive_after_the_discharge_is_a_retest_that_readmits() -> None:
    """F5: collected on the 10th, the day after the discharge, with a fever on the 11th. So the illness that ended on
    the 9th is one episode with its discharge and its plan, and another began on the 10th, and has no discharge.
    """
    house = after(FIVE, "in turn")
    (retest,) = standing(house, "RetestedPositive")
    assert (retest["episode"], retest["branch"]) == (1, "readmit")
    assert retest["evidence"] == ["r1", "log@2020-10-11/am"]
    first, second = sorted(standing(house, "LocalCaseConfirmed"), key=lambda data: data["episode"])
    assert (first["episode"], first["confirmed_at"]) == (1, "2020-10-01T10:00:00+08:00")
    assert (second["episode"], second["confirmed_at"], second["basis"]) == (2, "2020-10-11T10:00:00+08:00", ["r1"])
    (discharge,) = standing(house, "Discharged")
    assert (discharge["episode"], discharge["discharged_at"]) == (1, "2020-10-09T10:00:00+08:00")
    (ended,) = standing(house, "QuarantineCancelled")
    assert (ended["episode"], ended["why"]) == (1, "readmitted")
    assert {data["episode"] for data in standing(house, "QuarantineStarted")} == {1}


def test_in_whatever_order_they_come_and_are_read_the_same_stands() -> None:
    """But for what the order tells: the correction that comes first is no correction."""
    expected = {name: standing(after(FIVE, "in turn"), name) for name in SETTLED}
    for number, reports in enumerate(permutations(FIVE)):
        house = after(reports, f"order {number}")
        assert {name: standing(house, name) for name in SETTLED} == expected, [str(one) for one in reports]


def test_a_retest_that_is_taken_back_ends_the_same_whether_or_not_anybody_had_heard_of_it() -> None:
    """I2: the episode that it had made is excluded, also where its correction was read together with it."""
    confirmed = FIVE[0].report.model_copy(update={"confirmed_at": NOON - timedelta(days=25)})
    corrected = FIVE[3].report.model_copy(update={"result": "not_detected", "resulted_at": NOON - timedelta(days=2)})
    six = (FIVE[0]._replace(report=confirmed), *FIVE[1:], Published(corrected, NOON - timedelta(days=1)))
    for number in range(ORDERS):
        ordered = Random(number).sample(six, len(six)) if number else six
        house = after(tuple(ordered), f"order {number}")
        (excluded,) = standing(house, "CaseExcluded")
        assert (excluded["episode"], excluded["basis"], excluded["why"]) == (2, ["r1"], "no_result")
        assert not standing(house, "RetestedPositive")
        assert [data["episode"] for data in standing(house, "LocalCaseConfirmed")] == [1]


ORDERS = 12
SETTLED = ("LocalCaseConfirmed", "Discharged", "RetestedPositive", "QuarantineStarted", "QuarantineCancelled")


def test_it_is_seen_that_they_were_answered_for_ever() -> None:
    """The rules of before: an episode began by the earliest of all versions of its result."""
    with broken(AS_IT_WAS), pytest.raises(NoRest, match="more than 200 events"):
        after(FIVE, "in turn")
