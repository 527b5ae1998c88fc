"""What others may ask of followup: the grid of days, the calls, where each plan stands and why."""

import json
from typing import Any

from services.followup.views import case
from tests.domain.followup.journeys import (
    POSITIVE,
    RETURNED,
    admitted,
    at,
    called,
    discharged,
    log,
    retested,
    revoked,
    visited,
)
from tests.domain.followup.stories import acknowledged, call_id, happening, home, logged, unknown
from tests.domain.story import Story


def asked(story: Story) -> dict[str, Any]:
    """The answer, as JSON would carry it."""
    assert story.now is not None
    answer: dict[str, Any] = json.loads(json.dumps(case(story.state.facts, story.state.conclusions, story.now)))
    return answer


def states(story: Story) -> list[tuple[str, str]]:
    """The grid of the first plan."""
    return [(row["am"]["state"], row["pm"]["state"]) for row in asked(story)["plans"][0]["days"]]


def test_an_unknown_case_has_no_plans() -> None:
    assert asked(unknown().until(at(0))) == {"plans": [], "return_visits_reported": [], "looks_again_at": None}


def test_the_grid_tells_of_each_slot_whether_it_is_logged_late_missing_missed_settled_or_awaited() -> None:
    story = happening(home(), *logged(1, 1), log(2, "pm"), log(3), log(3, "pm")).until(at(5, 0))
    story.given(log(4, "pm"), received_at=at(5, 9)).until(at(6, 12))
    both = ("logged", "logged")
    assert states(story)[:6] == [
        *(both, ("missing", "logged"), both),
        *(("settled", "late"), ("missed", "missed"), ("awaited", "awaited")),
    ]
    assert len(states(story)) == 14


def test_a_logged_slot_tells_what_was_measured() -> None:
    row = asked(happening(home(), log(1, celsius=36.9)))["plans"][0]["days"][0]
    assert (row["day"], row["local_date"], row["am"]["temperature_c"]) == (1, "2020-10-18", 36.9)


def test_a_missed_day_tells_by_what_it_was_settled_and_when() -> None:
    story = happening(home(), *logged(1, 1), *logged(3, 4)).given(log(2), received_at=at(3, 9)).until(at(6, 0))
    story.when(called(call_id(story, 1), at(6, 11)), received_at=at(6, 12)).until(at(9, 0))
    story.when(called(call_id(story, -1), at(9, 11)), received_at=at(9, 12)).until(at(14, 12)).given(
        RETURNED, received_at=at(14, 15)
    )
    settled = {row["day"]: row["settled"] for row in asked(story.until(at(15)))["plans"][0]["days"] if row["missed"]}
    assert settled[2] == {"by": "late_log", "at": "2020-10-19T08:00:00+08:00"}
    assert settled[5] == {"by": "call", "at": "2020-10-23T11:00:00+08:00"}
    assert settled[6] == settled[8] == {"by": "home_visit", "at": "2020-10-26T11:00:00+08:00"}
    assert settled[9] == settled[13] == {"by": "return_visit", "at": "2020-10-31T15:00:00+08:00"}
    assert settled[14] is None


def test_a_plan_tells_its_re_tests_and_return_visits_by_day() -> None:
    story = happening(home(tested=False), *logged(), POSITIVE, retested("r-16", at(16)), RETURNED)
    plan = asked(story.until(at(17)))["plans"][0]
    assert plan["test_days"] == [7, 14]
    assert [(test["day"], test["result"]) for test in plan["tests"]] == [(7, "detected"), (16, "not_detected")]
    assert [(visit["day"], visit["visit"]) for visit in plan["return_visits"]] == [(14, "week_2"), (28, "week_4")]


def test_a_call_tells_its_state() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 1))
    (call,) = asked(story)["plans"][0]["calls"]
    assert (call["state"], call["days"], call["call_by"]) == ("open", [5], "2020-10-24T00:00:00+08:00")
    story.when(called(call_id(story), at(6, 11)), received_at=at(6, 12))
    assert asked(story)["plans"][0]["calls"][0]["state"] == "reached"


