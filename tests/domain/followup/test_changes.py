"""F8, F9: an episode that never was, a follow-up that ended elsewhere, and a residence that changes."""

from typing import Any

import pytest

from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    FollowUpResumed,
    HealthAlertRaised,
    QuarantineCancelled,
    QuarantineDayMissed,
    QuarantineStarted,
)
from schemas.events.intake import LocalCaseConfirmed
from schemas.reports.followup import FollowUpEnded
from tests.domain.followup.journeys import CASE, HOME, at, discharged, excluded, log, moved, revoked
from tests.domain.followup.stories import call_id, emitted, happening, home, logged, names


def confirmed() -> LocalCaseConfirmed:
    fields: dict[str, Any] = {
        "person_ref": "p-1",
        "sex": "female",
        "jurisdiction": "CN-SH",
        "time_zone": "Asia/Shanghai",
    }
    return LocalCaseConfirmed(case_id=CASE, residence=HOME, confirmed_at=at(-9), basis=("r-0",), episode=1, **fields)


def ended(why: str = "left_country") -> FollowUpEnded:
    return FollowUpEnded(case_id=CASE, ended_at=at(6, 9), why=why, by="Pudong district CDC")


def test_i2_f8_an_excluded_episode_cancels_its_plan_and_what_was_asked_for_is_withdrawn() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 0))
    story.when(excluded(at(6, 9)), received_at=at(6, 10)).then(
        (QuarantineCancelled, {"why": "excluded"}), (CallCompleted, {"call_id": call_id(story), "outcome": "withdrawn"})
    )
    story.until(at(60)).stays_quiet()


@pytest.mark.parametrize("again", [excluded(at(6, 9), withdrawn=True), confirmed()])
def test_i2_f8_an_episode_confirmed_after_all_revives_its_plan(again: Any) -> None:
    story = happening(home(), *logged(1, 5)).given(excluded(at(6, 9)), received_at=at(6, 10))
    story.when(again, received_at=at(6, 12)).then(FollowUpResumed, (QuarantineCancelled, {"withdrawn": True}))
    story.until(at(7, 0)).then(QuarantineDayMissed, CallRequested)


def test_i2_f8_the_exclusion_of_another_episode_stays_quiet() -> None:
    home().when(excluded(at(6, 9), episode=2), received_at=at(0, 12)).stays_quiet()


def test_d8_f8_a_discharge_revoked_as_excluded_cancels_the_plan_as_excluded() -> None:
    home().when(revoked(at(1), why="excluded"), received_at=at(1, 1)).then((QuarantineCancelled, {"why": "excluded"}))


@pytest.mark.parametrize("why", ["left_country", "taken_over", "refused_by_law"])
def test_f8_a_follow_up_that_ended_elsewhere_cancels_the_plan_and_says_by_whom(why: str) -> None:
    story = happening(home(), *logged(1, 5)).when(ended(why), received_at=at(6, 10))
    story.then((QuarantineCancelled, {"why": why, "by": "Pudong district CDC"}))
    assert story.emitted[0].time == at(6, 9)
    story.until(at(60)).stays_quiet()


def test_f8_the_end_of_a_follow_up_before_this_discharge_stays_quiet() -> None:
    home(when=at(7, 10)).when(ended(), received_at=at(7, 12)).stays_quiet()


def test_f9_a_move_says_the_plan_again_at_the_new_place_and_what_follows_is_said_there() -> None:
    story = happening(home(), *logged(1, 4)).until(at(5, 9))
    story.when(moved(at(5, 12), "Jing'an", primary_institution_id="c-9"), received_at=at(5, 10)).stays_quiet()
    story.until(at(5, 12)).then((QuarantineStarted, {"district": "Jing'an", "primary_institution_id": "c-9"}))
    story.until(at(6, 0)).then((QuarantineDayMissed, {"district": "Jing'an"}), (CallRequested, {"district": "Jing'an"}))


def test_f9_calls_and_alerts_that_are_open_are_said_again_at_the_new_place() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 0)).given(log(6, celsius=38.0), received_at=at(6, 9))
    story.when(moved(at(6, 10), "Minhang"), received_at=at(6, 11)).then(
        (QuarantineStarted, {"district": "Minhang"}),
        (CallRequested, {"call_id": call_id(story), "district": "Minhang"}),
        (HealthAlertRaised, {"why": "fever", "district": "Minhang"}),
    )


def test_f9_days_are_those_of_the_new_zone_from_the_move_on() -> None:
    """In London, eight hours behind: day 5 ends there at 7:00 in Shanghai (summer time)."""
    story = happening(home(), *logged(1, 4)).given(moved(at(5, 9), "Camden", "GB-LND"), received_at=at(5, 8))
    story.until(at(6, 6, 59))
    assert "QuarantineDayMissed" not in names(story)
    story.until(at(6, 7))
    (missed,) = emitted(story, QuarantineDayMissed)
    assert (missed.day, missed.time_zone, missed.jurisdiction) == (5, "Europe/London", "GB-LND")


def test_f9_f10_a_move_told_late_leaves_the_days_that_were_judged_as_they_are() -> None:
    story = happening(home(), *logged(1, 4)).until(at(7, 12))
    before = list(story.state.conclusions.plans[0].missed)
    story.when(moved(at(5, 9), "Camden", "GB-LND"), received_at=at(7, 13))
    assert list(story.state.conclusions.plans[0].missed) == before
    again = [(one.time, one.event.day) for one in story.emitted if isinstance(one.event, QuarantineDayMissed)]
    assert again == [(at(6, 0), 5), (at(7, 0), 6)], "said again at the new place, at the same instants"


def test_every_event_carries_where_the_plan_is() -> None:
    story = home()
    events = [one.event for one in story.kind.announce(story.kind.begin(), story.state)]
    assert [(one.jurisdiction, one.district, one.time_zone) for one in events] == [("CN-SH", "Pudong", "Asia/Shanghai")]
    nowhere = home(residence=None)
    events = [one.event for one in nowhere.kind.announce(nowhere.kind.begin(), nowhere.state)]
    assert [(one.jurisdiction, one.district) for one in events] == [(None, None)]
    assert discharged().district is None


def test_d7_the_place_of_a_discharge_without_residence_is_that_of_its_institution() -> None:
    story = home(residence=None, jurisdiction="CN-SH", district="Jinshan")
    (events,) = [one.event for one in story.kind.announce(story.kind.begin(), story.state)]
    assert (events.jurisdiction, events.district) == ("CN-SH", "Jinshan")
