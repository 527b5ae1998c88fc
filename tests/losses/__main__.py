"""`python -m tests.losses`: what may be lost with which set-up, tried cell by cell, as the table of restore.md.

    --only PostgreSQL,Kafka   these servers only
    --write                   puts the table into the page, where all cells were tried

Exit status: 0 when every cell is as the table claims.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from tests.losses.cell import Cell, Loss
from tests.losses.table import CELLS, rows, write


def main() -> int:
    """Tries what was asked for, and says each as soon as it is known; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.losses", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # servers are killed here: clients would tell of each
    wanted = [cell for cell in CELLS if not asked.only or cell.server in asked.only]
    losses = asyncio.run(_tried(wanted))
    if asked.write and len(losses) == len(CELLS):
        write(losses)
    for row in rows(losses):
        sys.stdout.write(f"{row}\n")
    return int(any(bool(loss.lost) != cell.loses for cell, loss in losses.items()))


async def _tried(cells: list[Cell]) -> dict[Cell, Loss]:
    losses: dict[Cell, Loss] = {}
    for number, cell in enumerate(cells):
        with tempfile.TemporaryDirectory() as folder:
            losses[cell] = await cell.tried(Path(folder) / str(number))
        verdict = "as claimed" if bool(losses[cell].lost) == cell.loses else "NOT AS CLAIMED"
        sys.stderr.write(f"{' · '.join(cell.key)}: {losses[cell]} lost, {verdict}\n")
    return losses


if __name__ == "__main__":
    sys.exit(main())
