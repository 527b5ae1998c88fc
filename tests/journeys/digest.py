"""A SHA-256 of what stands on each topic, held in `digests.json`: a change that must change nothing changes none.

What is left out, and why: `tests.journeys.standing`.

`afterward demo --keep`, then `python -m tests.journeys.digest .afterward`, prints the digests of the whole demo and
compares them with those held. `--dump FILE` writes what they are of, to be compared with that of another commit.
"""

import argparse
import asyncio
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.journeys.stack import Stack
from tests.journeys.standing import by_topic

HELD = Path(__file__).with_name("digests.json")
WHOLE_DEMO = "whole demo"


def digest(tree: Mapping[str, Any]) -> str:
    """What a tree of plain JSON holds, in 64 hexadecimal digits, whatever the order of its names."""
    return hashlib.sha256(json.dumps(tree, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def digests(topics: Mapping[str, Any]) -> dict[str, str]:
    """The digest of all topics together, under `all`, and of each."""
    return {"all": digest(topics), **{topic: digest({topic: tree}) for topic, tree in topics.items()}}


def differing(name: str, topics: Mapping[str, Any]) -> str:
    """Nothing where the digests are those held under a name; else which topics differ, and what to do about it."""
    held, found = json.loads(HELD.read_text())[name], digests(topics)
    if held == found:
        return ""
    wrong = sorted(topic for topic in {**held, **found} if topic != "all" and held.get(topic) != found.get(topic))
    return (
        f"Other events stand on {', '.join(wrong)} than when the digests of {name!r} were taken. If that is a mistake, "
        f"compare the dump with the dump of an earlier commit. If it is what you wanted, say in the commit which events "
        f"changed and why, and put this into tests/journeys/{HELD.name}:\n"
        + json.dumps({name: found}, indent=2, ensure_ascii=False)
    )


def check(name: str, topics: Mapping[str, Any], folder: Path) -> None:
    """Prints the digests; raises AssertionError where they are not those held, and leaves a dump in the folder."""
    print(json.dumps({name: digests(topics)}, indent=2))
    if difference := differing(name, topics):
        raise AssertionError(f"{difference}\nThe dump: {dumped(topics, folder / 'standing.json')}")


def dumped(topics: Mapping[str, Any], file: Path) -> Path:
    """The file, with what stands on the topics, a value a line."""
    file.write_text(json.dumps(topics, indent=1, sort_keys=True, ensure_ascii=False))
    return file


def main() -> int:
    """Of the stack that runs in a data directory. Returns 1 where its digests are not those of the whole demo."""
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.digest", description=__doc__)
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    parser.add_argument("--dump", type=Path, metavar="FILE")
    asked = parser.parse_args()
    topics = by_topic(asyncio.run(Stack(asked.data_dir, "").events()))
    if asked.dump:
        dumped(topics, asked.dump)
    print(json.dumps({WHOLE_DEMO: digests(topics)}, indent=2))
    difference = differing(WHOLE_DEMO, topics)
    print(difference, file=sys.stderr)
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
