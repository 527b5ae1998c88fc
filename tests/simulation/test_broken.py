"""The simulation sees what it is there to see: each broken engine or relay is caught, and soon."""

from collections import Counter
from collections.abc import Sequence

import pytest

from tests.mutants import caught_by
from tests.simulation.broken import VARIANTS
from tests.simulation.run import simulate

SELDOM = {"rows are not locked", "no row is made before the lock"}
"""Two have to meet in one row: it takes a dozen seeds."""
WITHIN_SEEDS = 40
AT_LEAST_SEEDS = 3


def is_caught(problems: Sequence[str]) -> bool:
    """Whether a promise was broken. A process that ends over an error shows that the variant does not work, no more."""
    ended = [problem.partition("stopped itself: ")[2] for problem in problems if "stopped itself: " in problem]
    return bool(problems) and all(why == "standing still" for why in ended)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "mutant",
    [pytest.param(name, marks=pytest.mark.thorough if name in SELDOM else []) for name in caught_by("simulation")],
)
def test_it_is_seen_when(mutant: str) -> None:
    variant = VARIANTS[mutant]
    assert any(is_caught(simulate(seed, variant.broken, variant.aggregates).problems) for seed in range(WITHIN_SEEDS))


def test_what_stops_itself_over_an_error_is_not_caught() -> None:
    at_rest = "no rest after 300 s: {}"
    assert is_caught(["intake/0 stopped itself: standing still", at_rest])
    assert not is_caught(["intake/0 stopped itself: unsupported operand", at_rest])
    assert not is_caught([])


@pytest.mark.thorough
@pytest.mark.parametrize("aggregates", sorted({variant.aggregates for variant in VARIANTS.values()}), ids=" ".join)
def test_the_same_faults_do_no_harm_to_the_engine_as_it_is(aggregates: tuple[str, ...]) -> None:
    """Seed after seed until each kind has happened: some are rare beside others."""
    hit: Counter[str] = Counter()
    for seed in range(WITHIN_SEEDS):
        outcome = simulate(seed, aggregates=aggregates)
        assert outcome.problems == [], seed
        hit.update(outcome.hit)
        if seed + 1 >= AT_LEAST_SEEDS and hit.keys() >= set(aggregates):
            break
    assert [kind for kind in aggregates if not hit[kind]] == [], "each kind of fault really happens"
