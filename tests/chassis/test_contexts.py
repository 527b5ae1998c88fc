"""What the cases of a batch have taken of their context: the next one sees it, and no other batch does."""

from dataclasses import replace

from chassis.decide.judge import State
from chassis.store.contexts import Contexts
from chassis.store.locked_row import LockedRow
from tests.chassis.toy import WARD, Facts

TAKING = replace(WARD, adds_up=lambda taken, _before, after: (*taken, after.facts.case_id))


def judged(contexts: Contexts, case: LockedRow, case_id: str) -> None:
    before, case.state = case.state, State(Facts(case_id, ()), case.state.conclusions)
    contexts.add_up(case, before)


def test_what_one_case_takes_the_next_one_sees() -> None:
    contexts, a, b = Contexts(), LockedRow.holding(TAKING, "a"), LockedRow.holding(TAKING, "b")
    contexts.put(TAKING, {"a": (), "b": ()})
    judged(contexts, a, "first")
    assert contexts.of(b) == ("first",)
    judged(contexts, b, "second")
    assert contexts.of(a) == ("first", "second")


def test_a_case_whose_step_was_undone_has_taken_nothing() -> None:
    contexts, a = Contexts(), LockedRow.holding(TAKING, "a")
    contexts.put(TAKING, {"a": ()})
    contexts.add_up(a, a.state)
    assert contexts.of(a) == ()


def test_where_nothing_is_added_up_each_case_keeps_its_own() -> None:
    contexts, a, b = Contexts(), LockedRow.holding(WARD, "a"), LockedRow.holding(WARD, "b")
    contexts.put(WARD, {"a": 1, "b": 2})
    judged(contexts, a, "first")
    assert (contexts.of(a), contexts.of(b)) == (1, 2)
    assert contexts.of(LockedRow.holding(WARD, "c")) is None
