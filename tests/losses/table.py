"""The table of what may be lost, as it stands in docs/operations/restore.md."""

from collections.abc import Iterator, Mapping

from tests.losses.cell import Cell, Loss, Untried
from tests.losses.kafka_cells import CELLS as KAFKA
from tests.losses.postgres_cells import CELLS as POSTGRES
from tests.restoring.page import RESTORE

CELLS = (*KAFKA, *POSTGRES)
UNTRIED: tuple[Untried, ...] = ()
BEGIN, END = "<!-- generated:losses -->", "<!-- /generated -->"
HEAD = ("| | set-up | what fails | lost of what was confirmed | then |", "|---|---|---|---|---|")


def rows(losses: Mapping[Cell, Loss]) -> Iterator[str]:
    """The table of these cells, line by line."""
    yield from HEAD
    for cell, loss in losses.items():
        yield f"| {cell.server} | {cell.set_up} | {cell.fault} | {_words(loss)} | {cell.then} |"


def _words(loss: Loss) -> str:
    return f"**{loss}**" if loss.lost else f"nothing ({loss})"


def write(losses: Mapping[Cell, Loss]) -> None:
    """Puts the table into the page."""
    page = RESTORE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join(rows(losses))
    RESTORE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def in_the_page() -> dict[tuple[str, str, str], bool]:
    """Each cell of the page's table → whether something was lost."""
    page = RESTORE.read_text(encoding="utf-8")
    table = page[page.index(BEGIN) : page.index(END, page.index(BEGIN))].splitlines()[3:]
    cells = [[part.strip() for part in line.strip("|").split(" | ")] for line in table]
    return {(cell[0], cell[1], cell[2]): cell[3].startswith("**") for cell in cells}
