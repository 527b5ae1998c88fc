"""`python -m tests.hot [thousands] [words of a stream] [share]`: processor time of each thousand messages."""

import sys

from tests.hot.cost import seconds_by_thousand
from tests.hot.streams import STREAMS

PATIENCE_SECONDS = 20.0


def main(thousands: int = 5, words: str = "", share: int = 500) -> None:
    """A line for each stream; one that takes too long is given up."""
    for stream in STREAMS:
        if words not in stream.name:
            continue
        sys.stdout.write(f"{stream.name:<40}")
        spent = 0.0
        for _, seconds in zip(range(thousands), seconds_by_thousand(stream, share), strict=False):
            sys.stdout.write(f"{seconds:8.3f}")
            sys.stdout.flush()
            spent += seconds
            if spent > PATIENCE_SECONDS:
                break
        sys.stdout.write("\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3], *map(int, sys.argv[3:4]))  # type: ignore[arg-type]
