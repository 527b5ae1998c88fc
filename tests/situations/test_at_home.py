"""F: the weeks at home."""

from typing import Any

from tests.situations.play import Play, situation

CASE = "C-1"
POSITIVE_AGAIN = "2020-10-20T15:00:00+08:00"


def calls(play: Play, why: str) -> list[dict[str, Any]]:
    """Every call and home visit that was asked for, in order."""
    names = ("afterward.CallRequested.v1", "afterward.HomeVisitRequested.v1")
    return [dict(one.data) for one in play.stated if one.type in names and one.data["why"] == why]


def alerts(play: Play, why: str) -> list[dict[str, Any]]:
    """The alerts of a kind that stand."""
    return [one for one in play.standing_of("HealthAlertRaised") if one["why"] == why]


def test_the_call_that_reached_the_patient_stands_and_settles_the_day_f3() -> None:
    play = situation("reopened-ladder-vanishes")
    assert play.unanswerable == []
    outcomes = [(one["outcome"], one["called_at"]) for one in play.standing_of("CallCompleted") if one["days"] == [14]
                and one["why"] == "day_missed"]  # fmt: skip
    assert outcomes == [
        ("refused", "2020-10-27T01:00:00+08:00"),
        ("refused", "2020-10-27T02:00:00+08:00"),
        ("reached", "2020-10-30T03:00:00+08:00"),
    ]
    (plan,) = play.view("followup", CASE)["plans"]
    assert plan["status"]["missing_now"] == []
    (missed,) = [day for day in plan["days"] if day["missed"]]
    assert missed["day"] == 14
    assert "2020-10-30T03:00:00+08:00" in str(missed["settled"])


def test_what_is_asked_after_an_admission_for_another_reason_is_nothing_f8() -> None:
    play = situation("readmitted-for-another-reason-is-lost")
    (paused,) = play.standing_of("QuarantinePaused")
    assert (paused["why"], paused["institution_id"]) == ("in_hospital", "HOSP-2")
    for name in ("CallRequested", "HomeVisitRequested", "LostToFollowUp", "QuarantineDayMissed", "RetestMissed"):
        assert play.stated_of(name) == [], name
    assert play.stated_of("ReturnVisitMissed") == []
    assert [one["day"] for one in play.standing_of("QuarantineDayLogged")] == [1, 2, 3, 4], "its history stands"


def test_a_plan_goes_on_where_the_other_stay_ends_and_its_days_were_not_missed_f8() -> None:
    play = situation("readmitted-same-episode-moves-the-figures")
    resumed = [one.time.isoformat() for one in play.stated_of("QuarantineResumed")]
    assert resumed == ["2020-10-21T10:00:00+08:00"]
    assert play.stated_of("QuarantineDayMissed") == []
    assert [one["day"] for one in play.standing_of("RetestMissed")] == [14], "day 7 was spent in hospital"


def test_days_that_ended_before_the_discharge_was_known_are_unknown_and_asked_about_at_once_f3() -> None:
    play = situation("discharge-told-late-lost-at-once")
    first = calls(play, "day_unknown")[0]
    assert (first["days"], first["attempt"]) == ([1, 2, 3, 4, 5, 6], 1)
    (asked,) = [one for one in play.stated_of("CallRequested") if one.data["call_id"] == first["call_id"]]
    assert asked.time.isoformat() == "2020-10-19T10:00:00+08:00"
    assert min(one["day"] for one in play.standing_of("QuarantineDayMissed")) == 7
    earlier = [one for one in play.stated_of("CallCompleted") if one.time.isoformat() < "2020-10-20T00:00:00+08:00"]
    assert earlier == [], "nothing lapses before it was asked for"
    (lost,) = play.stated_of("LostToFollowUp")
    assert lost.time.isoformat() == "2020-10-22T10:00:00+08:00", "72 h after the first call, not at once"


def test_dyspnoea_on_the_evening_of_day_0_and_on_day_15_is_an_urgent_alert_f2_f4() -> None:
    play = situation("dyspnoea-outside-the-plan")
    found = [(one["day"], one["severity"], one["evidence"]) for one in alerts(play, "symptoms")]
    assert found == [(0, "urgent", ["log@2020-10-12/pm"]), (15, "urgent", ["log@2020-10-27/am"])]
    assert [(one["day"], one["severity"]) for one in alerts(play, "fever")] == [(15, "high")]
    logged = {one["local_date"] for one in play.standing_of("QuarantineDayLogged")}
    assert {"2020-10-12", "2020-10-27"} & logged == set(), "a log outside the plan settles no day"


