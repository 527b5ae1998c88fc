"""audit: who has read which case, when, and why they said they did."""

import asyncio
from typing import Annotated, Any

import typer
from rich.markup import escape

from afterward.cli.console import Context, Failure, Json, StackDir, instant_of, out, plain_table, print_json, verb
from afterward.cli.operations import minute
from afterward.context.asking import Asking
from afterward.context.choosing import chosen

MOST = 1_000


@verb
async def audit(
    case: Annotated[str | None, typer.Option("--case", help="only who has read this case")] = None,
    who: Annotated[str | None, typer.Option("--who", help="only what this reader has read")] = None,
    since: Annotated[str | None, typer.Option("--since", help="only from this instant on")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="how many at most")] = 50,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Who has read which case: the reader, when, why, and of which service; as each service has kept it."""
    asked = {
        "case_id": case,
        "who": who,
        "since": instant_of("--since", since).isoformat() if since else None,
        "limit": limit,
    }
    target = chosen(context, data_dir)
    async with Asking(target) as asking:
        kept = await asyncio.gather(*(asking.get(name, "/v1/audit", asked) for name in target.services))
    if all(page is None for page in kept):
        raise Failure(f"no service of {target.name} keeps who has read what: they run another version of the code")
    rows = [
        {"service": name, **entry}
        for name, page in zip(target.services, kept, strict=True)
        for entry in (page or {}).get("entries", ())
    ]
    _show(sorted(rows, key=lambda row: row["at"])[:limit], json_)


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        out.print("nobody has read any")
        return
    table = plain_table("read, UTC", "by", "case", "of", "purpose")
    for row in rows:
        table.add_row(
            minute(row["at"]), *(escape(str(row[name] or "")) for name in ("who", "case_id", "service", "purpose"))
        )
    out.print(table)
