"""The table of what may be lost, as it stands in docs/operations/restore.md: each row is what a run has found."""

from collections.abc import Mapping

from tests.losses.cell import Cell, Key, Loss
from tests.losses.kafka_cells import CELLS as KAFKA
from tests.losses.postgres_cells import CELLS as POSTGRES
from tests.restoring.page import RESTORE

CELLS = (*KAFKA, *POSTGRES)
BEGIN, END = "<!-- generated:losses -->", "<!-- /generated -->"
HEAD = ("| | set-up | what fails | lost of what was confirmed | then |", "|---|---|---|---|---|")
LOST = "**"
"""Begins what was lost, where anything was."""
NOT_RUN = "*not run yet*"
"""Stands where a cell has been written down and no run has been made of it."""


def row(cell: Cell, loss: Loss | None) -> str:
    """A line of the table; None where there is no run of it."""
    words = NOT_RUN if loss is None else f"{LOST}{loss}{LOST}" if loss.lost else f"nothing ({loss})"
    return f"| {cell.server} | {cell.set_up} | {cell.fault} | {words} | {cell.then} |"


def in_the_page() -> dict[Key, str]:
    """What names a cell → its line, as the page has it."""
    page = RESTORE.read_text(encoding="utf-8")
    table = page[page.index(BEGIN) : page.index(END, page.index(BEGIN))].splitlines()[1 + len(HEAD) :]
    return {(cells[1], cells[2], cells[3]): line for line in table if (cells := _cells(line))}


def has_lost(line: str) -> bool | None:
    """Whether anything was lost, by a line of the table; None where there is no run of it."""
    found = _cells(line)[4]
    return None if found == NOT_RUN else found.startswith(LOST)


def write(losses: Mapping[Cell, Loss]) -> None:
    """Puts what was tried into the page; what was not stays, but for what is no cell any more."""
    known = in_the_page() | {cell.key: row(cell, loss) for cell, loss in losses.items()}
    lines = [*HEAD, *(known.get(cell.key, row(cell, None)) for cell in CELLS)]
    page = RESTORE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    RESTORE.write_text("\n".join([before + BEGIN, *lines, END + after]), encoding="utf-8")


def _cells(line: str) -> list[str]:
    return [part.strip() for part in line.split("|")]
