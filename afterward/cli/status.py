"""status and wait: what runs, what is left to do, and the moment at which nothing is."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
from rich.table import Table

from afterward.cli.console import Context, Json, StackDir, counted, out, plain_table, print_json, utc, verb
from afterward.context.asking import Asking
from afterward.context.choosing import chosen
from afterward.context.idle import LIMIT_SECONDS, wait_until_idle
from afterward.context.target import Target
from afterward.stack.lock import holder
from afterward.stack.running import Running

HEALTH_SECONDS = 10.0


@verb
async def wait(
    limit_seconds: Annotated[float, typer.Option(min=0, help="how long at most")] = LIMIT_SECONDS,
    context: Context = None,
    data_dir: StackDir = None,
) -> None:
    """Returns, and says nothing, once all that follows from the reports on the bus has been done."""
    await wait_until_idle(chosen(context, data_dir), limit_seconds)


@verb
async def status(context: Context = None, data_dir: StackDir = None, json_: Json = False) -> None:
    """What runs, and what each process of each service has yet to do."""
    target = chosen(context, data_dir)
    services, now = await healths(target), target.timeline.now()
    unknown = at_unknown_places(services)
    if json_:
        about = {"bus": target.bus_name, "clock": target.clock, "now": now.isoformat()}
        print_json({**about, "cases_at_unknown_places": unknown, "services": services})
    else:
        out.print(f"{target.bus_name} at {target.kafka.bootstrap_servers if target.kafka else 'no known address'}")
        out.print(f"it is {utc(now)}\n")
        out.print(_status_table(services, FIGURES if target.data_dir else FIGURES_OF_A_CLUSTER))
        if unknown:
            where = "`afterward worklist unplaced --jurisdiction unknown`, and so `transfers`"
            out.print(f"\n{counted(unknown, 'case')} at no known place: {where}", markup=False)
        if unfinished := unfinished_erasures(services):
            out.print(f"\nerasures that wait for `afterward retain`: {unfinished}", markup=False)
        if wrong := [*(unwatched(target.data_dir) if target.data_dir else ()), *complaints(services)]:
            out.print("\n" + "\n".join(wrong), style="red", markup=False)
    if not all(service["healthy"] for service in services.values()):
        raise typer.Exit(1)


async def healths(target: Target) -> dict[str, dict[str, Any]]:
    """Name → what a process says of its health; a service of several has a number behind its name.

    Of a stack on this machine with the `pid`. Raises NotRunning.
    """
    replicas = {name: url for service, urls in target.processes.items() for name, url in numbered(service, urls)}
    async with Asking(target, HEALTH_SECONDS) as asking:
        answers = await asyncio.gather(*(_health(asking, url) for url in replicas.values()))
    found = dict(zip(replicas, answers, strict=True))
    if target.data_dir is None:
        return {name: {"address": replicas[name], **health} for name, health in found.items()}
    pids = {process.url: process.pid for process in Running.load(target.data_dir).processes.values()}
    return {name: {"pid": pids[url], **found[name]} for name, url in replicas.items() if url in pids}


def numbered(service: str, urls: tuple[str, ...]) -> list[tuple[str, str]]:
    """The processes of a service, each with the name under which people see it."""
    if len(urls) == 1:
        return [(service, urls[0])]
    return [(f"{service} {number}", url) for number, url in enumerate(urls, start=1)]


def at_unknown_places(services: Mapping[str, Mapping[str, Any]]) -> int | None:
    """How many cases nobody knows the place of, as intake says in its health; None where it does not."""
    return next((one["at_unknown_places"] for one in services.values() if "at_unknown_places" in one), None)


def unfinished_erasures(services: Mapping[str, Mapping[str, Any]]) -> str:
    """Of which services, and how many; empty where there are none."""
    return ", ".join(f"{name} {number}" for name, one in services.items() if (number := one.get("erasures")))


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


async def _health(asking: Asking, url: str) -> dict[str, Any]:
    try:
        _, body = await asking.probe(f"{url}/health")
    except (OSError, aiohttp.ClientError, ValueError) as error:
        return {"healthy": False, "error": type(error).__name__}
    return {"healthy": False, **body}


FIGURES = ("partitions", "pid", "behind", "outbox", "overdue", "parked", "blocked")
"""The columns of figures. `/health` calls the records that a service is `behind` by `records_behind`."""
FIGURES_OF_A_CLUSTER = tuple(name for name in FIGURES if name != "pid")
"""Processes of other machines have no number here."""
HEADINGS = {"partitions": "parts"}
"""Short, so that a table with the longest name of a service fits 80 columns."""


def _status_table(services: Mapping[str, Mapping[str, Any]], columns: tuple[str, ...] = FIGURES) -> Table:
    headings = tuple(HEADINGS.get(column, column) for column in columns)
    table = plain_table("service", "health", *headings, figures=headings)
    for name, service in services.items():
        figures = {**service, "partitions": len(service.get("partitions", ())), "behind": service.get("records_behind")}
        shown = ("" if figures.get(column) is None else str(figures[column]) for column in columns)
        table.add_row(name, "good" if service["healthy"] else "[red]bad[/red]", *shown)
    return table
