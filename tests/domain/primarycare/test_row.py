"""The case's row for the work lists: what waits for somebody near home, since when, and how far it was escalated."""

from datetime import datetime
from typing import Any

from msgspec.json import decode

from schemas.message import Message
from services.primarycare.domain.institutions import Directory
from services.primarycare.domain.worklist import Row
from services.primarycare.routes import CASE as KIND
from tests.domain.primarycare.journeys import (
    ALERT,
    CENTRE,
    CLINIC,
    CONTEXT,
    DISTRICT_COMMISSION,
    LINKAGE,
    MUNICIPAL_COMMISSION,
    NOBODY,
    SECOND,
    WARD,
    acknowledged,
    answered,
    at,
    discharged,
    needing,
    raised,
)
from tests.domain.story import Story

ILL = discharged(needing(medicines_last_until="2020-10-25"))


def reported(*messages: Message, until: str = "10-17T16:00", context: Directory = CONTEXT) -> Story:
    """All of this came by 16:00 on the day of the discharge."""
    return Story(KIND, context).given(*messages, received_at=at("10-17T16:00")).until(at(until))


def row(story: Story) -> Row:
    assert KIND.table is not None
    values = KIND.table.row(story.state)
    assert values is not None
    assert len(values) == len(KIND.table.columns)
    return Row(*values)


def linkage(story: Story) -> tuple[datetime | None, dict[str, Any]]:
    found = row(story)
    return found.linkage_by, decode(found.linkage or "{}")


def alert(story: Story) -> tuple[datetime | None, dict[str, Any]]:
    found = row(story)
    return found.alert_by, decode(found.alert or "{}")


def test_a_patient_who_needs_nothing_is_on_no_list() -> None:
    found = row(reported(discharged()))
    assert (found.linkage_by, found.linkage, found.alert_by, found.alert) == (None, None, None, None)


def test_a_linkage_is_due_when_the_one_who_is_asked_had_to_answer() -> None:
    assert linkage(reported(ILL)) == (
        at("10-18T10:00"),
        {
            "kind": "linkage",
            "linkage_id": LINKAGE,
            "conditions": ["N18.6"],
            "medicines_last_until": "2020-10-25",
            "institution_id": CENTRE,
            "declined": [],
            "since": "2020-10-17T10:00:00+08:00",
            "level": 0,
            "escalated_to": None,
            "next_level_at": "2020-10-18T10:00:00+08:00",
            "time_zone": "Asia/Shanghai",
            "lies_in": None,
            "confirmed": False,
        },
    )


def test_it_stays_due_since_then_however_far_it_is_escalated() -> None:
    by, found = linkage(reported(ILL, until="10-18T12:00"))
    assert (by, found["level"], found["escalated_to"]) == (at("10-18T10:00"), 1, DISTRICT_COMMISSION)
    assert found["next_level_at"] == "2020-10-19T10:00:00+08:00"
    by, found = linkage(reported(ILL, until="10-20T12:00"))
    assert (by, found["level"], found["next_level_at"]) == (at("10-18T10:00"), 2, None)
    assert found["escalated_to"] == MUNICIPAL_COMMISSION


def test_after_a_decline_the_next_one_has_a_time_of_its_own() -> None:
    by, found = linkage(reported(ILL, answered(CENTRE, "declined", "10-17T15:00")))
    assert (by, found["institution_id"], found["declined"]) == (at("10-18T15:00"), SECOND, [CENTRE])


def test_when_nobody_is_left_it_is_due_since_the_last_decline() -> None:
    declines = [answered(who, "declined", "10-17T15:00") for who in (CENTRE, SECOND, CLINIC)]
    by, found = linkage(reported(ILL, *declines))
    assert (by, found["institution_id"], found["level"]) == (at("10-17T15:00"), None, 1)


def test_when_nobody_is_known_it_is_due_when_that_is_escalated() -> None:
    by, found = linkage(reported(ILL, context=NOBODY))
    assert (by, found["institution_id"]) == (at("10-18T10:00"), None)
    assert linkage(reported(ILL, context=NOBODY, until="10-18T12:00"))[0] == at("10-18T10:00")


def test_a_linkage_that_somebody_has_taken_on_is_on_the_list_no_more() -> None:
    assert linkage(reported(ILL, answered(CENTRE, "accepted", "10-17T15:00"))) == (None, {})


def test_an_alert_is_due_when_it_had_to_be_acknowledged() -> None:
    story = reported(discharged()).given(raised(), received_at=at("10-22T08:20"))
    assert alert(story) == (
        at("10-23T08:15"),
        {
            "kind": "alert",
            "alert_id": ALERT,
            "severity": "high",
            "why": "fever",
            "day": 5,
            "recipients": [CENTRE, WARD],
            "more": 0,
            "round": 1,
            "lies_in": None,
            "confirmed": False,
            "since": "2020-10-22T08:15:00+08:00",
            "level": 0,
            "escalated_to": None,
            "next_level_at": "2020-10-23T08:15:00+08:00",
            "time_zone": "Asia/Shanghai",
        },
    )
    by, found = alert(story.until(at("10-25T00:00")))
    assert (by, found["level"], found["escalated_to"]) == (at("10-23T08:15"), 2, MUNICIPAL_COMMISSION)


def test_of_two_alerts_the_one_due_first_is_shown_until_it_is_acknowledged() -> None:
    both = raised(), raised("urgent", alert_id="alert-2", why="positive_test")
    story = reported(discharged()).given(*both, received_at=at("10-22T08:20"))
    assert [alert(story)[1][name] for name in ("alert_id", "more")] == ["alert-2", 1]
    story.given(acknowledged("10-22T08:30", alert_id="alert-2"), received_at=at("10-22T08:31"))
    assert [alert(story)[1][name] for name in ("alert_id", "more")] == [ALERT, 0]


def test_an_alert_for_information_is_on_no_list() -> None:
    story = reported(discharged()).given(raised("routine", why="went_out"), received_at=at("10-22T08:20"))
    assert alert(story) == (None, {})
