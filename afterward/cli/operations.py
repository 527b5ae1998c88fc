"""parked and republish: what could not be judged is looked at and put back, and a lost bus is refilled."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from afterward.cli.console import DEFAULT_DATA_DIR, DataDir, Failure, Json, out, print_json, verb
from afterward.stack.running import Running
from chassis.store import connect, sql

parked = typer.Typer(help="What could not be judged: why, where it came from, and how it goes back in.", no_args_is_help=True)

Service = Annotated[str, typer.Argument(help="the service that parked it")]


@parked.command("list")
@verb
async def parked_list(data_dir: DataDir = DEFAULT_DATA_DIR, json_: Json = False) -> None:
    """Everything that is parked, by service, in the order in which it was parked."""
    running = Running.load(data_dir.absolute())
    rows = [
        {"service": name, **row}
        for name in running.services
        for row in await _fetch(running, name, f"SELECT {_LISTED} FROM parked ORDER BY id")
    ]
    if json_:
        for row in rows:
            print_json(row)
        return
    table = Table("service", "id", "reason", "case", "from", "bytes", "came", "replay")
    for row in rows:
        place = f"{row['topic']}[{row['partition']}]@{row['record_offset']}"
        shown = (row["service"], row["id"], row["reason"], row["key"], place, row["bytes"], row["came"], row["replay"])
        table.add_row(*("" if value is None else str(value) for value in shown))
    out.print(table)


_LISTED = (
    "id, reason, kind, key, topic, partition, record_offset, came, parked_at, replay, "
    "coalesce(octet_length(value), 0) AS bytes"
)


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
    query = f"SELECT {_LISTED}, record_key, headers, value FROM parked WHERE id = $1"
    rows = await _fetch(running, _known(running, service), query, id_)
    if not rows:
        raise Failure(f"{service} has parked nothing under {id_}")
    row = rows[0]
    row["value"] = None if row["value"] is None else row["value"].decode(errors="backslashreplace")
    row["record_key"] = None if row["record_key"] is None else row["record_key"].decode(errors="backslashreplace")
    if json_:
        print_json({"service": service, **row})
        return
    for name, value in row.items():
        out.print(f"{name}: {value}", markup=False)


@parked.command("replay")
@verb
async def parked_replay(
    service: Service,
    ids: Annotated[list[int] | None, typer.Argument(help="numbers in `parked list`; a case's go back in together")] = None,
    everything: Annotated[bool, typer.Option("--all", help="all that the service has parked")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """Puts parked records back in, in order; what still cannot be judged is parked again."""
    if not ids and not everything:
        raise Failure("say which: numbers of `parked list`, or --all")
    running = Running.load(data_dir.absolute())
    query = """
        UPDATE parked SET replay = true
        WHERE $1 OR id = ANY ($2::bigint[])
           OR (kind, key) IN (SELECT kind, key FROM parked WHERE id = ANY ($2::bigint[]))
        RETURNING id
    """
    asked = await _fetch(running, _known(running, service), query, everything, ids or [])
    print_json({"replayed": len(asked)}) if json_ else out.print(f"{len(asked)} go back in; `afterward status --wait`")


@verb
async def republish(
    service: Service,
    since: Annotated[str | None, typer.Option(help="only what was recorded from this instant on")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """Says all archived events again, under their own ids and in their order: for a bus that has lost its data."""
    running = Running.load(data_dir.absolute())
    instant = None
    if since is not None:
        try:
            instant = datetime.fromisoformat(since)
        except ValueError:
            raise Failure("--since takes an instant with its offset") from None
        if instant.tzinfo is None:
            raise Failure("--since takes an instant with its offset")
    connection = await connect(running.services[_known(running, service)].dsn, statement_timeout_seconds=600)
    try:
        added = int((await connection.execute(sql("republish"), instant)).rpartition(" ")[2])
    finally:
        await connection.close()
    print_json({"republished": added}) if json_ else out.print(f"{added} events are said again by {service}")


def _known(running: Running, service: str) -> str:
    if service not in running.services:
        raise Failure(f"no service {service}; there are {', '.join(running.services)}")
    return service


async def _fetch(running: Running, service: str, query: str, *values: Any) -> list[dict[str, Any]]:
    connection = await connect(running.services[service].dsn, statement_timeout_seconds=60)
    try:
        return [dict(row) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()
