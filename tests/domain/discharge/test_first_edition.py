"""What the first edition stored is judged by the second: the same discharges stand, and nothing is withdrawn."""

import msgspec
import pytest

from chassis.decide.judge import State, judge_tick
from services.discharge.domain.conclusions import CaseState
from services.discharge.routes import CASE
from services.discharge.views import case
from tests.documents.corpus import Stored, read
from tests.domain.discharge.journeys import RECEIVED_AT

STORED = read("discharge/case")[:30]
"""Those that the first edition wrote."""


def state(stored: Stored) -> CaseState:
    facts, conclusions = msgspec.json.decode(stored.document, type=tuple[CASE.facts, CASE.conclusions])  # type: ignore[name-defined]
    return State(facts, conclusions, stored.judged)


@pytest.mark.parametrize("stored", STORED, ids=range(len(STORED)))
def test_the_discharges_that_stood_stand_and_nothing_is_withdrawn(stored: Stored) -> None:
    before = state(stored)
    due = before.conclusions.due or stored.judged
    judged = judge_tick(CASE, before, max(stored.judged, due, RECEIVED_AT), {})
    left = [(one.episode, one.discharge, one.why) for one in before.conclusions.departures]
    assert [(one.episode, one.discharge, one.why) for one in judged.state.conclusions.departures] == left
    assert not any(emitted.event.withdrawn for emitted in judged.emitted)
    shown = case(before.facts, before.conclusions, stored.judged)
    assert [one["discharge"] is not None for one in shown["episodes"]] == [bool(left) for _ in shown["episodes"]]
