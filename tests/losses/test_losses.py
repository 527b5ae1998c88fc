"""The table of what may be lost holds: the page has every cell, as it is claimed, and each is as claimed when tried."""

from pathlib import Path

import pytest

from tests.losses.cell import Cell
from tests.losses.kafka_cells import EMBEDDED, KAFKA
from tests.losses.table import CELLS, has_lost, in_the_page

MARKS = {KAFKA: [pytest.mark.needs_kafka], EMBEDDED: []}


def test_the_page_has_every_cell_as_it_is_claimed() -> None:
    page = in_the_page()
    assert list(page) == [cell.key for cell in CELLS]
    run = {cell.key: cell.loses for cell in CELLS if has_lost(page[cell.key]) is not None}
    assert {key: has_lost(page[key]) for key in run} == run


@pytest.mark.thorough
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "cell", [pytest.param(cell, id=", ".join(cell.key), marks=MARKS.get(cell.server, [])) for cell in CELLS]
)
async def test_what_was_confirmed_is_lost_where_the_table_says_so_and_nowhere_else(cell: Cell, tmp_path: Path) -> None:
    loss = await cell.tried(tmp_path)
    assert bool(loss.lost) == cell.loses, f"{loss} lost"
