"""`make chaos`, or `python -m tests.faults`: everything that can fail is made to fail, and the promises are judged.

    --only kills,windows   these scenarios only
    --seed 7               only the rows of this seed
    --bus embedded         the embedded bus instead of Apache Kafka
    --row "seed 7"         the row of this name only
    --resume               leaves out what has passed on this commit and bus
    --small                at the sizes of `make thorough`

Exit status: 0 when every row has passed; 1 when one has failed, or is void.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Iterator

from tests.faults.harness import Harness
from tests.faults.results_log import FOLDER, Entry, ResultsLog, commit, versions
from tests.faults.running import all_scenarios, run_rows
from tests.faults.scenario import Row
from tests.faults.servers.running_servers import EMBEDDED, KAFKA


def main() -> int:
    """Runs what was asked for; the exit status."""
    asked = _asked()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # servers are killed here: clients would tell of each
    entries = asyncio.run(_run(asked))
    verdicts = [entry.verdict for entry in entries]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("pass", "fail", "void"))
    tell(f"{len(entries)} rows: {counts}; written to {ResultsLog().file}")
    return int(any(verdict != "pass" for verdict in verdicts))


async def _run(asked: argparse.Namespace) -> list[Entry]:
    async with Harness(FOLDER / "ground", asked.bus) as harness:
        given = ", ".join(f"{name} {number}" for name, number in versions().items())
        tell(f"commit {commit()}; {harness.servers.bus.name}; {given}")
        chosen = list(_chosen(asked, harness))
        return await run_rows(harness, chosen, tell, ResultsLog())


def _chosen(asked: argparse.Namespace, harness: Harness) -> Iterator[tuple[str, Row]]:
    done = ResultsLog().passed(commit(), harness.servers.bus.name) if asked.resume else set()
    for name, scenario in all_scenarios().items():
        if (asked.only and name not in asked.only) or asked.bus not in scenario.BACKENDS:
            continue
        for row in scenario.rows("small" if asked.small else "full"):
            wanted = asked.seed in (None, row.seed) and asked.row in (None, row.name)
            if wanted and (name, row.name) not in done:
                yield name, row


def tell(line: str) -> None:
    """A line for whoever watches, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", type=lambda text: text.split(",") if text else [], default=[])
    parser.add_argument("--seed", type=lambda text: int(text) if text else None)
    parser.add_argument("--row", type=lambda text: text or None)
    parser.add_argument("--bus", choices=[KAFKA, EMBEDDED], default=KAFKA)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.only) - set(all_scenarios()):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}; there are {', '.join(all_scenarios())}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