def test_a_held_plan_tells_what_was_missing_at_its_end_and_what_is_missing_now() -> None:
    story = happening(home(), *logged(but=(5, 6))).until(at(16)).given(log(5), received_at=at(16, 10))
    status = asked(story)["plans"][0]["status"]
    assert (status["state"], status["missing"], status["missing_now"]) == ("held", [5, 6], [6])


def test_an_extended_plan_tells_why_and_until_when() -> None:
    plan = asked(happening(home(), *logged(), POSITIVE).until(at(15, 9)))["plans"][0]
    assert (plan["days_added"], plan["last_day"]) == ([15], "2020-11-01")
    assert (plan["positive_again"]["branch"], plan["positive_again"]["evidence"]) == ("convalescent_isolation", ["r-7"])
    assert plan["days"][-1]["am"]["state"] == "awaited"


def test_a_cancelled_plan_tells_by_what_and_a_second_episode_has_its_own() -> None:
    story = home().given(revoked(at(0, 12)), discharged(at(12), episode=2), received_at=at(0, 13))
    first, second = asked(story)["plans"]
    assert (first["status"]["state"], first["status"]["why"]) == ("cancelled", "revoked")
    assert (second["episode"], second["status"]["state"]) == (2, "running")


def test_a_home_visit_is_told_beside_the_calls() -> None:
    plan = asked(happening(home(), *logged(1, 4)).until(at(8, 0)))["plans"][0]
    assert [call["state"] for call in plan["calls"]] == ["lapsed"] * 3
    assert [(visit["state"], visit["call_by"]) for visit in plan["home_visits"]] == [
        ("open", "2020-10-26T00:00:00+08:00")
    ]


def test_a_lost_plan_tells_since_when() -> None:
    status = asked(happening(home(), *logged(1, 4)).until(at(9, 0)))["plans"][0]["status"]
    assert (status["state"], status["since"]) == ("lost", "2020-10-26T00:00:00+08:00")


def test_an_alert_tells_whether_it_is_open() -> None:
    story = home().given(log(3, celsius=38.1), received_at=at(3, 9))
    (alert,) = asked(story)["plans"][0]["alerts"]
    assert (alert["day"], alert["why"], alert["severity"], alert["state"]) == (3, "fever", "high", "open")
    assert asked(story)["plans"][0]["status"]["open_alerts"] == 1
    acknowledged(story, at(3, 10))
    assert asked(story)["plans"][0]["alerts"][0]["state"] == "closed"


def test_a_return_visit_tells_whether_it_is_awaited_missed_or_attended() -> None:
    story = happening(home(), *logged(), RETURNED).until(at(20))
    assert [visit["state"] for visit in asked(story)["plans"][0]["return_visits"]] == ["attended", "awaited"]
    story.until(at(30, 0))
    plan = asked(story)["plans"][0]
    assert [visit["state"] for visit in plan["return_visits"]] == ["attended", "missed"]
    assert [call["about"] for call in plan["calls"]] == ["week_4"]


def test_return_visits_are_told_as_reported() -> None:
    story = home().given(visited("week_2", at(14)), visited("week_4", None), received_at=at(0, 12))
    assert [visit["visit"] for visit in asked(story)["return_visits_reported"]] == ["week_2", "week_4"]


def test_a_stay_in_another_hospital_is_shown_with_its_days() -> None:
    story = happening(home(), *logged(1, 4)).given(admitted(at(5, 10)), received_at=at(5, 11)).until(at(7, 1))
    plan = asked(story)["plans"][0]
    assert (plan["status"]["state"], plan["status"]["institution_id"]) == ("paused", "CN-SH/other")
    assert plan["stays"] == [
        {"institution_id": "CN-SH/other", "admitted_at": "2020-10-22T10:00:00+08:00", "ended_at": None}
    ]
    assert [row["am"]["state"] for row in plan["days"][3:6]] == ["logged", "in_hospital", "in_hospital"]


def test_days_before_the_discharge_was_known_are_shown_as_unknown() -> None:
    plan = asked(unknown().given(discharged(), received_at=at(4, 10)))["plans"][0]
    assert [row["am"]["state"] for row in plan["days"][:4]] == ["unknown", "unknown", "unknown", "awaited"]
    assert plan["status"]["missing_now"] == [1, 2, 3]
    assert [call["why"] for call in plan["calls"]] == ["day_unknown"]
