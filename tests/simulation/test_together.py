"""Where many messages of one case are concluded upon once, the same stands in the end as if each had its own step.

What stood for a moment between two of them is not said, so its traces in the documents of other services are missing.
"""

from typing import Any

import pytest

from chassis.consume import turns
from chassis.decide import together
from chassis.store.outcome import Outcome
from chassis.store.unit_of_work import UnitOfWork
from tests.simulation.run import simulate

FEW = 3
"""Messages of one case that are many, here."""


@pytest.mark.parametrize("seeds", [range(6), pytest.param(range(6, 30), marks=pytest.mark.thorough)])
def test_the_same_stands_in_the_end(seeds: range) -> None:
    done: list[bool] = []
    original = UnitOfWork.judge_together

    def judge_together(self: UnitOfWork, *asked: Any) -> Outcome | None:
        outcome = original(self, *asked)
        done.append(outcome is not None)
        return outcome

    replaced: dict[tuple[Any, str], Any] = {
        (UnitOfWork, "judge_together"): judge_together,
        (together, "MANY"): FEW,
        (turns, "FIRST"): 2 * FEW,
        (turns, "MOST"): 1_000,
    }
    for seed in seeds:
        problems = [problem for problem in simulate(seed, replaced).problems if not problem.startswith("documents ")]
        assert problems == [], seed
    assert 3 * len(seeds) < sum(done) < len(done), (
        "most are judged together, and where a deadline lies among them they are not"
    )
