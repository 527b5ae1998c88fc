"""`python -m tests.losses`: what may be lost with which set-up, tried cell by cell, as the table of restore.md.

    --only PostgreSQL,Kafka   these servers only
    --write                   puts what was found into the page's table

Exit status: 0 when every cell is as the table claims.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.losses.cell import Cell, Loss
from tests.losses.table import CELLS, row, write


def main() -> int:
    """Tries what was asked for, and says each as soon as it is known; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.losses", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # servers are killed here: clients would tell of each
    chosen = [cell for cell in CELLS if not asked.only or cell.server in asked.only]
    as_claimed = [asyncio.run(_is_as_claimed(cell, asked.write)) for cell in chosen]
    return int(not all(as_claimed))


async def _is_as_claimed(cell: Cell, is_written: bool) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        loss: Loss = await cell.tried(Path(folder))
    as_claimed = bool(loss.lost) == cell.loses
    _tell([row(cell, loss), *([] if as_claimed else ["NOT AS CLAIMED: see the line above"])])
    if is_written and as_claimed:
        write({cell: loss})
    return as_claimed


def _tell(lines: Sequence[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
