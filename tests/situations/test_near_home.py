"""P: who near home waits for whom."""

from tests.situations.play import situation

CASE = "C-1"


def test_an_alert_that_was_acknowledged_in_time_is_never_escalated_whatever_is_told_later_p4() -> None:
    play = situation("second-acknowledgement-escalates")
    assert play.unanswerable == []
    (closed,) = play.standing_of("AlertClosed")
    assert closed["why"] == "acknowledged"
    first = play.stated_of("AlertClosed")[0]
    assert (first.data["institution_id"], first.time.isoformat()) == ("CHC-1", "2020-10-15T20:00:00+08:00")
    assert play.stated_of("AlertEscalated") == []
    assert {one["state"] for one in play.view("primarycare", CASE)["alerts"]} == {"closed"}


def test_a_linkage_lives_as_long_as_aftercare_also_where_the_plan_has_no_days_p3() -> None:
    play = situation("v10-closes-the-linkage-on-the-day")
    assert play.unanswerable == []
    (plan,) = play.standing_of("QuarantineStarted")
    assert plan["days"] == 0
    (asked,) = play.stated_of("LinkageRequested")
    assert (asked.data["institution_id"], asked.data["conditions"]) == ("CHC-1", ["N18.6"])
    assert asked.data["medicines_last_until"] == "2023-02-13", "they run out in three days"
    closed = play.stated_of("LinkageClosed")
    assert [(one.data["why"], one.time.isoformat()) for one in closed] == [
        ("aftercare_ended", "2023-03-11T00:00:00+08:00")
    ]
    assert closed[0].data["deliveries"] == 1, "the care of 12 February is recorded"
