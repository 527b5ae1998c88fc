"""P4: every alert goes to somebody, is escalated while nobody acknowledges it, and is closed when somebody does."""

from itertools import permutations
from typing import Any

import pytest

from schemas.events.primarycare import AlertClosed, AlertEscalated, AlertForwarded
from services.primarycare.domain.worklist import Row
from services.primarycare.routes import CASE
from tests.domain.primarycare.journeys import (
    ALERT,
    CENTRE,
    CLINIC,
    CONTEXT,
    DISTRICT_COMMISSION,
    MUNICIPAL_COMMISSION,
    NOBODY,
    WARD,
    acknowledged,
    at,
    discharged,
    raised,
    revoked,
)
from tests.domain.story import Story

HOME = at("10-17T10:30")
RAISED = at("10-22T08:20")


def home(*, context: Any = CONTEXT, **changed: Any) -> Story:
    return Story(CASE, context).given(discharged(**changed), received_at=HOME)


def alarmed(severity: str = "high", **changed: Any) -> Story:
    return home(**changed).given(raised(severity), received_at=RAISED)


def test_p4_an_alert_goes_to_the_primary_institution_and_to_the_hospital() -> None:
    story = home().when(raised(), received_at=RAISED)
    what = {"why": "fever", "severity": "high", "day": 5, "respond_by": "2020-10-23T08:15:00+08:00", "level": 0}
    story.then((AlertForwarded, {"institution_id": CENTRE, **what}), (AlertForwarded, {"institution_id": WARD, **what}))
    assert {emitted.time for emitted in story.emitted} == {at("10-22T08:15")}


def test_p4_one_institution_that_is_both_gets_it_once() -> None:
    home(primary_institution_id=WARD).when(raised(), received_at=RAISED).then(
        (AlertForwarded, {"institution_id": WARD})
    )


@pytest.mark.parametrize(
    ("severity", "first", "second"), [("urgent", "10-22T10:15", "10-22T12:15"), ("high", "10-23T08:15", "10-24T08:15")]
)
def test_p4_not_acknowledged_in_time_is_escalated_once_for_each_level(severity: str, first: str, second: str) -> None:
    story = alarmed(severity).until(at(first))
    story.then((AlertEscalated, {"level": 1, "institution_id": CENTRE, "to_institution_id": DISTRICT_COMMISSION}))
    assert story.emitted[0].time == at(first)
    story.until(at(second)).then((AlertEscalated, {"level": 2, "to_institution_id": MUNICIPAL_COMMISSION}))
    story.until(at("11-05T00:00")).stays_quiet()


@pytest.mark.parametrize("by", [CENTRE, WARD, CLINIC])
def test_p4_an_acknowledged_alert_is_closed_whoever_it_was(by: str) -> None:
    story = alarmed().when(acknowledged("10-22T11:00", by))
    closed = {"alert_id": ALERT, "institution_id": by, "why": "acknowledged", "level": 0}
    story.then((AlertClosed, {"acknowledged_at": "2020-10-22T11:00:00+08:00", **closed}))
    story.until(at("10-26T00:00")).stays_quiet()
    assert story.state.conclusions.due is None


def test_p4_a_late_acknowledgement_stops_the_ladder() -> None:
    story = alarmed("urgent").until(at("10-22T10:30"))
    story.when(acknowledged("10-22T11:00")).then((AlertClosed, {"level": 1}))
    story.until(at("10-26T00:00")).stays_quiet()


def test_p4_the_first_of_two_acknowledgements_counts() -> None:
    story = alarmed().given(acknowledged("10-22T12:00"))
    story.when(acknowledged("10-22T13:00", WARD)).stays_quiet()
    story.when(acknowledged("10-22T11:00", CLINIC), received_at=at("10-22T14:00")).then(
        (AlertClosed, {"institution_id": CLINIC})
    )


def test_p4_an_acknowledgement_that_comes_before_its_alert_is_kept() -> None:
    story = home().when(acknowledged("10-22T08:16")).stays_quiet()
    story.when(raised(), received_at=at("10-22T08:30")).then(AlertForwarded, AlertForwarded, AlertClosed)


def test_p4_a_routine_alert_is_for_information_and_holds_nobody_up() -> None:
    story = home().when(raised("routine", why="went_out"), received_at=RAISED)
    story.then(AlertForwarded, AlertForwarded, (AlertClosed, {"why": "for_information"}))
    assert "respond_by" not in story.emitted[0].event.model_dump(exclude_none=True)
    story.until(at("10-26T00:00")).stays_quiet()


