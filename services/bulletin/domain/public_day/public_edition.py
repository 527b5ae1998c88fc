"""B5: what the public edition shows of a day's tables and channels, so that nobody is found by subtraction.

A table is a partition of a published total, so what is not shown adds up to a known number. The rule is public, and
has to stand against whoever turns it round: each table that is shown in part could as well have had no case, or as
many as `smallest - 1`, in any of the cells that it does not show.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from services.bulletin.domain.day.figures import Discharges, Online


class Table(Struct, frozen=True, array_like=True):
    """What is shown of one table, and how many cases are in none of the cells shown.

    `hidden` 0: nothing is suppressed, and a category without a cell has no case. Else it may have some.
    """

    cells: dict[str, int] = {}
    hidden: int = 0


Tables = Mapping[str, Table]
"""Name of the table → what is shown of it."""


def shown(cells: Mapping[str, int], categories: int, smallest: int) -> Table:
    """B5: a table, without its cells under `smallest` and without as many others as hide these.

    While the cases not shown are too few to be anywhere (fewer than `smallest - 1`), or so many that each of the cells
    not shown must have some, the smallest cell shown is suppressed too; in the end the whole table.
    `categories`: in how many a case is looked for, be there one or not; at least 3. `smallest`: at least 3.
    """
    hidden = sum(count for count in cells.values() if count < smallest)
    if hidden == 0:
        return Table({name: cells[name] for name in sorted(cells) if cells[name]})
    left = sorted(((count, name) for name, count in cells.items() if count >= smallest), reverse=True)
    while left and not _hides(hidden, categories - len(left), smallest):
        hidden += left.pop()[0]
    return Table({name: count for count, name in sorted(left, key=lambda cell: cell[1])}, hidden)


def _hides(hidden: int, cells: int, smallest: int) -> bool:
    """Whether each of the cells not shown could have none, or `smallest - 1`, all of them being under `smallest`."""
    return smallest - 1 <= hidden <= (cells - 1) * (smallest - 1)


def edition(
    discharges: Discharges, before: Tables | None, categories: Mapping[str, int], smallest: int
) -> dict[str, Table]:
    """B5: the tables of a day's next public edition; `before`: those of the edition before, None: there was none.

    A restatement never shows more than the first edition did, nor what differs from it: the difference of two editions
    would be about the few cases that moved. So a table that is not what it was is suppressed whole, and stays so.
    """
    tables: dict[str, Table] = {}
    for name, known in categories.items():
        cells: Mapping[str, int] = getattr(discharges, name)
        now = shown(cells, known, smallest)
        is_same = before is None or before.get(name) == now
        tables[name] = now if is_same else Table(hidden=sum(cells.values()))
    return tables


def channels(online: Iterable[Online], smallest: int) -> tuple[Online, ...]:
    """B5: the channels in which `smallest` people or more had a consultation by then; of others nothing is said."""
    return tuple(channel for channel in online if channel.people >= smallest)
