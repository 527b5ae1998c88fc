"""A bulletin as people read it."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table


def bulletin_table(bulletin: Mapping[str, Any]) -> Table:
    """A bulletin as the commission prints it."""
    table = Table("", "total", "imported", "local", title=f"{bulletin['jurisdiction']}, {bulletin['date']}")
    for label, group in (("new", "new"), ("cumulative", "cumulative")):
        for name, figure in bulletin[group].items():
            table.add_row(f"{label} {name}", *_cells(figure))
    table.add_row("in hospital", *_cells(bulletin["in_hospital"]))
    notes = [f"discharged {_breakdown(name, cells)}" for name, cells in bulletin["discharges"].items() if cells]
    if youngest := bulletin.get("youngest"):
        age = youngest["age"]
        notes.append(f"youngest ({youngest['scope']}, {youngest['as_of']}): {age['value']} {age['unit']}")
    table.caption = "\n".join(notes) or None
    return table


def _cells(figure: Mapping[str, int]) -> tuple[str, str, str]:
    return str(figure["total"]), str(figure["imported"]), str(figure["local"])


def _breakdown(name: str, cells: Mapping[str, int]) -> str:
    ordered = sorted(cells.items(), key=lambda cell: (-cell[1], cell[0]))
    return f"{name.replace('_', ' ')}: " + ", ".join(f"{category} {count}" for category, count in ordered)