def test_p4_an_alert_that_comes_late_leaves_time_to_answer() -> None:
    story = home().when(raised("urgent"), received_at=at("10-22T23:55"))
    forwarded = (AlertForwarded, {"respond_by": "2020-10-23T01:55:00+08:00"})
    story.then(forwarded, forwarded)
    story.until(at("10-23T01:54")).stays_quiet()
    story.until(at("10-23T01:55")).then((AlertEscalated, {"level": 1}))


def test_p4_an_alert_that_becomes_graver_is_to_be_acknowledged_sooner() -> None:
    story = alarmed().when(raised("urgent", evidence=("dyspnoea",)), received_at=at("10-22T15:00"))
    forwarded = (AlertForwarded, {"severity": "urgent", "respond_by": "2020-10-22T17:00:00+08:00"})
    story.then(forwarded, forwarded)
    story.until(at("10-22T17:00")).then((AlertEscalated, {"level": 1}))


GRAVER = raised("urgent", evidence=("dyspnoea",))


def test_p4_who_had_seen_it_before_it_became_graver_is_waited_for_anew() -> None:
    story = alarmed().given(acknowledged("10-22T09:00"), received_at=at("10-22T09:01"))
    story.when(GRAVER, received_at=at("10-22T20:00"))
    forwarded = (AlertForwarded, {"severity": "urgent", "respond_by": "2020-10-22T22:00:00+08:00"})
    story.then(forwarded, forwarded, (AlertClosed, {"withdrawn": True}))
    story.until(at("10-22T21:59")).stays_quiet()
    story.until(at("10-22T22:00")).then((AlertEscalated, {"level": 1}))
    seen = (AlertClosed, {"level": 1, "acknowledged_at": "2020-10-22T22:30:00+08:00"})
    story.when(acknowledged("10-22T22:30"), received_at=at("10-22T22:31")).then(seen)
    story.until(at("10-26T00:00")).stays_quiet()


def test_p4_who_acknowledges_it_again_in_time_has_answered_in_time() -> None:
    story = alarmed().given(acknowledged("10-22T09:00"), GRAVER, received_at=at("10-22T20:00"))
    story.when(acknowledged("10-22T21:00"), received_at=at("10-22T21:01")).then((AlertClosed, {"level": 0}))
    story.until(at("10-26T00:00")).stays_quiet()


def test_p4_who_acknowledges_it_again_too_late_has_not_whenever_that_is_read() -> None:
    story = alarmed().given(acknowledged("10-22T09:00"), GRAVER, received_at=at("10-22T20:00"))
    story.when(acknowledged("10-22T23:00"), received_at=at("10-22T23:01"), watermark=at("10-22T21:00"))
    story.then((AlertClosed, {"level": 0}))
    story.until(at("10-22T23:01")).then((AlertEscalated, {"level": 1}), (AlertClosed, {"level": 1}))


def test_p4_an_escalation_names_whom_had_been_asked_by_then_though_another_home_is_read_first() -> None:
    story = home(residence={"jurisdiction": "CN-SH", "district": "Minhang"}).given(raised(), received_at=RAISED)
    story.when(discharged(), received_at=at("10-23T09:00"), watermark=at("10-22T21:00"))
    story.until(at("10-23T09:00")).then((AlertEscalated, {"level": 1, "institution_id": "mh-01-centre"}))
    assert story.emitted[0].event.to_institution_id is None, "nor has Minhang a commission"
    story.until(at("10-24T08:15")).then((AlertEscalated, {"level": 2, "institution_id": CENTRE}))


def test_p4_one_that_becomes_graver_soon_has_its_whole_time_from_then_on() -> None:
    story = alarmed().when(GRAVER, received_at=at("10-22T09:00"))
    forwarded = (AlertForwarded, {"respond_by": "2020-10-22T11:00:00+08:00"})
    story.then(forwarded, forwarded)


def test_p4_who_had_seen_it_when_it_was_graver_has_seen_it() -> None:
    story = alarmed("urgent").given(acknowledged("10-22T09:00"))
    closed = story.when(raised("high"), received_at=at("10-22T20:00")).state.conclusions.alerts[0].ending
    assert (closed.why, closed.at) == ("acknowledged", at("10-22T09:00"))


