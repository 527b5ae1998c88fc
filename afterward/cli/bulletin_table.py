"""A bulletin as people read it."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from afterward.cli.console import heading, plain_table, words

FIGURES = ("total", "imported", "local")
CARE = {
    "consultations": "consultations",
    "people": "people",
    "experts": "experts",
    "avoided_visits": "visits avoided",
    "prescriptions_delivered": "delivered",
}
"""What is counted of a channel, and the heads of its columns."""
NOT_SHOWN = "not shown"


class Edition(StrEnum):
    """The editions of a bulletin: all figures, or those in which nobody can be found (B5)."""

    COMMISSION = "commission"
    PUBLIC = "public"


def bulletin_sections(bulletin: Mapping[str, Any]) -> Iterator[RenderableType]:
    """The figures of a day, and below them of whom they speak."""
    edition = ", public edition" if bulletin.get("edition") == Edition.PUBLIC else ""
    yield heading(f"Bulletin of {bulletin['jurisdiction']} for {bulletin['date']}{edition}")
    yield _figures(bulletin)
    tables = dict(bulletin["discharges"])
    suppressed = tables.pop("suppressed", None) or ()
    for name, cells in tables.items():
        if cells or name in suppressed:
            yield f"discharged {_breakdown(name, cells, is_whole=name not in suppressed)}"
    if channels := bulletin.get("online_care"):
        yield _channels(channels)
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


def _breakdown(name: str, cells: Mapping[str, int], *, is_whole: bool) -> str:
    ordered = sorted(cells.items(), key=lambda cell: (-cell[1], cell[0]))
    shown = [f"{category} {count}" for category, count in ordered]
    rest = [] if is_whole else [f"others {NOT_SHOWN}" if shown else NOT_SHOWN]
    return f"{words(name)}: " + ", ".join([*shown, *rest])


def _channels(channels: Iterable[Mapping[str, Any]]) -> Table:
    table = plain_table("online care", *CARE.values(), figures=list(CARE.values()))
    for channel in channels:
        table.add_row(channel["channel_id"], *(str(channel.get(name, NOT_SHOWN)) for name in CARE))
    return table
