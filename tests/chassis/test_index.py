"""Facts that are found by an index are those that a look through all of them would find."""

from operator import attrgetter
from random import Random

from msgspec import Struct

from chassis.decide.index import LONG, REMEMBERED, Index
from chassis.decide.ordered_facts import known_as, place, replace_versions, versions

of_group = attrgetter("group")


class Result(Struct, frozen=True, array_like=True):
    """A version of a thing that has a name, and may move."""

    at: int
    name: int
    rank: int
    group: int = 0

    @property
    def key(self) -> int:
        return self.name

    @property
    def order(self) -> tuple[int, int]:
        return self.at, self.name


Results = tuple[Result, ...]


def placed_plainly(facts: Results, new: Result) -> Results:
    known = next((fact for fact in facts if fact.key == new.key), None)
    if known is not None and new.rank <= known.rank:
        return facts
    return tuple(sorted([*(fact for fact in facts if fact is not known), new], key=attrgetter("order")))


def drawn(dice: Random, rank: int) -> Result:
    return Result(dice.randrange(500), dice.randrange(3 * LONG), dice.choice([rank, dice.randrange(rank + 1)]))


def test_facts_are_placed_as_a_look_through_all_would_place_them() -> None:
    for seed in range(20):
        dice, facts, plainly = Random(seed), tuple[Result, ...](), tuple[Result, ...]()
        for rank in range(300):
            new = drawn(dice, rank)
            facts, plainly = place(facts, new), placed_plainly(plainly, new)
            assert facts == plainly
        assert len(facts) > 2 * LONG


def test_who_goes_on_from_older_facts_finds_what_was_there_then() -> None:
    """A rule raised, and the step was undone: what was learnt in it is not known."""
    facts: Results = ()
    for name in range(3 * LONG):
        facts = place(facts, Result(name, name, 1))
    later = place(place(facts, Result(0, 1_000, 1)), Result(0, 7, 2))
    assert known_as(later, Result(0, 1_000, 9)) == Result(0, 1_000, 1)
    assert known_as(facts, Result(0, 1_000, 9)) is None
    assert known_as(facts, Result(0, 7, 9)) == Result(7, 7, 1)
    assert known_as(later, Result(0, 7, 9)) == Result(0, 7, 2)


def test_all_versions_of_a_thing_are_found_and_replaced_together() -> None:
    facts: Results = ()
    given: dict[int, list[Result]] = {}
    dice = Random("versions")
    for rank in range(300):
        group = dice.randrange(2 * LONG)
        known = versions(facts, group, of_group)
        assert list(known) == sorted(given.get(group, ()), key=attrgetter("order"))
        given[group] = [Result(dice.randrange(500), 1_000 * rank + n, rank, group) for n in range(dice.randint(1, 4))]
        facts = replace_versions(facts, known, given[group], of_group)
        assert list(facts) == sorted((fact for group in given.values() for fact in group), key=attrgetter("order"))


def test_no_more_than_a_few_tuples_are_remembered() -> None:
    index = Index()
    many = [tuple(Result(name, name, case) for name in range(LONG)) for case in range(3 * REMEMBERED)]
    made = [index.exchange(facts[:-1], (), facts[-1:]) for facts in many]
    assert len(index._known) == REMEMBERED
    assert [index.named(facts, 3)[0].rank for facts in made] == list(range(3 * REMEMBERED))
