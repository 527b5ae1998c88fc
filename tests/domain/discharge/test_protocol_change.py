"""D6: a change of the protocol is the instant of nothing, where the criteria hold on both sides of it."""

from datetime import datetime, timedelta
from typing import Any

from schemas.events.discharge import DischargeCriteriaLost, DischargeCriteriaMet
from schemas.message import Message
from services.discharge.routes import CASE
from tests.domain.discharge.journeys import at, confirmed, stay
from tests.domain.discharge.test_criteria_status import moved
from tests.domain.story import Story

V10 = datetime.fromisoformat("2023-01-05T00:00:00+08:00")
"""From then on version 10 is in force."""
BEFORE = V10 - at(16, 0)
"""All criteria are met on the day before that on which version 10 begins."""


def story(without: tuple[str, ...] = ()) -> Story:
    reports: list[Message] = [moved(message, BEFORE) for message in stay(without=without)]
    return Story(CASE).given(*reports, received_at=at(15, 20) + BEFORE)


def emitted_at(reports: Story) -> list[tuple[type, Any]]:
    return [(type(emitted.event), emitted.time) for emitted in reports.emitted]


def test_d6_criteria_that_hold_on_both_sides_of_a_change_of_protocol_have_held_since_before_it() -> None:
    reports = story()
    (stands,) = reports.state.conclusions.criteria
    assert (stands.met, stands.at, stands.protocol) == (True, at(15, 14) + BEFORE, "v9")
    reports.until(V10 + timedelta(hours=8)).stays_quiet()
    (stands,) = reports.state.conclusions.criteria
    assert (stands.met, stands.at) == (True, at(15, 14) + BEFORE)


def test_d6_criteria_that_only_the_new_protocol_meets_are_met_from_its_midnight_on() -> None:
    reports = story(without=("two_negatives",)).until(V10)
    assert emitted_at(reports) == [(DischargeCriteriaMet, V10)]


def test_d6_judged_after_the_change_alone_the_same_instant_is_found() -> None:
    reports: list[Message] = [moved(message, BEFORE) for message in stay()]
    late = Story(CASE).given(*reports[1:], received_at=V10 + timedelta(hours=3)).given(moved(confirmed(), BEFORE))
    (stands,) = late.state.conclusions.criteria
    assert (stands.met, stands.at) == (True, at(15, 14) + BEFORE)
    assert DischargeCriteriaLost not in [kind for kind, _ in emitted_at(late)]
