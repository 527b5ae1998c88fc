"""status and wait: what runs, what is left to do, and the moment at which nothing is."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer
from rich.table import Table

from afterward.cli.console import DEFAULT_DATA_DIR, DataDir, Json, counted, out, plain_table, print_json, utc, verb
from afterward.stack.idle import LIMIT_SECONDS, wait_until_idle
from afterward.stack.lock import holder
from afterward.stack.running import Running, stack_timeline
from chassis.store.connection import connect
from services.intake import views


@verb
async def wait(
    limit_seconds: Annotated[float, typer.Option(min=0, help="how long at most")] = LIMIT_SECONDS,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Returns, and says nothing, once all that follows from the reports on the bus has been done."""
    await wait_until_idle(data_dir.absolute(), limit_seconds)


@verb
async def status(
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """What runs, and what each service has yet to do."""
    data_dir = data_dir.absolute()
    running = Running.load(data_dir)
    services = {
        name: {"pid": process.pid, **await asyncio.to_thread(_health, process.health)}
        for name, process in running.processes.items()
    }
    now, unknown = stack_timeline(data_dir).now(), await at_unknown_places(running)
    if json_:
        about = {"bus": running.bus, "clock": running.clock, "now": now.isoformat()}
        print_json({**about, "cases_at_unknown_places": unknown, "services": services})
    else:
        out.print(f"{running.bus} at {running.bootstrap_servers}")
        out.print(f"it is {utc(now)}\n")
        out.print(_status_table(services))
        if unknown:
            where = "`afterward worklist unplaced --jurisdiction unknown`, and so `transfers`"
            out.print(f"\n{counted(unknown, 'case')} at no known place: {where}", markup=False)
        if wrong := [*unwatched(data_dir), *complaints(services)]:
            out.print("\n" + "\n".join(wrong), style="red", markup=False)
    if not all(service["healthy"] for service in services.values()):
        raise typer.Exit(1)


async def at_unknown_places(running: Running) -> int | None:
    """How many cases nobody knows the place of; None where intake's database does not answer."""
    intake = running.services.get("intake")
    if intake is None:
        return None
    try:
        connection = await connect(intake.dsn, statement_timeout_seconds=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    try:
        return await views.at_unknown_places(connection)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    finally:
        await connection.close()


def unwatched(data_dir: Path) -> list[str]:
    """Said of a stack whose supervisor was killed: it goes on, until something of it dies."""
    if holder(data_dir) is not None:
        return []
    return ["nobody watches this stack: what dies is not started again. `afterward down`, then `afterward up`"]


def complaints(services: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is wrong, in words: of each service that is not well, then of what they all warn of."""
    wrong = [f"{name}: {each}" for name, service in services.items() for each in _wrong_with(service)]
    return [*wrong, *sorted({each for service in services.values() for each in service.get("warnings", ())})]


_WORDS = {"error": "does not answer ({})", "database": "its database does not answer ({})", "bus": "{}", "group": "{}"}
"""What `/health` calls a trouble, or we do when there was no answer → what it is called here."""


def _wrong_with(service: Mapping[str, Any]) -> list[str]:
    found = [words.format(service[what]) for what, words in _WORDS.items() if what in service]
    return found or ([] if service["healthy"] else ["has no partitions"])


def _health(url: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            body: dict[str, Any] = json.load(response)
    except urllib.error.HTTPError as error:
        body = json.loads(error.read() or b"{}")
    except OSError as error:
        return {"healthy": False, "error": type(error).__name__}
    return {"healthy": False, **body}


FIGURES = ("partitions", "pid", "behind", "outbox", "overdue", "parked", "blocked")
"""The columns of figures. `/health` calls the records that a service is `behind` by `records_behind`."""
HEADINGS = ("parts", *FIGURES[1:])
"""Short for partitions: a table with the longest name of a service fits 80 columns."""


def _status_table(services: Mapping[str, Mapping[str, Any]]) -> Table:
    table = plain_table("service", "health", *HEADINGS, figures=HEADINGS)
    for name, service in services.items():
        figures = {**service, "partitions": len(service.get("partitions", ())), "behind": service.get("records_behind")}
        shown = ("" if figures.get(column) is None else str(figures[column]) for column in FIGURES)
        table.add_row(name, "good" if service["healthy"] else "[red]bad[/red]", *shown)
    return table
