"""What ends or moves aftercare before its time: exclusion, a recall, a move, an end by report; who lies in a ward."""

from typing import Any

import pytest
from msgspec.json import decode

from schemas.events.primarycare import (
    AlertClosed,
    AlertEscalated,
    AlertForwarded,
    LinkageAccepted,
    LinkageClosed,
    LinkageRequested,
    PrimaryCareNotified,
)
from schemas.message import Message
from services.primarycare import views
from services.primarycare.domain.worklist import Row
from services.primarycare.routes import CASE
from tests.domain.primarycare.journeys import (
    CENTRE,
    CLINIC,
    CONTEXT,
    LINKAGE,
    SECOND,
    WARD,
    acknowledged,
    admitted,
    answered,
    at,
    confirmed,
    discharged,
    ended,
    excluded,
    left,
    needing,
    raised,
    resumed,
    revoked,
    started,
)
from tests.domain.story import Story

ILL = discharged(needing())
MINHANG = "mh-01-centre"
GONE = {"institution_id": CENTRE, "withdrawn": True}


def home(*more: Message) -> Story:
    """At home with a linkage and an open alert."""
    return Story(CASE, CONTEXT).given(ILL, *more, received_at=at("10-17T10:30"))


def alarmed(*more: Message) -> Story:
    return home(*more).given(raised(), received_at=at("10-22T08:20"))


def row(story: Story) -> Row:
    assert CASE.table is not None
    return Row(*CASE.table.row(story.state) or ())


def shown(item: str | None) -> Any:
    return decode(item or "{}")


def test_i2_an_excluded_case_ends_everything_and_primary_care_is_told() -> None:
    story = alarmed(confirmed(), answered(CENTRE, "accepted", "10-17T10:20"))
    story.when(excluded("10-22T09:00"), received_at=at("10-22T09:05"))
    why = {"why": "excluded"}
    story.then((PrimaryCareNotified, GONE), (LinkageClosed, why), (AlertClosed, why))
    story.when(revoked("10-22T09:00", why="excluded"), received_at=at("10-22T09:06")).stays_quiet()
    assert story.until(at("11-16T00:00")).stays_quiet().state.conclusions.due is None


def test_i2_an_episode_confirmed_again_has_its_aftercare_again() -> None:
    story = home(confirmed()).given(excluded("10-18T08:00"), received_at=at("10-18T08:00"))
    story.when(confirmed(), received_at=at("10-18T09:00"))
    story.then(PrimaryCareNotified, (LinkageClosed, {"withdrawn": True}))


@pytest.mark.parametrize("why", ["left_country", "taken_over", "refused_by_law"])
def test_f8_a_follow_up_ended_by_report_ends_the_linkage_and_the_alerts_with_its_why(why: str) -> None:
    story = alarmed(answered(CENTRE, "accepted", "10-17T10:20"))
    story.when(ended(why, by="health office"), received_at=at("10-22T09:00"))
    story.then((LinkageClosed, {"why": why}), (AlertClosed, {"why": why}))
    story.until(at("10-26T00:00")).stays_quiet()
    story.when(resumed(), received_at=at("10-26T08:00"))
    assert {(type(one.event).__name__, one.event.withdrawn) for one in story.emitted} >= {("LinkageClosed", True)}


@pytest.mark.parametrize("why", ["readmitted", "died", "revoked"])
def test_f8_what_else_cancels_a_plan_is_told_by_whoever_knows_it(why: str) -> None:
    alarmed().when(ended(why), received_at=at("10-22T09:00")).stays_quiet()


def recalled() -> Story:
    """The result that the discharge rested on was retracted; somebody has to bring the patient back."""
    story = home(answered(CENTRE, "accepted", "10-17T10:20"))
    story.when(revoked("10-19T09:00", why="corrected"), received_at=at("10-19T09:00"))
    story.then((PrimaryCareNotified, GONE), (LinkageClosed, {"why": "revoked"}))
    back = raised("urgent", "10-19T09:00", why="recalled", day=2)
    story.when(back, received_at=at("10-19T09:01"))
    by = {"why": "recalled", "respond_by": "2020-10-19T11:00:00+08:00"}
    return story.then(
        (AlertForwarded, {"institution_id": CENTRE, **by}), (AlertForwarded, {"institution_id": WARD, **by})
    )


