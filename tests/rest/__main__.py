"""`python -m tests.rest --reports 200000`: many lives over all cores; `--seed 123`: one, as short as it can be told."""

import argparse
import os
import subprocess
import sys

from chassis.clock import monotonic
from tests.rest.lives import REPORTS
from tests.rest.run import EVENTS_FOR_EACH, live, shrunk
from tests.rest.seeds import lives_of

PROGRESS_SECONDS = 10
ORDERS = ("order", "another", "a third")


def main() -> int:
    """0: everything came to rest, and no rule raised; 1: not in some life, whose seed is printed."""
    arguments = _arguments()
    if arguments.seed is not None and not arguments.reports:
        return _one(arguments.seed)
    return _many(arguments.seed or 0, arguments.reports or 2_000, arguments.jobs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.rest", description=__doc__)
    parser.add_argument("--reports", type=int, help="about how many reports to tell (2,000)")
    parser.add_argument(
        "--seed", type=int, help="the first life; alone, with all that is told in it, without --reports"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes side by side")
    return parser.parse_args()


def _one(seed: int) -> int:
    life = live(seed)
    if life.problem:
        again = shrunk(life, [f"order {seed}", *ORDERS])
        for one in again.rounds:
            for given in one.given:
                _say(f"{one.at.isoformat()} {given}")
        _say(f"seed {seed}: {again.problem}")
        return 1
    _say(f"seed {seed}: {life.reports} reports, {life.events} events, {life.most_for_each:.1f} for each at most")
    return 0


def _many(first: int, reports: int, jobs: int) -> int:
    _say(f"rest: {reports} reports from seed {first} on, commit {_commit()}, Python {sys.version.split()[0]}")
    started = emitted = monotonic()
    lives, given, events, most = 0, 0, 0, (0.0, 0)
    failed: list[int] = []
    for life in lives_of(range(first, first + reports // REPORTS), jobs):
        lives, given, events = lives + 1, given + life.reports, events + life.events
        most = max(most, (life.most_for_each, life.seed))
        if life.problem:
            failed.append(life.seed)
            _say(f"seed {life.seed}: {life.problem[:500]}")
        if monotonic() - emitted > PROGRESS_SECONDS:
            emitted = monotonic()
            _say(f"{given} of about {reports} reports, {emitted - started:.0f} s, {len(failed)} lives failed")
    seconds = monotonic() - started
    _say(f"{given} reports of {lives} lives in {seconds:.0f} s ({given / seconds:.0f} a second), {events} events;")
    _say(f"at most {most[0]:.1f} for each report and day of a case (seed {most[1]}; the limit is {EVENTS_FOR_EACH})")
    if failed:
        _say(f"failed: {', '.join(map(str, sorted(failed)))}; alone: python -m tests.rest --seed {min(failed)}")
    else:
        _say("everything came to rest, and no rule raised")
    return bool(failed)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
