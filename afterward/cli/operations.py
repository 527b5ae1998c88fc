"""parked and republish: what could not be judged is looked at and put back, and a lost bus is refilled."""

import json
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from afterward.cli.console import (
    DEFAULT_DATA_DIR,
    DataDir,
    Failure,
    Json,
    instant_of,
    out,
    plain_table,
    print_json,
    printable,
    verb,
)
from afterward.stack import archives
from afterward.stack.running import Running
from chassis.store.connection import connect, sql

parked = typer.Typer(
    help="What could not be judged: why, where it came from, and how it goes back in.", no_args_is_help=True
)

Service = Annotated[str, typer.Argument(help="the service that parked it")]


@parked.command("list")
@verb
async def parked_list(
    discarded: Annotated[bool, typer.Option("--discarded", help="what was taken out for good instead")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """Everything that is parked, by service, in the order in which it was parked."""
    running, listed = Running.load(data_dir.absolute()), "list_discarded" if discarded else "list_parked"
    rows = [{"service": name, **row} for name in running.services for row in await _fetch(running, name, listed)]
    if json_:
        for row in rows:
            print_json(row)
        return
    if rows:
        out.print(_discarded_table(rows) if discarded else _parked_table(rows))
    else:
        out.print("nothing was discarded" if discarded else "nothing is parked")


def _parked_table(rows: list[dict[str, Any]]) -> Table:
    """A row each: the reason, about which case, and the record: topic, [partition]@offset, size."""
    table = plain_table("service", "id", "reason", "record", "received, UTC", figures=("id",))
    for row in rows:
        case, replay = f"\ncase {row['key']}" if row["key"] else "", "\nto go back in" if row["replay"] else ""
        reason = f"{_in_lines(row['reason'])}{case}{replay}"
        size = f"{row['bytes']} bytes" + (" (cut)" if row["cut"] else "")
        place = f"{row['topic']}\n[{row['partition']}]@{row['record_offset']}\n{size}"
        table.add_row(
            row["service"], str(row["id"]), escape(reason), escape(place), f"{row['received_at']:%Y-%m-%d %H:%M}"
        )
    return table


def _in_lines(reason: str) -> str:
    """A reason with an error's name on a line of its own: a terminal of 80 columns would cut it off."""
    return reason.replace(":", ":\n")


def _discarded_table(rows: list[dict[str, Any]]) -> Table:
    """A row each: the reason why it had been parked, about which case, and who took it out, and why."""
    table = plain_table("service", "id", "reason", "discarded, UTC", "by", "why", figures=("id",))
    for row in rows:
        parked_for = _in_lines(row["reason"]) + (f"\ncase {row['key']}" if row["key"] else "")
        when = f"{row['discarded_at']:%Y-%m-%d %H:%M}"
        cells = (escape(text) for text in (parked_for, when, row["discarded_by"], row["why"]))
        table.add_row(row["service"], str(row["id"]), *cells)
    return table


@parked.command("show")
@verb
async def parked_show(
    service: Service,
    id_: Annotated[int, typer.Argument(metavar="ID", help="its number in `parked list`")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """One parked record, with its bytes. They may hold what a publisher should never have sent: mind who reads them."""
    running = Running.load(data_dir.absolute())
    rows = await _fetch(running, known_service(running, service), "show_parked", id_)
    if not rows:
        raise Failure(f"{service} has parked nothing under {id_}")
    row = {"service": service, **rows[0], **{name: _text(rows[0][name]) for name in ("record_key", "value")}}
    row["headers"] = [[name, _text(_bytes(value))] for name, value in json.loads(row["headers"] or "[]")]
    if json_:
        print_json(row)
        return
    for name, value in row.items():
        if value is not None:
            out.print(f"{name.replace('_', ' ')}: {printable(str(value))}", markup=False)


def _bytes(written: str | None) -> bytes | None:
    """Of a header, which is kept as hexadecimal digits: it may hold anything, or nothing at all."""
    return None if written is None else bytes.fromhex(written)


def _text(given: bytes | None) -> str | None:
    return None if given is None else given.decode(errors="backslashreplace")


@parked.command("replay")
@verb
async def parked_replay(
    service: Service,
    ids: Annotated[
        list[int] | None, typer.Argument(help="numbers in `parked list`; a case's go back in together")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="all that the service has parked")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """Puts parked records back in, in order; what still cannot be judged is parked again."""
    if not ids and not everything:
        raise Failure("say which: numbers of `parked list`, or --all")
    running = Running.load(data_dir.absolute())
    asked = await _fetch(running, known_service(running, service), "ask_replay", everything, ids or [])
    if not asked and not everything:
        raise Failure(_not_to_be_replayed(service, ids or [], await _fetch(running, service, "list_parked")))
    print_json({"replayed": len(asked)}) if json_ else out.print(f"{len(asked)} go back in; `afterward wait`")


def _not_to_be_replayed(service: str, ids: list[int], parked_: list[dict[str, Any]]) -> str:
    """Why none of these goes back in."""
    if cut := [str(row["id"]) for row in parked_ if row["id"] in ids and row["cut"]]:
        return f"of {', '.join(cut)} only the first 64 kB were kept: its publisher has to send it again"
    return f"{service} has parked nothing under {', '.join(map(str, ids))}"


@verb
async def republish(
    service: Annotated[str, typer.Argument(help="the service whose events are said again")],
    since: Annotated[str | None, typer.Option(help="only what was recorded from this instant on")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """Says all archived events again, under their own ids and in their order: for a bus that has lost its data."""
    running = Running.load(data_dir.absolute())
    instant = instant_of("--since", since) if since else None
    added = await archives.republish(running.services[known_service(running, service)].dsn, instant)
    print_json({"republished": added}) if json_ else out.print(f"{added} events are said again by {service}")


def known_service(running: Running, service: str) -> str:
    if service not in running.services:
        raise Failure(f"no service {service}; there are {', '.join(running.services)}")
    return service


async def _fetch(running: Running, service: str, statement: str, *values: Any) -> list[dict[str, Any]]:
    connection = await connect(running.services[service].dsn, statement_timeout_seconds=60)
    try:
        return [dict(row) for row in await connection.fetch(sql(statement, "afterward.cli.sql"), *values)]
    finally:
        await connection.close()
