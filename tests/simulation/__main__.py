"""`python -m tests.simulation --seeds 20000`: many seeds over all cores; `--seed 123 --trace`: one, told in full."""

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from chassis.clock import monotonic
from tests.simulation.run import SEEDS_A_WORKLOAD, Outcome, simulate

PROGRESS_SECONDS = 10
CHUNK = 5 * SEEDS_A_WORKLOAD


def main() -> int:
    """0: nothing was lost and nothing was done twice; 1: some seed has found a problem, which is printed."""
    arguments = _arguments()
    if arguments.seed is not None:
        return _one(arguments.seed, trace=arguments.trace)
    return _many(arguments.first, arguments.seeds, arguments.jobs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes side by side")
    parser.add_argument("--seed", type=int, help="run this one alone")
    parser.add_argument("--trace", action="store_true", help="with --seed: print everything that happens")
    return parser.parse_args()


def _one(seed: int, *, trace: bool) -> int:
    outcome = simulate(seed, trace=trace)
    print("\n".join(outcome.lines), end="\n" if outcome.lines else "")
    print(f"seed {seed}: {_told(outcome.hit)}")
    _print_problems(outcome)
    return bool(outcome.problems)


def _many(first: int, seeds: int, jobs: int) -> int:
    """Seeds of one workload stay together, as they are held against the same run without faults."""
    print(f"simulation: seeds {first} to {first + seeds - 1}, commit {_commit()}, Python {sys.version.split()[0]}")
    started = said = monotonic()
    done, hit, failed = 0, Counter[str](), list[int]()
    for outcome in outcomes(range(first, first + seeds), jobs):
        done += 1
        hit.update(outcome.hit)
        if outcome.problems:
            failed.append(outcome.seed)
            _print_problems(outcome)
        if monotonic() - said > PROGRESS_SECONDS:
            said = monotonic()
            print(f"{done} of {seeds} seeds, {said - started:.0f} s, {len(failed)} failed", flush=True)
    print(f"{done} seeds in {monotonic() - started:.0f} s; faults: {_told(hit)}")
    print(f"failed: {', '.join(map(str, sorted(failed)))}" if failed else "nothing lost, nothing twice")
    return bool(failed)


def outcomes(seeds: range, jobs: int) -> Iterator[Outcome]:
    """The outcome of each seed, as soon as it is there."""
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    if jobs == 1:
        yield from (outcome for chunk in chunks for outcome in _chunk(chunk))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for ended in as_completed([pool.submit(_chunk, chunk) for chunk in chunks]):
            yield from ended.result()


def _chunk(seeds: range) -> list[Outcome]:
    return [simulate(seed) for seed in seeds]


def _print_problems(outcome: Outcome) -> None:
    for problem in outcome.problems[:10]:
        print(f"seed {outcome.seed}: {problem}")
    if outcome.problems:
        print(f"  alone, with all that happened: python -m tests.simulation --seed {outcome.seed} --trace", flush=True)


def _told(hit: "Counter[str] | dict[str, int]") -> str:
    return ", ".join(f"{kind} {times}" for kind, times in sorted(hit.items())) or "none"


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
