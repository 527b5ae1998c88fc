"""D8: a discharge that was taken back stays so, whatever becomes of the patient in hospital; and what a death ends."""

from itertools import permutations
from typing import Any

import pytest

from schemas.events.primarycare import AlertClosed, LinkageClosed, PrimaryCareNotified
from services.primarycare.routes import CASE
from tests.domain.primarycare.journeys import (
    CONTEXT,
    at,
    discharged,
    needing,
    raised,
    revoked,
)
from tests.domain.story import Story

REVOKED = revoked("10-17T20:00")
DIED = discharged(needing(), disposition="died", destination="hospital", discharged_at=at("10-22T08:00"))
MOVED = discharged(needing(), disposition="transferred", destination="hospital", discharged_at=at("10-22T08:00"))


def reported(**changed: Any) -> Story:
    return Story(CASE, CONTEXT).given(discharged(needing(), **changed), received_at=at("10-17T10:30"))


@pytest.mark.parametrize("later", [DIED, MOVED], ids=["died", "moved on"])
def test_d8_what_becomes_of_the_patient_in_hospital_changes_nothing_of_a_discharge_taken_back(later: Any) -> None:
    story = reported().when(REVOKED, received_at=at("10-17T20:01"))
    story.then((PrimaryCareNotified, {"withdrawn": True}), (LinkageClosed, {"why": "revoked", "level": 0}))
    story.until(at("10-22T09:00")).stays_quiet()
    story.when(later, received_at=at("10-22T09:00")).stays_quiet()
    story.until(at("11-05T00:00")).stays_quiet()


def test_d8_an_alert_closed_by_it_is_not_escalated_for_a_later_death() -> None:
    story = reported().given(raised("urgent", "10-17T19:00"), received_at=at("10-17T19:00"))
    story.when(REVOKED, received_at=at("10-17T20:01"))
    (closed,) = (emitted for emitted in story.emitted if isinstance(emitted.event, AlertClosed))
    assert (closed.event.why, closed.time) == ("revoked", at("10-17T20:00"))
    story.when(DIED, received_at=at("10-22T09:00")).stays_quiet()


def test_d8_who_goes_home_again_is_told_of_and_asked_for_anew() -> None:
    story = reported().given(REVOKED, received_at=at("10-17T20:01")).given(DIED, received_at=at("10-22T09:00"))
    again = discharged(needing(), discharged_at=at("10-23T10:00"))
    story.when(again, received_at=at("10-23T10:05"))
    (one,) = story.state.conclusions.aftercare
    assert (one.ended, one.linkage.steps) == (None, ())
    assert one.linkage.requests[0].asked_at == at("10-23T10:00")


def test_d8_a_death_at_home_is_one_until_the_discharge_is_taken_back() -> None:
    story = reported().given(DIED, received_at=at("10-22T09:00"))
    (one,) = story.state.conclusions.aftercare
    assert (one.ended.why, one.ended.at) == ("died", at("10-22T08:00"))
    moved = discharged(needing(), disposition="died", discharged_at=at("10-22T07:00"))
    story.given(moved, received_at=at("10-22T10:00"))
    assert story.state.conclusions.aftercare[0].ended.at == at("10-22T07:00")


def test_d8_in_every_order_the_discharge_was_taken_back_when_it_was() -> None:
    numbered = list(enumerate([discharged(needing()), REVOKED, DIED], 1))
    for order in permutations(numbered):
        story = Story(CASE, CONTEXT)
        for number, message in order:
            story.when(message, received_at=at("10-22T09:00"), sequence=number)
        (one,) = story.state.conclusions.aftercare
        assert (one.ended.why, one.ended.at) == ("revoked", at("10-17T20:00"))
        assert one.linkage.steps == ()
