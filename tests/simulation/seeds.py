"""Many seeds over all cores."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.simulation.run import SEEDS_A_WORKLOAD, Outcome, simulate


def outcomes(seeds: range, jobs: int) -> Iterator[Outcome]:
    """The outcome of each seed, as soon as it is there; seeds of one workload are run by one process."""
    first = seeds.start - seeds.start % SEEDS_A_WORKLOAD
    chunks = (range(start, start + SEEDS_A_WORKLOAD) for start in range(first, seeds.stop, SEEDS_A_WORKLOAD))
    wanted = [range(max(chunk.start, seeds.start), min(chunk.stop, seeds.stop)) for chunk in chunks]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for ended in as_completed([pool.submit(_of_one_workload, chunk) for chunk in wanted]):
            yield from ended.result()


def _of_one_workload(seeds: range) -> list[Outcome]:
    return [simulate(seed) for seed in seeds]