def test_d8_a_recall_goes_to_primary_care_and_the_hospital_and_is_escalated() -> None:
    story = recalled().until(at("10-19T11:00")).then((AlertEscalated, {"level": 1}))
    story.until(at("10-19T13:00")).then((AlertEscalated, {"level": 2}))
    story.when(acknowledged("10-19T14:00", WARD)).then((AlertClosed, {"why": "acknowledged"}))


@pytest.mark.parametrize("back", [admitted("10-19T10:00", WARD), ended("readmitted")])
def test_d8_a_recall_ends_when_the_patient_has_been_brought_back(back: Message) -> None:
    story = recalled().when(back, received_at=at("10-19T10:05")).then((AlertClosed, {"why": "revoked", "level": 0}))
    story.until(at("10-22T00:00")).stays_quiet()


def test_d8_a_discharge_that_was_cancelled_leaves_nobody_to_bring_back() -> None:
    story = alarmed().when(revoked("10-22T09:00"), received_at=at("10-22T09:00"))
    assert ("AlertClosed", "revoked") in {
        (type(one.event).__name__, getattr(one.event, "why", "")) for one in story.emitted
    }


def test_f9_at_another_place_primary_care_begins_anew() -> None:
    story = home(started()).given(answered(CENTRE, "accepted", "10-17T16:00"))
    story.when(started(district="Minhang"), received_at=at("10-20T08:00"))
    new = {"institution_id": MINHANG, "district": "Minhang"}
    story.then(
        (PrimaryCareNotified, GONE),
        (PrimaryCareNotified, {**new, "residence": {"jurisdiction": "CN-SH", "district": "Minhang"}}),
        (LinkageRequested, GONE),
        (LinkageAccepted, GONE),
        (LinkageRequested, {**new, "respond_by": "2020-10-21T08:00:00+08:00", "level": 0}),
    )
    story.given(raised(), received_at=at("10-22T08:20"))
    assert row(story).district == "Minhang"
    assert story.state.conclusions.alerts[0].recipients == (MINHANG, WARD)


def test_f9_the_institution_named_for_the_new_place_is_told() -> None:
    story = home(started()).until(at("10-20T08:00"))
    there = started(jurisdiction="CN-BJ", district="Haidian", primary_institution_id=CLINIC)
    story.when(there, received_at=at("10-20T08:00"))
    notified = [one.event.institution_id for one in story.emitted if isinstance(one.event, PrimaryCareNotified)]
    assert notified == [CENTRE, CLINIC]
    assert {one.event.jurisdiction for one in story.emitted if not one.event.withdrawn} == {"CN-BJ"}


def test_f9_another_institution_of_the_same_district_is_told_and_asked_anew() -> None:
    story = home(started()).given(answered(CENTRE, "accepted", "10-17T16:00"))
    story.when(started(primary_institution_id=SECOND), received_at=at("10-20T08:00"))
    story.then(
        (PrimaryCareNotified, GONE),
        (PrimaryCareNotified, {"institution_id": SECOND}),
        (LinkageRequested, GONE),
        (LinkageAccepted, GONE),
        (LinkageRequested, {"institution_id": SECOND}),
    )


def test_f9_the_move_is_when_it_was_first_said() -> None:
    story = home(started()).given(started(district="Minhang"), received_at=at("10-18T08:00"))
    story.when(started(district="Minhang", days=15), received_at=at("10-19T07:00")).stays_quiet()
    story.when(started(district="MIN HANG"), received_at=at("10-19T07:30"))
    assert [one.linkage.requests[0].respond_by for one in story.state.conclusions.aftercare] == [at("10-19T08:00")]


def test_f9_a_plan_at_the_place_of_the_discharge_moves_nobody() -> None:
    home().when(started(district="pu dong"), received_at=at("10-17T11:00")).stays_quiet()


def in_minhang(**changed: Any) -> Message:
    """The same discharge, said without the home: where the hospital is."""
    return discharged(needing(), residence={"jurisdiction": "CN-SH", "district": "Minhang"}, **changed)


def test_f9_a_patient_who_moves_to_where_the_discharge_was_first_said_to_be_has_moved() -> None:
    """Whether primary care has ever read the first word of the discharge, or not: the end is the same."""
    ends = []
    for first in ((in_minhang(), started(district="Minhang")), ()):
        story = Story(CASE, CONTEXT).given(*first, received_at=at("10-17T10:10"))
        story.given(ILL, started(), received_at=at("10-17T10:20"))
        story.when(started(district="Minhang"), received_at=at("10-18T08:00"))
        story.then(
            (PrimaryCareNotified, GONE),
            (PrimaryCareNotified, {"institution_id": MINHANG}),
            (LinkageRequested, GONE),
            (LinkageRequested, {"institution_id": MINHANG}),
        )
        ends.append(story.state.conclusions.aftercare)
    assert ends[0] == ends[1]


