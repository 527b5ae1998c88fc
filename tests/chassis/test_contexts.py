"""What the cases of a batch have taken of their context: the next one sees it, and no other batch does."""

from dataclasses import replace

from chassis.decide.judge import State
from chassis.store.contexts import Contexts
from chassis.store.locked_row import LockedRow
from chassis.store.outcome import Outcome
from tests.chassis.toy import WARD, Facts

TAKING = replace(WARD, adds_up=lambda taken, _before, after: (*taken, after.facts.case_id))


def judged(contexts: Contexts, case: LockedRow, case_id: str) -> None:
    outcome = Outcome.of(case, contexts.of(case), None)
    outcome.state = State(Facts(case_id, ()), case.state.conclusions)
    contexts.put_back(outcome.finish())


def test_what_one_case_takes_the_next_one_sees() -> None:
    contexts, a, b = Contexts(), LockedRow.holding(TAKING, "a"), LockedRow.holding(TAKING, "b")
    contexts.put(TAKING, {"a": (), "b": ()})
    judged(contexts, a, "first")
    assert contexts.of(b) == ("first",)
    judged(contexts, b, "second")
    assert contexts.of(a) == ("first", "second")


def test_a_case_of_which_nothing_new_follows_takes_nothing() -> None:
    contexts, a = Contexts(), LockedRow.holding(TAKING, "a")
    contexts.put(TAKING, {"a": ()})
    contexts.put_back(Outcome.of(a, contexts.of(a), None).finish())
    assert contexts.of(a) == ()


def test_where_nothing_is_added_up_each_case_keeps_its_own() -> None:
    contexts, a, b = Contexts(), LockedRow.holding(WARD, "a"), LockedRow.holding(WARD, "b")
    contexts.put(WARD, {"a": 1, "b": 2})
    judged(contexts, a, "first")
    assert (contexts.of(a), contexts.of(b)) == (1, 2)
    assert contexts.of(LockedRow.holding(WARD, "c")) is None