def test_a_fever_is_not_erased_by_a_later_measurement_of_the_slot_f2_f4() -> None:
    play = situation("fever-erased-by-a-later-log-of-the-slot")
    (alert,) = alerts(play, "fever")
    assert (alert["day"], alert["severity"]) == (3, "high")
    assert [one.data.get("withdrawn") for one in play.stated_of("HealthAlertRaised")] == [None]
    (slot,) = [one for one in play.standing_of("QuarantineDayLogged") if one["day"] == 3]
    assert slot["temperature_c"] == 36.9, "the slot shows what was reported last"
    assert play.standing_of("AlertClosed") == [], "no physician has seen it"
    (held,) = play.standing_of("QuarantineHeld")
    assert "alert of day 3: fever" in held["missing"]


def test_disturbed_consciousness_and_chest_pain_are_urgent_f4() -> None:
    play = situation("unconscious-may-wait-a-day")
    found = alerts(play, "symptoms")
    assert {one["severity"] for one in found} == {"urgent"}
    evidence = {name for one in found for name in one["evidence"]}
    assert evidence == {"log@2020-10-13/am", "log@2020-10-13/pm"}
    first = play.stated_of("AlertForwarded")[0]
    assert first.data["respond_by"] == "2020-10-13T10:00:00+08:00", "2 h"


def test_a_positive_that_a_fever_clinic_took_during_the_plan_is_positive_again_f5() -> None:
    play = situation("positive-by-a-fever-clinic-during-the-plan")
    (again,) = play.standing_of("RetestedPositive")
    assert (again["branch"], again["episode"]) == ("readmit", 1)
    assert again["evidence"] == ["P1", "log@2020-10-20/am"]
    assert [one["severity"] for one in alerts(play, "positive_test")] == ["urgent"]
    (second,) = [one for one in play.standing_of("CaseImported") if one["episode"] == 2]
    assert (second["basis"], second["confirmed_at"]) == (["P1"], POSITIVE_AGAIN)
    assert [one["why"] for one in play.standing_of("QuarantineCancelled")] == ["readmitted"]
    sent = [one.data for one in play.stated_of("TransferRequested") if one.data["episode"] == 2]
    assert [one["to_institution_id"] for one in sent] == ["HOSP-1"]


def test_under_v9_a_late_ct_is_a_negative_after_the_discharge_as_before_it_f5_d4() -> None:
    play = situation("v9-retest-with-ct-37")
    assert play.standing_of("Discharged")[0]["criteria_met"] is True
    assert play.stated_of("RetestedPositive") == []
    assert alerts(play, "positive_test") == []
    assert [one["episode"] for one in play.standing_of("CaseImported")] == [1]
    assert play.stated_of("RetestMissed") == [], "it was taken on its day"
    (held,) = play.standing_of("QuarantineHeld")
    assert held["missing"] == ["alert of day 6: symptoms"]


def test_re_tests_that_nobody_took_are_missed_and_somebody_calls_f5() -> None:
    play = situation("no-retest-ever")
    missed = [(one["due_on"], one["day"]) for one in play.standing_of("RetestMissed")]
    assert missed == [("2020-10-19", 7), ("2020-10-26", 14)]
    assert [one.time.isoformat() for one in play.stated_of("RetestMissed")] == [
        "2020-10-21T00:00:00+08:00",
        "2020-10-28T00:00:00+08:00",
    ]
    asked = calls(play, "retest_missed")
    assert [one["attempt"] for one in asked] == [1, 2, 3, 4] * 2
    (held,) = play.standing_of("QuarantineHeld")
    assert held["missing"] == ["re-test of day 7", "re-test of day 14"]
    assert play.standing_of("QuarantineCompleted") == []


def test_whoever_refuses_is_handed_to_the_district_after_two_ladders_and_asked_no_more_f3() -> None:
    play = situation("refuses-for-ever")
    (alert,) = alerts(play, "refuses")
    assert alert["severity"] == "high"
    asked = calls(play, "day_missed")
    assert [one["attempt"] for one in asked] == [1, 4, 1, 4], "two ladders, each a call and a visit"
    assert len(play.unanswerable) > 40, "nobody asks any more"
    assert "HC-1" in {one.get("to_institution_id") for one in play.standing_of("AlertEscalated")}
    (held,) = play.standing_of("QuarantineHeld")
    assert "alert of day 3: refuses" in held["missing"]
    assert play.stated_of("LostToFollowUp") == []
