"""A SHA-256 of what stands on each topic, held in `digests.json`: a renaming changes none of them.

What is left out, and why, is written in `tests.journeys.standing`.

`python -m tests.journeys.digest` tells the whole demo on a stack of its own, and compares its digests with those held.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from afterward.context.target import local
from afterward.demo.listener import Listener
from afterward.demo.run import before, publish_all
from story import CHILD, Publication, reports
from tests.journeys.conftest import servers
from tests.journeys.stack import running_stack
from tests.journeys.standing import by_topic, digest

HELD = Path(__file__).with_name("digests.json")
WHOLE_DEMO = "whole demo"


def digests(topics: Mapping[str, Any]) -> dict[str, str]:
    """The digest of all topics together, under `all`, and of each."""
    return {"all": digest(topics), **{topic: digest({topic: tree}) for topic, tree in topics.items()}}


def check(name: str, topics: Mapping[str, Any], folder: Path) -> None:
    """Prints the digests; raises AssertionError where they are not those held, and leaves a dump in the folder."""
    held, found = json.loads(HELD.read_text()).get(name, {}), digests(topics)
    printed = json.dumps({name: found}, indent=2)
    sys.stdout.write(f"{printed}\n")
    if held == found:
        return
    wrong = sorted(topic for topic in {**held, **found} if held.get(topic) != found.get(topic))
    dump = folder / "standing.json"
    dump.write_text(json.dumps(topics, indent=1, sort_keys=True, ensure_ascii=False))
    raise AssertionError(
        f"Other events stand than when the digests of the {name} were taken: {', '.join(wrong)}.\n"
        f"To see which, compare {dump} with the file that an earlier commit writes when it is made to fail here.\n"
        "If the change is meant, name the changed events in the commit's message, and put this into "
        f"tests/journeys/{HELD.name}:\n{printed}"
    )


async def of_the_demo(data_dir: Path, backend: str, publications: Sequence[Publication]) -> dict[str, Any]:
    """What stands on each topic when these reports have been told as the demo tells them, on a stack of their own.

    What the clock brings comes first on each day: otherwise a late report and a call that it makes needless race.
    """
    clock = before(publications).isoformat()
    with servers(backend) as (bus, options), running_stack(data_dir, bus, clock, *options) as stack:
        async with Listener(stack.running.bootstrap_servers, CHILD) as listener:
            await publish_all(local(data_dir), publications, listener, lambda *_: None, clock_first=True)
        return by_topic(await stack.events())


def main() -> int:
    """Returns 1 where the digests of the whole demo are not those held."""
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.digest", description=__doc__)
    parser.add_argument("--bus", default="embedded", help="embedded or apache-kafka")
    parser.add_argument("--dump", type=Path, default=Path(), metavar="FOLDER", help="where a dump is left on a failure")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        topics = asyncio.run(of_the_demo(Path(folder) / "data", asked.bus, reports()))
    try:
        check(WHOLE_DEMO, topics, asked.dump)
    except AssertionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