def test_f9_the_same_where_followup_is_read_before_the_discharge() -> None:
    story = Story(CASE, CONTEXT).given(in_minhang(), received_at=at("10-17T10:10"))
    story.given(started(), received_at=at("10-17T10:20")).given(
        started(district="Minhang"), received_at=at("10-18T08:00")
    )
    story.given(ILL, received_at=at("10-17T10:20"))
    assert [one.primary_id for one in story.state.conclusions.aftercare] == [MINHANG]
    assert [one.ground[2] for one in story.state.conclusions.aftercare] == ["Minhang"]
    assert [one.linkage.linkage_id != LINKAGE for one in story.state.conclusions.aftercare] == [True], "another linkage"


def test_f9_a_plan_that_has_not_read_yet_where_the_discharge_is_now_moves_nobody() -> None:
    story = Story(CASE, CONTEXT).given(in_minhang(), received_at=at("10-17T10:10"))
    story.given(started(district="Minhang"), received_at=at("10-17T10:12")).given(ILL, received_at=at("10-19T10:00"))
    assert [(one.primary_id, one.linkage.linkage_id) for one in story.state.conclusions.aftercare] == [
        (CENTRE, LINKAGE)
    ]
    story.when(started(), received_at=at("10-19T10:01")).stays_quiet()


def test_the_deadlines_of_a_patient_in_a_ward_are_shown_with_the_ward() -> None:
    story = alarmed().given(admitted("10-22T09:00"), received_at=at("10-22T09:00"))
    assert (shown(row(story).alert)["lies_in"], shown(row(story).linkage)["lies_in"]) == (CLINIC, CLINIC)
    assert (
        views.case(story.state.facts, story.state.conclusions, at("10-22T09:00"))["aftercare"][0]["lies_in"] == CLINIC
    )
    story.given(left("10-22T09:00", "10-22T20:00"), received_at=at("10-22T20:00"))
    assert shown(row(story).alert)["lies_in"] is None


@pytest.mark.parametrize("other", [admitted("10-10T09:00"), admitted("10-22T09:00", withdrawn=True)])
def test_a_stay_before_the_discharge_or_one_that_was_none_is_not(other: Message) -> None:
    story = alarmed().given(other, received_at=at("10-22T09:00"))
    assert shown(row(story).alert)["lies_in"] is None


@pytest.mark.parametrize(
    ("more", "marked"), [((), False), ((confirmed(),), True), ((confirmed(withdrawn=True),), False)]
)
def test_who_is_no_confirmed_case_is_marked_on_every_list(more: tuple[Message, ...], marked: bool) -> None:
    story = alarmed(*more)
    assert [shown(item)["confirmed"] for item in (row(story).alert, row(story).linkage)] == [marked, marked]


def test_an_alert_without_a_discharge_is_on_the_list_of_where_it_says_it_is() -> None:
    where = {"jurisdiction": "CN-SH", "district": "Pudong", "time_zone": "Asia/Shanghai"}
    story = Story(CASE, CONTEXT).given(raised("urgent", **where), received_at=at("10-22T08:20"))
    story.until(at("10-22T10:15")).then(
        (AlertEscalated, {"level": 1, **where, "to_institution_id": "pd-04-commission"})
    )
    assert (row(story).jurisdiction, row(story).district, row(story).alert_by) == ("CN-SH", "Pudong", at("10-22T10:15"))
    nowhere = Story(CASE, CONTEXT).given(raised("urgent"), received_at=at("10-22T08:20"))
    assert row(nowhere).jurisdiction == "unknown"


def test_every_event_says_where() -> None:
    story = Story(CASE, CONTEXT)
    where = {"jurisdiction": "CN-SH", "district": "Pudong", "time_zone": "Asia/Shanghai"}
    story.when(ILL, received_at=at("10-17T10:30")).then((PrimaryCareNotified, where), (LinkageRequested, where))
    story.when(raised(), received_at=at("10-22T08:20"))
    assert {one.event.district for one in story.emitted} == {"Pudong"}
