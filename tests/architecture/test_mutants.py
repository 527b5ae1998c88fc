"""The list of mutants and the harnesses that must catch them agree: none is forgotten, none is a harness's own."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

from tests.faults import test_scenarios
from tests.faults.injection import variants as injected
from tests.faults.scenarios import variants as scenario
from tests.mutants import HARNESSES, MUTANTS, Harness, caught_by
from tests.rest import mutants as rules
from tests.rest import online_mutants, test_online_care, test_rest
from tests.simulation import broken, test_broken

every_harness = pytest.mark.parametrize("harness", HARNESSES)
MADE_BY: Mapping[Harness, Iterable[str]] = {
    "simulation": broken.VARIANTS,
    "faults": injected.VARIANTS,
    "rest": rules.CIRCULAR,
    "online": online_mutants.BROKEN,
}


def tried_by(harness: Harness) -> Iterator[str]:
    """The mutants that the tests of a harness go through."""
    if harness == "faults":
        for name, row in map(_values, test_scenarios.SMALL):
            if name == "variants" and row.options["variant"] not in scenario.CONTROLS:
                yield row.options["variant"]
    else:
        tests: Mapping[Harness, Callable[..., None]] = {
            "simulation": test_broken.test_it_is_seen_when,
            "rest": test_rest.test_rules_that_answer_themselves_are_found_when,
            "online": test_online_care.test_it_is_seen_when,
        }
        marks: Any = vars(tests[harness])["pytestmark"]
        for mark in marks:
            if mark.name == "parametrize":
                yield from (_values(tried)[0] for tried in mark.args[1])


def _values(parameter: Any) -> Any:
    """What a parameter holds, marked or not."""
    return (parameter,) if isinstance(parameter, str) else parameter.values


@every_harness
def test_a_harness_makes_the_mistakes_of_the_list_and_no_others(harness: Harness) -> None:
    assert sorted(MADE_BY[harness]) == sorted(caught_by(harness))


@every_harness
def test_a_harness_is_tried_with_every_mistake_that_it_must_catch(harness: Harness) -> None:
    assert sorted(tried_by(harness)) == sorted(caught_by(harness))


def test_what_is_caught_by_the_faults_is_known_by_what_it_breaks() -> None:
    """Each has a run in which it matters, and a complaint that shows it and nothing else."""
    assert set(scenario.BREAKS_IN) == set(scenario.SEEN_AS) == set(caught_by("faults"))


def test_a_mutant_is_listed_once_says_what_it_breaks_and_is_caught_by_somebody() -> None:
    assert max(Counter(mutant.name for mutant in MUTANTS).values()) == 1
    assert [mutant.name for mutant in MUTANTS if not (mutant.breaks and mutant.caught_by)] == []
