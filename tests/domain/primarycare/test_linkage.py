"""P2: who takes on a patient whose conditions need regular care, and what is said while nobody does."""

from typing import Any

import pytest

from schemas.events.primarycare import (
    LinkageAccepted,
    LinkageClosed,
    LinkageDeclined,
    LinkageEscalated,
    LinkageRequested,
    PrimaryCareNotified,
)
from services.primarycare.domain.institutions import Directory, Institution
from services.primarycare.routes import CASE
from tests.domain.primarycare.journeys import (
    ALL,
    CENTRE,
    CLINIC,
    CONTEXT,
    DISTRICT_COMMISSION,
    LINKAGE,
    MUNICIPAL_COMMISSION,
    NOBODY,
    SECOND,
    answered,
    at,
    cared,
    discharged,
    institution,
    needing,
    revoked,
)
from tests.domain.story import Story

RECEIVED_AT = at("10-17T10:30")


def reported(*comorbidities: dict[str, Any], context: Any = CONTEXT, **changed: Any) -> Story:
    discharge = discharged(*(comorbidities or (needing(),)), **changed)
    return Story(CASE, context).given(discharge, received_at=RECEIVED_AT)


def test_p2_one_request_for_all_conditions_that_need_care() -> None:
    two = discharged(needing("E11.9"), needing("N18.6"), needing("I10", needs_regular_care=False))
    story = Story(CASE, CONTEXT).when(two, received_at=RECEIVED_AT)
    asked = {
        "linkage_id": LINKAGE,
        "institution_id": CENTRE,
        "conditions": ["E11.9", "N18.6"],
        "respond_by": "2020-10-18T10:00:00+08:00",
        "level": 0,
    }
    story.then(PrimaryCareNotified, (LinkageRequested, asked))


@pytest.mark.parametrize("quiet", [{"active": False}, {"needs_regular_care": False}])
def test_p2_without_such_a_condition_stays_quiet(quiet: Any) -> None:
    Story(CASE, CONTEXT).when(discharged(needing(**quiet)), received_at=RECEIVED_AT).then(PrimaryCareNotified)


def test_p2_who_is_heard_of_late_is_asked_with_time_to_answer() -> None:
    story = Story(CASE, CONTEXT).when(discharged(needing()), received_at=at("10-20T09:00"))
    story.then(PrimaryCareNotified, (LinkageRequested, {"respond_by": "2020-10-21T09:00:00+08:00"}))
    story.until(at("10-21T09:00")).then((LinkageEscalated, {"level": 1}))


def test_p2_accepted_ends_the_search() -> None:
    story = reported().when(answered(CENTRE, "accepted", "10-17T16:00"))
    story.then((LinkageAccepted, {"institution_id": CENTRE, "answered_at": "2020-10-17T16:00:00+08:00"}))
    story.until(at("10-30T00:00")).stays_quiet()


def test_p2_declined_asks_the_next_of_the_district_community_centres_first() -> None:
    story = reported().when(answered(CENTRE, "declined", "10-17T16:00", reason="no dialysis here"))
    story.then(
        (LinkageDeclined, {"institution_id": CENTRE, "reason": "no dialysis here"}),
        (LinkageRequested, {"institution_id": SECOND, "respond_by": "2020-10-18T16:00:00+08:00"}),
    )
    story.when(answered(SECOND, "declined", "10-17T17:00")).then(
        LinkageDeclined, (LinkageRequested, {"institution_id": CLINIC})
    )
    story.when(answered(CLINIC, "accepted", "10-17T18:00")).then((LinkageAccepted, {"institution_id": CLINIC}))


def test_p2_the_one_that_the_patient_named_is_asked_first() -> None:
    story = reported(primary_institution_id=CLINIC)
    story.when(answered(CLINIC, "declined", "10-17T16:00")).then(
        LinkageDeclined, (LinkageRequested, {"institution_id": CENTRE})
    )


