"""Documents stored before ladders, alerts and return visits were judged can be read, and are judged on from there."""

from typing import Any

import msgspec

from chassis.decide.judge import AnyState, State
from schemas.events.followup import CallRequested
from services.followup.domain import Conclusions, Facts
from tests.domain.followup.journeys import at, measured
from tests.domain.followup.stories import emitted, happening, home, logged

OLD_FIELDS = {"facts": 8, "sign": 8, "plan": 14, "status": 5, "call": 9}
"""How many fields each had."""


def old(state: AnyState) -> AnyState:
    """A state as it was stored then: without the fields that have been appended since."""
    facts = msgspec.to_builtins(state.facts)[: OLD_FIELDS["facts"]]
    facts[6] = [sign[: OLD_FIELDS["sign"]] for sign in facts[6]]
    conclusions = msgspec.to_builtins(state.conclusions)
    conclusions[0] = [_old_plan(plan) for plan in conclusions[0]]
    stored: list[Any] = [msgspec.json.encode(part) for part in (facts, conclusions)]
    return State(
        msgspec.json.decode(stored[0], type=Facts), msgspec.json.decode(stored[1], type=Conclusions), state.judged
    )


def _old_plan(plan: list[Any]) -> list[Any]:
    plan = plan[: OLD_FIELDS["plan"]]
    plan[8] = plan[8][: OLD_FIELDS["status"]]
    plan[10] = [call[: OLD_FIELDS["call"]] for call in plan[10]]
    return plan


def test_an_old_document_is_read_and_its_ladder_goes_on() -> None:
    story = happening(home(), *logged(1, 4), measured(at(3), 38.0)).until(at(6, 0))
    story.state = old(story.state)
    assert story.state.conclusions.plans[0].alerts == ()
    assert [call.attempt for call in emitted(story.until(at(7, 0)), CallRequested)] == [2]
    assert [alert.why for alert in story.state.conclusions.plans[0].alerts] == ["fever"]
