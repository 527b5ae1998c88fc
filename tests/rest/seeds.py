"""Many lives over all cores."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.rest.run import Outcome, live

AT_ONCE = 20


def lives_of(seeds: range, jobs: int) -> Iterator[Outcome]:
    """The life of each seed, as soon as it is over; its figures only."""
    starts = range(seeds.start, seeds.stop, AT_ONCE)
    chunks = [range(start, min(start + AT_ONCE, seeds.stop)) for start in starts]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for ended in as_completed([pool.submit(_live, chunk) for chunk in chunks]):
            yield from ended.result()


def _live(seeds: range) -> list[Outcome]:
    return [_figures(live(seed)) for seed in seeds]


def _figures(life: Outcome) -> Outcome:
    return Outcome(life.seed, [], life.reports, life.events, life.most_for_each, life.problem)
