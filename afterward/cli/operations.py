"""parked and republish: what could not be judged is looked at and put back, and a lost bus is refilled."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from afterward.cli.console import (
    Context,
    Failure,
    Json,
    StackDir,
    instant_of,
    out,
    plain_table,
    print_json,
    printable,
    verb,
)
from afterward.context.asking import Asking, pages
from afterward.context.choosing import chosen

parked = typer.Typer(
    help="What could not be judged: why, where it came from, and how it goes back in.", no_args_is_help=True
)

REPUBLISH_SECONDS = 600.0
"""So long a whole archive may take to be put back into the outbox."""
Service = Annotated[str, typer.Argument(help="the service that parked it")]


@parked.command("list")
@verb
async def parked_list(
    discarded: Annotated[bool, typer.Option("--discarded", help="what was taken out for good instead")] = False,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Everything that is parked, by service, in the order in which it was parked."""
    target = chosen(context, data_dir)
    async with Asking(target) as asking:
        listed = await asyncio.gather(*(_listed(asking, name, discarded=discarded) for name in target.services))
    rows = [row for of_one in listed for row in of_one]
    if json_:
        for row in rows:
            print_json(row)
        return
    if rows:
        out.print(_discarded_table(rows) if discarded else _parked_table(rows))
    else:
        out.print("nothing was discarded" if discarded else "nothing is parked")


async def _listed(asking: Asking, service: str, *, discarded: bool = False) -> list[dict[str, Any]]:
    """What a service has parked, or discarded, in the order in which it was parked."""
    asked = {"discarded": "true" if discarded else None}
    return [{"service": service, **row} async for row in pages(asking, service, "/v1/parked", asked)]


def minute(instant: str) -> str:
    """An instant to the minute, by the one clock that is the same everywhere."""
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%Y-%m-%d %H:%M}"


def _parked_table(rows: list[dict[str, Any]]) -> Table:
    """A row each: the reason, about which case, and the record: topic, [partition]@offset, size."""
    table = plain_table("service", "id", "reason", "record", "received, UTC", figures=("id",))
    for row in rows:
        case, replay = f"\ncase {row['key']}" if row["key"] else "", "\nto go back in" if row["replay"] else ""
        reason = f"{_in_lines(row['reason'])}{case}{replay}"
        size = f"{row['bytes']} bytes" + (" (cut)" if row["cut"] else "")
        place = f"{row['topic']}\n[{row['partition']}]@{row['record_offset']}\n{size}"
        cells = (escape(reason), escape(place), minute(row["received_at"]))
        table.add_row(row["service"], str(row["id"]), *cells)
    return table


def _in_lines(reason: str) -> str:
    """A reason with an error's name on a line of its own: a terminal of 80 columns would cut it off."""
    return reason.replace(":", ":\n")


def _discarded_table(rows: list[dict[str, Any]]) -> Table:
    """A row each: the reason why it had been parked, about which case, and who took it out, and why."""
    table = plain_table("service", "id", "reason", "discarded, UTC", "by", "why", figures=("id",))
    for row in rows:
        parked_for = _in_lines(row["reason"]) + (f"\ncase {row['key']}" if row["key"] else "")
        cells = (escape(text) for text in (parked_for, minute(row["discarded_at"]), row["discarded_by"], row["why"]))
        table.add_row(row["service"], str(row["id"]), *cells)
    return table


@parked.command("show")
@verb
async def parked_show(
    service: Service,
    id_: Annotated[int, typer.Argument(metavar="ID", help="its number in `parked list`")],
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """One parked record, with its bytes. They may hold what a publisher should never have sent: mind who reads them."""
    async with Asking(chosen(context, data_dir)) as asking:
        found = await asking.get(service, f"/v1/parked/{id_}")
    if found is None:
        raise Failure(f"{service} has parked nothing under {id_}")
    row = {"service": service, **found}
    if json_:
        print_json(row)
        return
    for name, value in row.items():
        if value is not None:
            out.print(f"{name.replace('_', ' ')}: {printable(str(value))}", markup=False)


@parked.command("replay")
@verb
async def parked_replay(
    service: Service,
    ids: Annotated[
        list[int] | None, typer.Argument(help="numbers in `parked list`; a case's go back in together")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="all that the service has parked")] = False,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Puts parked records back in, in order; what still cannot be judged is parked again."""
    if not ids and not everything:
        raise Failure("say which: numbers of `parked list`, or --all")
    async with Asking(chosen(context, data_dir)) as asking:
        done = await asking.post(service, "/v1/parked/replay", {"all": True} if everything else {"ids": ids})
    if done is None:
        raise Failure(f"{service} has parked nothing under {', '.join(map(str, ids or []))}")
    replayed = done["replayed"]
    print_json({"replayed": replayed}) if json_ else out.print(f"{replayed} go back in; `afterward wait`")


@verb
async def republish(
    service: Annotated[str, typer.Argument(help="the service whose events are said again")],
    since: Annotated[str | None, typer.Option(help="only what was recorded from this instant on")] = None,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Says all archived events again, under their own ids and in their order: for a bus that has lost its data."""
    body = {"since": instant_of("--since", since).isoformat()} if since else {}
    async with Asking(chosen(context, data_dir), REPUBLISH_SECONDS) as asking:
        added = (await asking.post(service, "/v1/republish", body))["republished"]
    print_json({"republished": added}) if json_ else out.print(f"{added} events are said again by {service}")
