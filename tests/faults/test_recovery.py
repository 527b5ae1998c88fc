"""How faults are shared out over the steps of a run."""

import pytest

from tests.faults.injection.recovery import even_shares


@pytest.mark.parametrize(
    ("things", "places", "shares"),
    [(1, 3, [0, 1, 0]), (3, 3, [1, 1, 1]), (5, 2, [3, 2]), (0, 4, [0, 0, 0, 0]), (7, 1, [7])],
)
def test_shares_are_even_and_a_single_fault_comes_in_the_middle(things: int, places: int, shares: list[int]) -> None:
    assert even_shares(things, places) == shares


def test_nothing_is_left_over() -> None:
    assert all(sum(even_shares(things, places)) == things for things in range(30) for places in range(1, 30))
