"""The clock that rules may ask, and the few functions from which every domain is composed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.decide.judge import AnyState, Clock, Emitted, NoProgress, State, difference, judge_tick, overdue
from chassis.decide.ordered_facts import place
from tests.chassis.toy import BEGIN, PATIENT, Conclusions, Facts, Reading, hour


def reported(*hours: float) -> AnyState:
    """A patient with readings at these hours, concluded as of the first."""
    facts = Facts("c-1", tuple(Reading(hour(at), 36.6, "1") for at in hours))
    clock = Clock(hour(hours[0]), {})
    return State(facts, PATIENT.conclude(facts, Conclusions(), clock, None), hour(hours[0]))


def test_an_instant_has_passed_when_it_is_now() -> None:
    clock = Clock(hour(5), {})
    assert clock.passed(hour(5))
    assert clock.due is None


def test_an_instant_that_has_not_passed_is_waited_for() -> None:
    clock = Clock(hour(5), {})
    assert not clock.passed(hour(5) + timedelta(microseconds=1))
    assert clock.due == hour(5) + timedelta(microseconds=1)


def test_of_several_instants_the_earliest_is_due() -> None:
    clock = Clock(hour(5), {})
    clock.passed(hour(9))
    clock.found("a", hour(7), "x")
    clock.lapsed("b", hour(8), answered=True)
    assert clock.due == hour(7)


def test_nothing_is_found_before_the_deadline() -> None:
    assert Clock(hour(5), {}).found("day 1", hour(6), "missed") is None


def test_what_is_found_when_the_deadline_has_passed_stays_found() -> None:
    first = Clock(hour(6), {})
    assert first.found("day 1", hour(6), "missed") == "missed"
    later = Clock(hour(9), first.done)
    assert later.found("day 1", hour(6), "logged") == "missed"
    assert later.due is None


def test_nothing_is_found_for_good_while_records_that_came_by_then_may_be_unread() -> None:
    clock = Clock(hour(8), {}, watermark=hour(5))
    assert clock.passed(hour(6)), "what follows from the instant alone need not wait"
    assert clock.found("day 1", hour(6), "missed") is None
    assert clock.due == hour(6)
    assert clock.done == {}


def test_a_deadline_lapses_when_it_passed_without_an_answer() -> None:
    clock = Clock(hour(8), {})
    assert clock.lapsed("call 1", hour(6), answered=False)
    assert not clock.lapsed("call 2", hour(6), answered=True)
    assert not clock.lapsed("call 3", hour(9), answered=False)


def test_an_answer_after_the_deadline_does_not_undo_it() -> None:
    done = {"call 1": "lapsed"}
    assert Clock(hour(8), done).lapsed("call 1", hour(6), answered=True)


def test_a_clock_does_not_write_in_the_memory_it_was_given() -> None:
    done: dict[str, str] = {}
    Clock(hour(8), done).lapsed("call 1", hour(6), answered=False)
    assert done == {}


def test_each_deadline_up_to_the_reading_is_judged_at_its_own_instant() -> None:
    ticks = list(overdue(PATIENT, reported(0, 10, 40), hour(70), None))
    assert [tick.state.judged for tick in ticks] == [hour(24), hour(34), hour(64)]
    assert [emitted.time for tick in ticks for emitted in tick.emitted] == [hour(34), hour(64)]


def test_a_deadline_after_the_reading_waits() -> None:
    assert not list(overdue(PATIENT, reported(0), hour(24) - timedelta(microseconds=1), None))
    assert len(list(overdue(PATIENT, reported(0), hour(24), None))) == 1


@given(st.lists(st.integers(1, 200), max_size=8), st.lists(st.integers(0, 240), max_size=8))
def test_a_coarse_clock_ends_where_a_punctual_one_does(hours: list[int], looks: list[int]) -> None:
    beginning = reported(0, *sorted(set(hours)))
    coarse = list(overdue(PATIENT, beginning, hour(240), None))
    state = beginning
    emitted: list[Emitted] = []
    for look in [*sorted(looks), 240]:
        for tick in overdue(PATIENT, state, hour(look), None):
            state = tick.state
            emitted.extend(tick.emitted)
    assert emitted == [one for tick in coarse for one in tick.emitted]
    assert state == (coarse[-1].state if coarse else beginning)


def test_a_tick_that_would_be_woken_at_once_again_is_no_progress() -> None:
    def blocked(facts: Facts, before: Conclusions, clock: Clock, context: object) -> Conclusions:
        return Conclusions(due=clock.now)

    with pytest.raises(NoProgress):
        judge_tick(replace(PATIENT, conclude=blocked), reported(0), hour(24), None)


def test_a_difference_names_what_is_new_what_is_gone_and_what_has_changed() -> None:
    before, after = {"gone": 1, "same": 2, "changed": 3}, {"same": 2, "changed": 4, "new": 5}
    assert list(difference(before, after)) == [("gone", 1, None), ("changed", 3, 4), ("new", None, 5)]


def test_equal_sets_do_not_differ() -> None:
    assert not list(difference({"a": (1, 2)}, {"a": (1, 2)}))


@dataclass(frozen=True)
class Named:
    """A fact with a name of its own, beside its instant."""

    name: str
    at: datetime
    rank: str = ""

    @property
    def key(self) -> str:
        return self.name

    @property
    def order(self) -> tuple[datetime, str]:
        return self.at, self.name


def test_facts_lie_in_clinical_order_in_whatever_order_they_come() -> None:
    facts = [Named("a", hour(3)), Named("b", hour(1)), Named("c", hour(1)), Named("d", hour(2))]
    orders = set()
    for order in permutations(facts):
        placed: tuple[Named, ...] = ()
        for fact in order:
            placed = place(placed, fact)
        orders.add(tuple(fact.name for fact in placed))
    assert orders == {("b", "c", "d", "a")}


def test_of_two_versions_the_one_of_higher_rank_holds_whichever_comes_first() -> None:
    old, new = Named("a", hour(3), "1"), Named("a", hour(1), "2")
    assert place(place((), old), new) == (new,)
    assert place(place((), new), old) == (new,)


def test_a_version_that_says_nothing_new_leaves_the_very_same_facts() -> None:
    facts = (Named("a", BEGIN, "2"),)
    assert place(facts, Named("a", hour(9), "2")) is facts
    assert place(facts, Named("a", hour(9), "1")) is facts


def test_a_corrected_version_moves_to_its_new_place() -> None:
    facts = (Named("a", hour(1), "1"), Named("b", hour(2), "1"))
    assert [fact.name for fact in place(facts, Named("a", hour(3), "2"))] == ["b", "a"]


def test_what_is_named_by_its_place_is_replaced_there_and_by_a_higher_rank_alone() -> None:
    others = Reading(hour(1), 36.6, "1"), Reading(hour(3), 36.6, "1")
    facts = place(others, Reading(hour(2), 36.6, "2"))
    assert facts == (others[0], Reading(hour(2), 36.6, "2"), others[1])
    assert place(facts, Reading(hour(2), 36.6, "2")) is facts
    assert place(facts, Reading(hour(2), 36.6, "1")) is facts
    assert place(facts, Reading(hour(2), 36.6, "3")) == (others[0], Reading(hour(2), 36.6, "3"), others[1])
    assert place(facts, Reading(hour(3), 36.6, "2")) == (*facts[:2], Reading(hour(3), 36.6, "2"))
    assert place(facts, Reading(hour(0), 36.6, "1")) == (Reading(hour(0), 36.6, "1"), *facts)
