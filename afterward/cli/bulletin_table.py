"""A bulletin as people read it."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from afterward.cli.console import heading, plain_table, words

FIGURES = ("total", "imported", "local")


def bulletin_sections(bulletin: Mapping[str, Any]) -> Iterator[RenderableType]:
    """The figures of a day, and below them of whom they speak."""
    yield heading(f"Bulletin of {bulletin['jurisdiction']} for {bulletin['date']}")
    yield _figures(bulletin)
    for name, cells in bulletin["discharges"].items():
        if cells:
            yield f"discharged {_breakdown(name, cells)}"
    if youngest := bulletin.get("youngest"):
        age = youngest["age"]
        yield f"youngest ({youngest['scope']}, {youngest['as_of']}): {age['value']} {age['unit']}"


def _figures(bulletin: Mapping[str, Any]) -> Table:
    table = plain_table("cases", *FIGURES, figures=FIGURES)
    for group in ("new", "cumulative"):
        for name, figure in bulletin[group].items():
            table.add_row(f"{group} {name}", *_cells(figure))
    table.add_row("in hospital", *_cells(bulletin["in_hospital"]))
    for name, figure in bulletin.get("asymptomatic", {}).items():
        table.add_row(f"asymptomatic, {words(name)}", *_cells(figure))
    return table


def _cells(figure: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(str(figure[name]) for name in FIGURES)


def _breakdown(name: str, cells: Mapping[str, int]) -> str:
    ordered = sorted(cells.items(), key=lambda cell: (-cell[1], cell[0]))
    return f"{words(name)}: " + ", ".join(f"{category} {count}" for category, count in ordered)
