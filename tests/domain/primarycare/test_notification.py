"""P1: the primary institution of the residence is told of every discharge home."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.events.primarycare import LinkageRequested, PrimaryCareNotified
from services.primarycare import views
from services.primarycare.domain.institutions import Directory, Institution
from services.primarycare.routes import CASE
from tests.domain.primarycare.journeys import (
    ALL,
    CENTRE,
    CLINIC,
    CONTEXT,
    HOME_AT,
    NOBODY,
    SECOND,
    WARD,
    at,
    discharged,
    institution,
    needing,
    revoked,
)
from tests.domain.story import Story

RECEIVED_AT = at("10-17T10:30")
GONE = {"institution_id": CENTRE, "withdrawn": True}


def reported(*, context: Any = CONTEXT, **changed: Any) -> Story:
    return Story(CASE, context).given(discharged(**changed), received_at=RECEIVED_AT)


def without(*gone: str) -> Directory:
    return Directory(one for one in ALL if one.institution_id not in gone)


@pytest.mark.parametrize("destination", ["home", "isolation_site"])
def test_p1_the_community_centre_of_the_district_is_told(destination: str) -> None:
    story = Story(CASE, CONTEXT).when(discharged(destination=destination), received_at=RECEIVED_AT)
    emitted = {
        "institution_id": CENTRE,
        "disposition": "recovered",
        "destination": destination,
        "discharged_from": WARD,
        "last_day": "2020-10-31",
    }
    story.then((PrimaryCareNotified, emitted))
    assert story.emitted[0].time == HOME_AT


def test_p1_the_institution_that_the_discharge_names_is_told_instead() -> None:
    story = Story(CASE, NOBODY).when(discharged(primary_institution_id=CLINIC), received_at=RECEIVED_AT)
    story.then((PrimaryCareNotified, {"institution_id": CLINIC}))


def test_p1_against_advice_is_told_too() -> None:
    Story(CASE, CONTEXT).when(discharged(disposition="against_advice"), received_at=RECEIVED_AT).then(
        (PrimaryCareNotified, {"disposition": "against_advice"})
    )


@pytest.mark.parametrize(
    ("disposition", "destination"), [("transferred", "hospital"), ("died", "home"), ("recovered", "hospital")]
)
def test_p1_whoever_does_not_go_home_stays_quiet(disposition: str, destination: str) -> None:
    story = Story(CASE, CONTEXT).when(
        discharged(disposition=disposition, destination=destination), received_at=RECEIVED_AT
    )
    story.stays_quiet()
    assert story.state.conclusions.due is None


@pytest.mark.parametrize("disposition", ["recovered", "against_advice"])
def test_p1_where_the_patient_went_to_a_hospital_after_all_nobody_near_home_knows_of_it(disposition: str) -> None:
    story = Story(CASE, CONTEXT).given(discharged(needing()), received_at=RECEIVED_AT)
    story.when(discharged(needing(), disposition=disposition, destination="hospital"))
    gone = {"institution_id": CENTRE, "withdrawn": True}
    story.then((PrimaryCareNotified, gone), (LinkageRequested, gone))
    assert story.until(at("11-02T00:00")).stays_quiet().state.conclusions.due is None


def test_p1_the_same_discharge_said_again_stays_quiet() -> None:
    reported().when(discharged(length_of_stay_days=12)).stays_quiet()


def test_p1_what_changes_is_told_again() -> None:
    reported().when(discharged(needing("I10", needs_regular_care=False), primary_institution_id=SECOND)).then(
        (PrimaryCareNotified, {"institution_id": CENTRE, "withdrawn": True}),
        (PrimaryCareNotified, {"institution_id": SECOND}),
    )


def test_p1_nobody_known_waits_visibly_and_is_looked_for_daily() -> None:
    story = reported(context=NOBODY)
    assert story.state.conclusions.due == HOME_AT + timedelta(days=1)
    story.until(at("10-18T12:00")).stays_quiet()
    (shown,) = views.case(story.state.facts, story.state.conclusions, at("10-18T12:00"))["aftercare"]
    assert shown["notification"] == "waiting"
    story.context = CONTEXT
    story.until(at("10-19T09:59")).stays_quiet()
    story.until(at("10-19T10:00")).then((PrimaryCareNotified, {"institution_id": CENTRE}))


def test_p1_while_nobody_has_said_where_the_patient_lives_it_waits() -> None:
    story = reported(residence=None)
    story.when(discharged(), received_at=at("10-18T09:00")).then((PrimaryCareNotified, {"institution_id": CENTRE}))


def test_p1_after_aftercare_nobody_is_looked_for() -> None:
    story = reported(context=NOBODY).until(at("11-14T23:59"))
    assert story.state.conclusions.due == at("11-15T00:00"), "the last look"
    assert story.until(at("11-15T00:00")).stays_quiet().state.conclusions.due is None
    story.context = CONTEXT
    story.until(at("11-16T00:00")).stays_quiet()
    (shown,) = views.case(story.state.facts, story.state.conclusions, at("11-16T00:00"))["aftercare"]
    assert shown["notification"] == "unreached"


def test_p1_one_listed_on_the_last_day_is_told_at_its_end() -> None:
    story = reported(context=NOBODY).until(at("11-14T12:00"))
    story.context = CONTEXT
    story.until(at("11-15T00:00")).then((PrimaryCareNotified, {"institution_id": CENTRE}))


@pytest.mark.parametrize(("went", "again"), [("10-17T10:00", "10-18T10:00"), ("10-17T00:00", "10-18T00:00")])
def test_p1_of_a_plan_without_days_somebody_is_looked_for_all_the_same(went: str, again: str) -> None:
    story = Story(CASE, NOBODY).given(discharged(protocol="v10", discharged_at=at(went)), received_at=at(went))
    assert (_notification(story), story.state.conclusions.due) == ("waiting", at(again))
    story.context = CONTEXT
    story.until(at(again)).then((PrimaryCareNotified, {"institution_id": CENTRE}))


def _notification(story: Story) -> Any:
    assert story.now is not None
    (shown,) = views.case(story.state.facts, story.state.conclusions, story.now)["aftercare"]
    return shown["notification"]


def test_p1_who_was_told_stays_the_one_though_another_opens() -> None:
    story = reported(context=without(CENTRE))
    story.context = CONTEXT
    story.when(discharged(needing(needs_regular_care=False))).stays_quiet()


def test_p1_when_the_institution_closes_within_aftercare_the_next_is_told_and_after_it_nobody() -> None:
    within, after = reported(), reported().until(at("11-15T00:00"))
    for story in (within, after):
        story.context = without(CENTRE)
        story.when(discharged(needing(needs_regular_care=False)), received_at=story.now or RECEIVED_AT)
    within.then((PrimaryCareNotified, GONE), (PrimaryCareNotified, {"institution_id": SECOND}))
    after.stays_quiet()


ELSEWHERE = [
    institution(CENTRE, "community_centre", "Minhang"),
    institution(CENTRE, "community_centre", jurisdiction="CN-BJ"),
    institution(CENTRE, "hospital"),
]


@pytest.mark.parametrize("now", ELSEWHERE, ids=["another district", "another city", "another kind"])
def test_p1_when_the_institution_is_one_of_the_district_no_more_the_next_is_told(now: Institution) -> None:
    within, after = reported(), reported().until(at("11-15T00:00"))
    for story in (within, after):
        story.context = Directory((now, *ALL[1:]))
        story.when(discharged(needing(needs_regular_care=False)), received_at=story.now or RECEIVED_AT)
    within.then((PrimaryCareNotified, GONE), (PrimaryCareNotified, {"institution_id": SECOND}))
    after.stays_quiet()


@pytest.mark.parametrize("now", ELSEWHERE, ids=["another district", "another city", "another kind"])
def test_p1_the_one_that_the_patient_named_stays_whatever_becomes_of_it(now: Institution) -> None:
    story = reported(primary_institution_id=CENTRE)
    story.context = Directory((now, *ALL[1:]))
    story.when(discharged(needing(needs_regular_care=False), primary_institution_id=CENTRE)).stays_quiet()


def test_d8_a_discharge_taken_back_is_told() -> None:
    story = reported().when(revoked("10-20T08:00"), received_at=at("10-20T08:01"))
    story.then((PrimaryCareNotified, {"institution_id": CENTRE, "withdrawn": True}))
    story.when(revoked("10-20T08:00", withdrawn=True), received_at=at("10-21T08:01")).then(PrimaryCareNotified)


def test_d8_a_death_during_follow_up_is_told() -> None:
    died = discharged(disposition="died", discharged_at=at("10-22T22:00"))
    story = reported().when(died, received_at=at("10-22T23:00"))
    story.then((PrimaryCareNotified, {"institution_id": CENTRE, "disposition": "died"}))
    assert story.emitted[0].time == at("10-22T22:00")
