"""`python -m tests.simulation --seeds 20000`: many seeds over all cores; `--seed 123 --trace`: one, told in full."""

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping

from chassis.clock import monotonic
from tests.simulation.run import Outcome, simulate
from tests.simulation.seeds import outcomes

PROGRESS_SECONDS = 10


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
    for line in outcome.lines:
        _say(line)
    _say(f"seed {seed}: {_summary(outcome.hit)}")
    _show(outcome)
    return bool(outcome.problems)


def _many(first: int, seeds: int, jobs: int) -> int:
    """Seeds of one workload stay together, as they are held against the same run without faults."""
    _say(f"simulation: seeds {first} to {first + seeds - 1}, commit {_commit()}, Python {sys.version.split()[0]}")
    started = printed = monotonic()
    done, hit, failed = 0, Counter[str](), list[int]()
    for outcome in outcomes(range(first, first + seeds), jobs):
        done += 1
        hit.update(outcome.hit)
        if outcome.problems:
            failed.append(outcome.seed)
            _show(outcome)
        if monotonic() - printed > PROGRESS_SECONDS:
            printed = monotonic()
            _say(f"{done} of {seeds} seeds, {printed - started:.0f} s, {len(failed)} failed")
    _say(f"{done} seeds in {monotonic() - started:.0f} s; faults: {_summary(hit)}")
    _say(f"failed: {', '.join(map(str, sorted(failed)))}" if failed else "nothing lost, nothing twice")
    return bool(failed)


def _show(outcome: Outcome) -> None:
    for problem in outcome.problems[:10]:
        _say(f"seed {outcome.seed}: {problem}")
    if outcome.problems:
        _say(f"  alone, with all that happened: python -m tests.simulation --seed {outcome.seed} --trace")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _summary(hit: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {times}" for kind, times in sorted(hit.items())) or "none"


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