def test_p2_no_answer_by_24_h_and_again_by_48_h_is_escalated() -> None:
    story = reported().until(at("10-18T09:59")).stays_quiet()
    district = {
        "level": 1,
        "institution_id": CENTRE,
        "to_institution_id": DISTRICT_COMMISSION,
        "respond_by": "2020-10-19T10:00:00+08:00",
        "why": "no_answer",
    }
    story.until(at("10-18T10:00")).then((LinkageEscalated, district))
    assert story.emitted[0].time == at("10-18T10:00")
    story.until(at("10-19T09:59")).stays_quiet()
    municipal = {"level": 2, "to_institution_id": MUNICIPAL_COMMISSION}
    story.until(at("10-19T10:00")).then((LinkageEscalated, municipal))
    story.until(at("10-31T23:59")).stays_quiet()


def test_p2_a_late_answer_stops_the_ladder_and_undoes_nothing() -> None:
    story = reported().until(at("10-18T12:00"))
    story.when(answered(CENTRE, "accepted", "10-18T12:30")).then((LinkageAccepted, {"level": 1}))
    story.until(at("10-25T00:00")).stays_quiet()


def test_p2_an_answer_at_the_very_end_of_the_time_came_too_late() -> None:
    reported().when(answered(CENTRE, "accepted", "10-18T09:00"), received_at=at("10-18T10:00")).then(
        LinkageEscalated, LinkageAccepted
    )


def test_p2_what_was_not_answered_in_time_is_found_whenever_it_is_read() -> None:
    """The answer is judged before the topics have been read up to the deadline."""
    story = reported()
    story.when(answered(CENTRE, "accepted", "10-18T12:30"), received_at=at("10-18T12:31"), watermark=at("10-18T09:00"))
    story.then((LinkageAccepted, {"level": 0}))
    story.until(at("10-18T12:31")).then((LinkageEscalated, {"level": 1}), (LinkageAccepted, {"level": 1}))


def test_p2_after_a_decline_the_next_has_its_own_time_and_the_levels_go_on() -> None:
    story = reported().until(at("10-18T11:00"))
    story.when(answered(CENTRE, "declined", "10-18T16:00")).then(
        LinkageDeclined, (LinkageRequested, {"institution_id": SECOND, "level": 1})
    )
    story.until(at("10-19T15:59")).stays_quiet()
    story.until(at("10-19T16:00")).then((LinkageEscalated, {"level": 2, "institution_id": SECOND}))


def test_p2_nobody_left_is_escalated_at_once() -> None:
    story = reported(context=Directory((ALL[0], *ALL[4:6])))
    story.when(answered(CENTRE, "declined", "10-17T16:00")).then(
        LinkageDeclined, (LinkageEscalated, {"level": 1, "why": "nobody_left", "institution_id": CENTRE})
    )
    story.until(at("10-18T16:00")).then((LinkageEscalated, {"level": 2, "why": "nobody_left"}))


def test_p2_somebody_listed_afterwards_is_asked() -> None:
    story = reported(context=Directory(ALL[:1])).given(answered(CENTRE, "declined", "10-17T16:00"))
    story.context = Directory(ALL[:2])
    story.when(cared("10-17T20:00")).then(
        (LinkageRequested, {"institution_id": SECOND}), (LinkageEscalated, {"level": 1, "withdrawn": True})
    )


def test_p2_somebody_listed_days_afterwards_has_time_to_answer_and_what_was_found_stays() -> None:
    story = reported(context=NOBODY).until(at("10-18T10:30"))
    story.then((LinkageEscalated, {"level": 1, "why": "nobody_left"}))
    story.until(at("10-20T09:00"))
    story.context = CONTEXT
    story.until(at("10-20T10:00")).then(PrimaryCareNotified, (LinkageRequested, {"level": 2}))
    assert story.state.conclusions.aftercare[0].linkage.requests[0].respond_by == at("10-21T10:00")


def test_p2_one_that_closes_before_it_answers_is_passed_over() -> None:
    story = reported().until(at("10-17T20:00"))
    story.context = Directory(ALL[1:])
    story.when(cared("10-17T21:00")).then(
        (PrimaryCareNotified, {"institution_id": CENTRE, "withdrawn": True}),
        (PrimaryCareNotified, {"institution_id": SECOND}),
        (LinkageRequested, {"institution_id": CENTRE, "withdrawn": True}),
        (LinkageRequested, {"institution_id": SECOND}),
    )


