"""P2, P4: the first answer that came in time ends the waiting, whatever is told later, and however topics are read."""

from datetime import timedelta

from schemas.events.primarycare import (
    AlertClosed,
    AlertEscalated,
    AlertForwarded,
    LinkageAccepted,
    LinkageDeclined,
    LinkageEscalated,
    LinkageRequested,
    PrimaryCareNotified,
)
from services.primarycare.routes import CASE
from tests.domain.primarycare.journeys import (
    CENTRE,
    CLINIC,
    CONTEXT,
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

RECEIVED = at("10-17T10:30")
ILL = discharged(needing())


def alarmed(severity: str = "high") -> Story:
    story = Story(CASE, CONTEXT).given(discharged(), received_at=RECEIVED)
    return story.given(raised(severity), received_at=at("10-22T08:20"))


def asked() -> Story:
    return Story(CASE, CONTEXT).given(ILL, received_at=RECEIVED)


def test_p4_acknowledged_in_time_it_is_never_escalated_though_another_is_told_of_later() -> None:
    """The hospital's word comes a day later, and says that it had seen the alert before the clinic had."""
    story = alarmed().given(acknowledged("10-22T20:00"), received_at=at("10-22T20:00"))
    story.when(acknowledged("10-22T19:00", WARD), received_at=at("10-23T20:00")).then((AlertClosed, {"level": 0}))
    story.until(at("10-26T00:00")).stays_quiet()
    assert story.state.conclusions.alerts[0].steps == ()


def test_p4_nor_when_the_acknowledgement_is_corrected_afterwards() -> None:
    story = alarmed().given(acknowledged("10-22T20:00"), received_at=at("10-22T20:00"))
    story.given(acknowledged("10-22T19:00"), received_at=at("10-25T20:00")).until(at("10-28T00:00"))
    assert story.state.conclusions.alerts[0].steps == ()


def test_p4_one_that_came_too_late_has_not_come_in_time_whatever_it_says() -> None:
    story = alarmed().until(at("10-23T08:15")).then(AlertEscalated)
    story.when(acknowledged("10-22T19:00"), received_at=at("10-23T09:00")).then((AlertClosed, {"level": 1}))


def test_p4_time_to_answer_counts_from_when_the_alert_came_not_from_the_newest_record_seen() -> None:
    """The alert came late, at 10:00 of the 23rd; a record of the 25th of another topic has been judged before it."""
    story = Story(CASE, CONTEXT).given(discharged(), received_at=RECEIVED)
    story.given(discharged(length_of_stay_days=3), received_at=at("10-25T00:00"))
    punctual = Story(CASE, CONTEXT).given(discharged(), received_at=RECEIVED)
    for one in (story, punctual):
        one.when(raised(when="10-22T08:15"), received_at=at("10-23T10:00"), watermark=at("10-23T10:00"))
        assert one.state.conclusions.alerts[0].respond_by == at("10-24T10:00")


def test_p4_an_urgent_alert_has_two_hours() -> None:
    story = Story(CASE, CONTEXT).given(discharged(), received_at=RECEIVED)
    unconscious = raised("urgent", "10-22T18:00", why="symptoms", evidence=("2020-10-22 pm, 3006004",))
    story.when(unconscious, received_at=at("10-22T18:00"))
    by = (AlertForwarded, {"respond_by": "2020-10-22T20:00:00+08:00", "severity": "urgent"})
    story.then(by, by)
    story.until(at("10-22T19:59")).stays_quiet()
    story.until(at("10-22T20:00")).then((AlertEscalated, {"level": 1}))


def test_p4_each_round_is_an_alert_of_its_own() -> None:
    story = alarmed().given(acknowledged("10-22T09:00"))
    graver = raised("urgent", "10-22T18:00", alert_id="alert-1-2", round=2)
    story.when(graver, received_at=at("10-22T18:01"))
    again = (AlertForwarded, {"alert_id": "alert-1-2", "round": 2})
    story.then(again, again)
    story.until(at("10-22T20:00")).then((AlertEscalated, {"alert_id": "alert-1-2"}))


def test_p2_accepted_in_time_it_is_never_escalated_though_another_is_told_of_later() -> None:
    story = asked().given(answered(SECOND, "accepted", "10-17T17:00"), received_at=at("10-17T17:00"))
    earlier = answered(CLINIC, "accepted", "10-17T16:30")
    story.when(earlier, received_at=at("10-20T09:00")).then(
        (LinkageAccepted, {"institution_id": CLINIC, "level": 0}),
        (LinkageAccepted, {"institution_id": SECOND, "withdrawn": True}),
    )
    assert story.until(at("10-25T00:00")).state.conclusions.aftercare[0].linkage.steps == ()


def test_p2_an_acceptance_taken_back_days_later_begins_the_waiting_anew() -> None:
    story = asked().given(answered(CENTRE, "accepted", "10-17T16:00"), received_at=at("10-17T16:00"))
    story.when(answered(CENTRE, "declined", "10-17T17:00"), received_at=at("10-20T09:00"))
    story.then(
        LinkageDeclined, (LinkageRequested, {"institution_id": SECOND, "respond_by": "2020-10-21T09:00:00+08:00"})
    )
    story.until(at("10-21T08:59")).stays_quiet()
    story.until(at("10-21T09:00")).then((LinkageEscalated, {"level": 1, "institution_id": SECOND}))


def test_p2_whoever_is_asked_late_has_time_since_it_came_not_since_the_newest_record_seen() -> None:
    story = Story(CASE, CONTEXT).given(raised("routine"), received_at=at("10-23T09:00"))
    story.when(ILL, received_at=at("10-20T09:00"), watermark=at("10-20T09:00"))
    request = story.state.conclusions.aftercare[0].linkage.requests[0]
    assert (request.asked_at, request.respond_by) == (at("10-20T09:00"), at("10-21T09:00"))


def test_p2_a_condition_learnt_late_gives_time_to_answer() -> None:
    story = Story(CASE, CONTEXT).given(discharged(), received_at=RECEIVED)
    story.when(ILL, received_at=at("10-19T12:00"))
    story.then(PrimaryCareNotified, (LinkageRequested, {"respond_by": "2020-10-20T12:00:00+08:00"}))
    story.until(at("10-20T11:59")).stays_quiet()
    story.until(at("10-20T12:00") + timedelta(seconds=1)).then((LinkageEscalated, {"level": 1}))