def test_p4_an_acknowledgement_of_one_that_asked_for_none_is_none_of_the_graver_one() -> None:
    story = home().given(raised("routine"), received_at=RAISED).given(acknowledged("10-22T09:00"))
    story.given(raised("high"), received_at=at("10-22T20:00")).until(at("10-23T20:00")).then(
        (AlertEscalated, {"level": 1})
    )


def test_p4_in_every_order_it_waits_for_the_same() -> None:
    numbered = list(enumerate([discharged(), raised(), acknowledged("10-22T09:00"), GRAVER], 1))
    for order in permutations(numbered):
        story = Story(CASE, CONTEXT)
        for number, message in order:
            story.when(message, received_at=at("10-22T20:00"), sequence=number)
        (alert,) = story.state.conclusions.alerts
        assert (alert.ending, alert.asked_at, alert.late) == (None, at("10-22T20:00"), True)


def test_p4_more_evidence_is_forwarded_and_gains_no_time() -> None:
    story = alarmed().when(raised(evidence=("37.8 °C", "38.4 °C")), received_at=at("10-22T20:30"))
    story.then(AlertForwarded, AlertForwarded)
    story.until(at("10-23T08:15")).then(AlertEscalated)


def test_p4_an_alert_taken_back_is_taken_back_here() -> None:
    story = alarmed().when(raised(withdrawn=True), received_at=at("10-22T09:00"))
    gone = (AlertForwarded, {"withdrawn": True})
    story.then(gone, gone)
    story.until(at("10-26T00:00")).stays_quiet()


def test_p4_nobody_near_home_known_the_hospital_has_it_alone_and_the_centre_when_it_is_listed() -> None:
    story = home(context=NOBODY).when(raised(), received_at=RAISED)
    story.then((AlertForwarded, {"institution_id": WARD}))
    story.context = CONTEXT
    story.until(at("10-22T10:00"))
    assert [emitted.event.institution_id for emitted in story.emitted] == [CENTRE, CENTRE]


@pytest.mark.parametrize("disposition", ["recovered", "against_advice"])
def test_p4_an_alert_of_somebody_who_went_to_another_hospital_goes_to_the_same_two(disposition: str) -> None:
    story = home(disposition=disposition, destination="hospital").when(raised("urgent"), received_at=RAISED)
    story.then((AlertForwarded, {"institution_id": CENTRE}), (AlertForwarded, {"institution_id": WARD}))
    story.until(at("10-22T10:15")).then((AlertEscalated, {"level": 1, "to_institution_id": DISTRICT_COMMISSION}))
    story.until(at("10-22T12:15")).then((AlertEscalated, {"level": 2, "to_institution_id": MUNICIPAL_COMMISSION}))
    story.when(acknowledged("10-22T13:00", WARD)).then((AlertClosed, {"level": 2}))


def test_p4_of_that_one_the_hospital_hears_though_nobody_near_home_is_known() -> None:
    story = home(context=NOBODY, destination="hospital").when(raised(), received_at=RAISED)
    story.then((AlertForwarded, {"institution_id": WARD}))
    assert CASE.table is not None
    assert Row(*CASE.table.row(story.state) or ()).waits, "who is listed afterwards is to hear of it"


def test_p4_an_alert_whose_discharge_is_not_known_yet_is_escalated_all_the_same() -> None:
    story = Story(CASE, CONTEXT).when(raised("urgent"), received_at=RAISED).stays_quiet()
    story.until(at("10-22T10:15")).then((AlertEscalated, {"level": 1}))
    story.when(discharged(), received_at=at("10-22T10:20"))
    assert {"AlertForwarded"} < {type(emitted.event).__name__ for emitted in story.emitted}


def test_d8_a_discharge_taken_back_closes_its_alerts() -> None:
    story = alarmed().when(revoked("10-22T20:00"), received_at=at("10-22T20:05"))
    closed = next(emitted.event for emitted in story.emitted if isinstance(emitted.event, AlertClosed))
    assert closed.why == "revoked"
    story.until(at("10-26T00:00")).stays_quiet()


def test_an_alert_open_at_the_last_level_is_looked_at_again_daily() -> None:
    story = alarmed().until(at("10-24T08:15"))
    assert story.state.conclusions.due == at("10-25T08:15")
    assert story.until(at("10-25T08:15")).stays_quiet().state.conclusions.due == at("10-26T08:15")
