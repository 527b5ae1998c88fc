"""The simulation sees what it is there to see: each broken engine or relay is caught, and soon."""

import pytest

from tests.simulation.broken import VARIANTS, Variant
from tests.simulation.run import simulate

WITHIN_SEEDS = 40


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.wrong)
def test_it_is_seen_when(variant: Variant) -> None:
    assert any(simulate(seed, variant.broken, variant.kinds).problems for seed in range(WITHIN_SEEDS))


@pytest.mark.parametrize("kinds", sorted({variant.kinds for variant in VARIANTS}), ids=" ".join)
def test_the_same_faults_do_no_harm_to_the_engine_as_it_is(kinds: tuple[str, ...]) -> None:
    assert [simulate(seed, kinds=kinds).problems for seed in range(3)] == [[], [], []]
