"""Nothing lost, nothing twice: seeds after seeds, each with faults of its own, end as a run without faults does."""

import os
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from tests.simulation.faults import AGGREGATES
from tests.simulation.run import simulate
from tests.simulation.seeds import outcomes

SEEDS = 120
SEEDS_OF_CI = 40
SEEDS_OF_EVERY_DAY = 16
ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "seeds",
    [
        SEEDS_OF_EVERY_DAY,
        pytest.param(SEEDS_OF_CI, marks=pytest.mark.wide),
        pytest.param(SEEDS, marks=pytest.mark.thorough),
    ],
)
def test_whatever_goes_wrong_every_seed_ends_as_if_nothing_had(seeds: int) -> None:
    ended = list(outcomes(range(seeds), os.cpu_count() or 1))
    wrong = {outcome.seed: outcome.problems for outcome in ended if outcome.problems}
    assert wrong == {}
    assert len(ended) == seeds
    hit = sum((Counter(outcome.hit) for outcome in ended), Counter[str]())
    if seeds >= SEEDS_OF_CI:
        assert [kind for kind in AGGREGATES if not hit[kind]] == [], "each kind of fault really happens"


def _trace(seed: int, hash_seed: str) -> bytes:
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(seed), "--trace"]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, check=True, env=environment, cwd=ROOT, timeout=120).stdout


def test_the_same_seed_gives_the_same_trace_byte_for_byte_in_another_process() -> None:
    once, again = _trace(6, "1"), _trace(6, "2")
    assert once == again
    assert once.count(b"\n") > 500
    assert _trace(7, "1") != once


def test_another_run_before_it_does_not_change_a_trace() -> None:
    alone = simulate(3, trace=True).lines
    simulate(4)
    assert simulate(3, trace=True).lines == alone


@pytest.mark.parametrize("service", ["intake", "discharge", "primarycare"])
def test_what_a_run_has_read_of_the_directory_ends_with_it(service: str) -> None:
    """A process that holds a copy already asks for less, so the next run would go otherwise."""
    copy = import_module(f"services.{service}.context")._copy
    held = copy._held
    simulate(3)
    assert copy._held is held
