"""P1: districts are one however they are spelled; who finds nobody near home is shown, and the commission is told."""

from typing import Any

import pytest
from msgspec.json import decode

from schemas.events.primarycare import PrimaryCareNotified
from schemas.places import plain_district, same_district
from services.primarycare import views
from services.primarycare.domain.institutions import Directory
from services.primarycare.domain.worklist import Row
from services.primarycare.routes import CASE
from tests.domain.primarycare.journeys import (
    ALL,
    CENTRE,
    CLINIC,
    CONTEXT,
    DISTRICT_COMMISSION,
    MUNICIPAL_COMMISSION,
    NOBODY,
    at,
    discharged,
    revoked,
)
from tests.domain.story import Story

RECEIVED = at("10-17T10:30")
COMMISSIONS = Directory(one for one in ALL if one.kind == "health_commission")
SOMEWHERE = {"jurisdiction": "CN-SH"}


def lives(district: str) -> dict[str, Any]:
    return {"residence": {**SOMEWHERE, "district": district}}


def row(story: Story) -> Row:
    assert CASE.table is not None
    return Row(*CASE.table.row(story.state) or ())


def home(context: Directory, **changed: Any) -> Story:
    return Story(CASE, context).given(discharged(**changed), received_at=RECEIVED)


@pytest.mark.parametrize("written", ["pudong", "PUDONG", " Pu dong ", "Pǔdōng", "Pu-Dong"])
def test_p1_a_district_is_found_without_case_blanks_and_accents(written: str) -> None:
    story = Story(CASE, CONTEXT).when(discharged(**lives(written)), received_at=RECEIVED)
    story.then((PrimaryCareNotified, {"institution_id": CENTRE}))
    assert (row(story).district, row(story).plain_district) == (written, "pudong")


def test_p1_a_district_spelled_otherwise_afterwards_changes_no_choice() -> None:
    story = home(Directory(ALL[1:]))
    story.context = CONTEXT
    story.when(discharged(**lives("pudong")))
    assert {one.event.institution_id for one in story.emitted} == {"pd-02-centre"}


@pytest.mark.parametrize(
    ("context", "place", "why"),
    [
        (CONTEXT, {"residence": SOMEWHERE}, "district_unknown"),
        (CONTEXT, {"residence": None, "jurisdiction": "CN-SH"}, "district_unknown"),
        (COMMISSIONS, {}, "no_centre"),
        (CONTEXT, lives("Chongming"), "no_centre"),
    ],
)
def test_p1_who_finds_nobody_is_shown_with_the_reason_and_told_of_after_a_day(
    context: Directory, place: dict[str, Any], why: str
) -> None:
    story = home(context, **place)
    assert row(story).unplaced_by == at("10-18T10:00")
    item = decode(row(story).unplaced or "{}")
    assert (item["kind"], item["why"], item["notified"], item["since"]) == (
        "unplaced",
        why,
        None,
        "2020-10-17T10:00:00+08:00",
    )
    story.until(at("10-18T09:59")).stays_quiet()
    notified = {"institution_id": MUNICIPAL_COMMISSION, "unplaced": why, "jurisdiction": "CN-SH"}
    story.until(at("10-18T10:00")).then((PrimaryCareNotified, notified))
    assert story.emitted[0].time == at("10-18T10:00")
    assert decode(row(story).unplaced or "{}")["notified"] == MUNICIPAL_COMMISSION
    (shown,) = views.case(story.state.facts, story.state.conclusions, at("10-18T12:00"))["aftercare"]
    assert shown["notification"] == "commission"
    assert story.until(at("11-16T00:00")).stays_quiet().state.conclusions.due is None
    assert row(story).unplaced_by is None


def test_p1_a_discharge_heard_of_late_gives_a_day_to_find_somebody() -> None:
    story = Story(CASE, COMMISSIONS).given(discharged(), received_at=at("10-20T09:00"))
    story.until(at("10-21T08:59")).stays_quiet()
    story.until(at("10-21T09:00")).then((PrimaryCareNotified, {"institution_id": MUNICIPAL_COMMISSION}))


def test_p1_when_a_centre_is_listed_it_is_told_and_the_commission_need_remember_it_no_more() -> None:
    story = home(COMMISSIONS).until(at("10-18T12:00"))
    story.context = CONTEXT
    story.until(at("10-19T10:00")).then(
        (PrimaryCareNotified, {"institution_id": MUNICIPAL_COMMISSION, "withdrawn": True}),
        (PrimaryCareNotified, {"institution_id": CENTRE, "unplaced": None}),
    )
    assert story.emitted[-1].event.institution_id == CENTRE, "the last word on the notification"
    assert row(story).unplaced is None


def test_p1_where_no_commission_is_known_it_stays_on_the_list() -> None:
    story = home(NOBODY).until(at("10-20T12:00")).stays_quiet()
    assert decode(row(story).unplaced or "{}")["notified"] is None


@pytest.mark.parametrize(
    "other", [{"primary_institution_id": CLINIC, "residence": None}, {"destination": "hospital", "residence": None}]
)
def test_p1_who_has_somebody_or_did_not_go_home_is_not_on_the_list(other: dict[str, Any]) -> None:
    assert row(home(CONTEXT, **other)).unplaced is None


def test_p1_a_discharge_taken_back_is_not_on_the_list() -> None:
    story = home(COMMISSIONS).when(revoked("10-17T20:00"), received_at=at("10-17T20:00")).stays_quiet()
    assert row(story).unplaced is None
    story.until(at("10-20T00:00")).stays_quiet()


def test_a_commission_of_a_district_is_none_of_one_that_is_not_known() -> None:
    assert CONTEXT.commission("CN-SH", "", 1) is None
    assert CONTEXT.commission("CN-SH", "PU DONG", 1) == DISTRICT_COMMISSION


def test_districts_are_compared_without_case_blanks_and_accents() -> None:
    assert plain_district(" Saint-Étienne Straße") == "saintetiennestrasse"
    assert same_district("浦东 新区", "浦东新区")
    assert not same_district("", None)
    assert not same_district("Minhang", "Pudong")