@pytest.mark.parametrize(
    "now", [institution(SECOND, "community_centre", "Minhang"), institution(SECOND, "isolation_site")]
)
def test_p2_one_that_is_no_carer_of_the_district_any_more_is_passed_over(now: Institution) -> None:
    story = reported().given(answered(CENTRE, "declined", "10-17T16:00"))
    story.context = Directory((ALL[0], now, *ALL[2:]))
    story.when(cared("10-17T21:00")).then(
        (LinkageRequested, {"institution_id": SECOND, "withdrawn": True}),
        (LinkageRequested, {"institution_id": CLINIC}),
    )


def test_p2_one_that_has_answered_has_whatever_becomes_of_it() -> None:
    story = reported().given(answered(CENTRE, "declined", "10-17T16:00"), answered(SECOND, "accepted", "10-17T17:00"))
    story.context = Directory((ALL[0], institution(SECOND, "hospital", "Minhang")))
    story.when(cared("10-17T21:00")).stays_quiet()


def test_p2_who_was_asked_for_a_linkage_that_is_over_was_asked() -> None:
    story = reported().given(answered(CENTRE, "declined", "10-17T16:00")).until(at("11-15T00:00"))
    story.context = NOBODY
    story.when(cared("11-16T10:00")).stays_quiet()


def test_p2_one_that_opens_nearer_by_id_does_not_jump_the_queue() -> None:
    story = reported(context=Directory(ALL[1:])).until(at("10-17T20:00"))
    story.context = CONTEXT
    story.when(cared("10-17T21:00")).stays_quiet()


def test_p2_an_answer_corrected_to_a_refusal_goes_on_to_the_next() -> None:
    story = reported().given(answered(CENTRE, "accepted", "10-17T16:00"))
    story.when(answered(CENTRE, "declined", "10-17T18:00")).then(
        (LinkageDeclined, {"institution_id": CENTRE}), (LinkageRequested, {"institution_id": SECOND})
    )


def test_p2_of_two_that_accept_the_first_has_the_patient() -> None:
    story = reported().given(answered(CENTRE, "declined", "10-17T16:00"), answered(SECOND, "accepted", "10-17T17:00"))
    story.when(answered(CLINIC, "accepted", "10-17T18:00")).stays_quiet()


def test_p2_a_condition_that_is_taken_back_withdraws_the_linkage() -> None:
    reported().when(discharged(needing(active=False))).then(
        PrimaryCareNotified, (LinkageRequested, {"linkage_id": LINKAGE, "withdrawn": True})
    )


def test_p2_where_the_patient_lives_is_the_ground_of_a_request() -> None:
    story = reported().when(discharged(needing(), residence={"jurisdiction": "CN-SH", "district": "Minhang"}))
    story.then(
        (PrimaryCareNotified, {"institution_id": CENTRE, "withdrawn": True}),
        (PrimaryCareNotified, {"institution_id": "mh-01-centre"}),
        (LinkageRequested, {"institution_id": CENTRE, "withdrawn": True}),
        (LinkageRequested, {"institution_id": "mh-01-centre"}),
    )


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (revoked("10-18T08:00"), "revoked"),
        (discharged(needing(), disposition="died", discharged_at=at("10-18T08:00")), "died"),
    ],
)
def test_f8_a_discharge_that_is_undone_or_a_death_closes_it(end: Any, why: str) -> None:
    story = reported().when(end, received_at=at("10-18T08:05"))
    story.then(PrimaryCareNotified, (LinkageClosed, {"why": why}))
    story.until(at("11-02T00:00")).stays_quiet()
    assert story.state.conclusions.due is None


def test_a_second_stay_has_a_linkage_of_its_own() -> None:
    story = reported().given(answered(CENTRE, "accepted", "10-17T16:00")).until(at("11-01T00:00"))
    again = discharged(needing(), episode=2, discharged_at=at("11-10T10:00"))
    story.when(again, received_at=at("11-10T11:00")).then(
        (PrimaryCareNotified, {"episode": 2}), (LinkageRequested, {"episode": 2})
    )
    assert len({one.linkage.linkage_id for one in story.state.conclusions.aftercare}) == 2


def test_an_institution_of_another_kind_or_district_is_never_asked() -> None:
    others = (institution("pd-x", "isolation_site"), institution("pd-y", "internet_hospital"), ALL[6])
    reported(context=Directory(others)).until(at("10-18T10:00")).then((LinkageEscalated, {"why": "nobody_left"}))
