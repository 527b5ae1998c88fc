"""audit: who has read which case, when, and why they said they did."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from afterward.cli.console import Context, Json, StackDir, instant_of, out, plain_table, print_json, verb
from afterward.cli.operations import minute
from afterward.context.asking import Asking, pages
from afterward.context.choosing import chosen
from chassis.clock import real_now

MOST = 10_000
A_DAY = timedelta(days=1)


@verb
async def audit(
    case: Annotated[str | None, typer.Option("--case", help="only who was told of this case")] = None,
    who: Annotated[str | None, typer.Option("--who", help="only what this reader has asked")] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="from this instant on; without it and --case, of the last day")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="how many at most, the oldest first")] = 1_000,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Who has read which case, when, and why; and what operators have had done. Instants are of the real clock."""
    from_ = instant_of("--since", since) if since else None if case else real_now() - A_DAY
    asked = {"case_id": case, "who": who, "since": from_.isoformat() if from_ else None}
    target = chosen(context, data_dir)
    async with Asking(target) as asking:
        kept = await asyncio.gather(*(_kept(asking, name, asked, limit + 1) for name in target.services))
    rows = sorted((row for of_one in kept for row in of_one), key=lambda row: (row["at"], row["service"], row["id"]))
    shown = rows[:limit]
    if json_:
        for row in shown:
            print_json(row)
        return
    out.print(_table(shown) if shown else "nobody has read any case")
    if len(rows) > limit:
        out.print(f"\nmore: --since {shown[-1]['at']}", markup=False)


async def _kept(asking: Asking, service: str, asked: Mapping[str, str | None], most: int) -> list[dict[str, Any]]:
    """What a service has recorded, the oldest first, `most` entries of it."""
    found: list[dict[str, Any]] = []
    async for entry in pages(asking, service, "/v1/audit", asked):
        found.append({"service": service, **entry})
        if len(found) == most:
            break
    return found


def _table(rows: list[dict[str, Any]]) -> Table:
    """A row each: when, who and how they were known, what they asked of which service and why, and of which cases."""
    table = plain_table("at, UTC", "who", "asked", "cases")
    for row in rows:
        reader = f"{row['who']}\n({row['means']})"
        asked = f"{row['service']}: {row['what']}\n{row['outcome']}" + (f", {row['purpose']}" if row["purpose"] else "")
        cells = (minute(row["at"]), reader, asked, ", ".join(row["cases"]))
        table.add_row(*(escape(cell) for cell in cells))
    for column in table.columns:
        column.overflow = "fold"
    return table
