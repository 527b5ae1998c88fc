"""Online care, told in any order and again: what must hold of it holds at every moment, and in the end."""

import pytest

from tests.mutants import caught_by
from tests.rest.mutants import broken
from tests.rest.online_life import OnlineLife
from tests.rest.online_mutants import BROKEN
from tests.rest.online_rules import Witness, of_counts, of_prescriptions

FOUND_WITHIN = 10
"""Seeds."""


def problems(seed: int) -> list[str]:
    """What must not be, of the life of a seed."""
    house = OnlineLife(seed).play()
    stand = [one for one in house.last.values() if not one.data.get("withdrawn")]
    return [*Witness().follow(house.seen), *of_prescriptions(stand), *of_counts(stand)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seeds", [range(50), pytest.param(range(50, 400), marks=pytest.mark.thorough)])
def test_whatever_is_reported_in_whatever_order_every_request_is_answered_or_passed_on(seeds: range) -> None:
    assert {seed: found for seed in seeds if (found := problems(seed))} == {}


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutant", caught_by("online"))
def test_it_is_seen_when(mutant: str) -> None:
    with broken(BROKEN[mutant]):
        assert any(problems(seed) for seed in range(FOUND_WITHIN))
