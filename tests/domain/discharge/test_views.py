"""What `afterward case` shows of discharge."""

import json
from datetime import datetime
from typing import Any

from schemas.message import Message
from services.discharge.routes import CASE
from services.discharge.views import case
from tests.domain.discharge.journeys import (
    admitted,
    at,
    cancelled,
    confirmed,
    discharged,
    measured,
    ordinary,
    stay,
    swabbed,
)
from tests.domain.story import Story


def shown(messages: list[Message], now: datetime) -> dict[str, Any]:
    state = Story(CASE).given(*messages, received_at=now).state
    reported: dict[str, Any] = json.loads(json.dumps(case(state.facts, state.conclusions, now)))
    return reported


def test_a_case_that_nobody_admitted_yet_awaits_admission() -> None:
    assert shown([confirmed()], at(2))["stage"] == "awaiting_admission"


def test_in_hospital_each_criterion_is_shown_with_evidence_and_when_it_could_be_met() -> None:
    reported = shown([*stay(without=("two_negatives",)), measured(at(16, 9), 38.0)], at(16, 12))
    assert reported["stage"] == "in_hospital"
    criteria = {entry["name"]: entry for entry in reported["episodes"][0]["criteria"]["list"]}
    assert criteria["imaging"]["evidence"] == ["s-2"]
    assert criteria["temperature"] == {
        "name": "temperature",
        "met": False,
        "evidence": ["vital_signs@2020-10-16T09:00:00+08:00"],
        "next_possible_at": "2020-10-19T09:00:01+08:00",
    }


def test_the_discharge_is_shown_with_its_approval_and_what_was_missing() -> None:
    reported = shown(ordinary(), at(17, 12))
    (episode,) = reported["episodes"]
    assert (reported["stage"], episode["discharge"]["stands"], episode["violation"]) == ("discharged", True, None)
    assert episode["approvals"][0]["panel"] == ["physician", "nurse"]
    assert episode["criteria"]["announced"] == {"met": True, "at": "2020-10-15T14:00:00+08:00"}
    without = shown([confirmed(), admitted(), discharged(at(17, 10))], at(17, 12))
    assert "approval" in without["episodes"][0]["violation"]["unmet"]


def test_a_discharge_taken_back_is_shown_and_the_patient_is_in_hospital() -> None:
    reported = shown([*ordinary(), cancelled(at(17, 11))], at(17, 12))
    assert reported["stage"] == "in_hospital"
    assert reported["episodes"][0]["discharge"]["why"] == "cancelled"


def test_a_discharge_that_waits_is_shown_with_when_it_is_answered() -> None:
    reported = shown([confirmed(), admitted(at(20)), discharged(at(17, 10))], at(20, 12))
    assert reported["waiting"][0]["answered_at"] == "2020-10-21T12:00:00+08:00"
    assert reported["waiting"][0]["answered"] is False
    assert reported["episodes"][0]["discharge"] is None


def test_death_and_transfer_are_stages_of_their_own() -> None:
    assert shown([admitted(), discharged(at(9), "died")], at(10))["stage"] == "died"
    assert shown([admitted(), discharged(at(9), "transferred")], at(10))["stage"] == "transferred"


def test_a_discharge_after_a_positive_retest_that_began_no_episode_is_shown() -> None:
    """It ends neither the first stay, which is over, nor another that anybody knows of."""
    positive = swabbed("r-20", at(24, 10), "detected", setting="follow_up")
    messages = [confirmed(), admitted(), discharged(at(17, 10)), positive, discharged(at(28, 10))]
    reported = shown(messages, at(29))
    assert [stay["discharged_at"] for stay in reported["other_stays"]] == ["2020-10-28T10:00:00+08:00"]
    assert reported["episodes"][0]["discharge"]["discharged_at"] == "2020-10-17T10:00:00+08:00"
