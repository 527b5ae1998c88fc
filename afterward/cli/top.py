"""top: how fast each process works, what is left to it, and who waits for somebody; on a terminal drawn anew."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table

from afterward.cli.console import Context, Json, StackDir, out, plain_table, print_json, show, utc, verb
from afterward.cli.status import HEALTH_SECONDS, numbered
from afterward.context.asking import Asking
from afterward.context.choosing import chosen
from afterward.context.figures import Look, look
from afterward.context.target import Target

RATES: Final = {"judged": "records_total", "stated": "events_emitted_total", "sent": "events_published_total"}
"""Heading → the counter whose growth a second it is. Headings are short: a table has to fit 80 columns."""
LEFT: Final = {
    "behind": "records_behind",
    "waits": "oldest_unjudged_seconds",
    "outbox": "outbox_rows",
    "due": "overdue_rows",
    "parked": "parked_rows",
    "blocked": "blocked_cases",
}
WAITING: Final = {
    "silent": ("patients_silent", {}),
    "overdue": ("followups_overdue", {}),
    "urgent": ("alerts_unacknowledged", {"severity": "urgent"}),
    "alerts": ("alerts_unacknowledged", {}),
    "linkages": ("linkages_unanswered", {}),
    "experts": ("consultations_waiting", {}),
    "transfers": ("transfers_awaited", {}),
    "late": ("transfers_awaited", {"late": "yes"}),
}
"""Heading → the metric of a jurisdiction, and the series of it that count."""


@verb
async def top(
    once: Annotated[bool, typer.Option("--once", help="one look, over the seconds of --every, and no more")] = False,
    every: Annotated[float, typer.Option(min=0.2, help="seconds between two looks")] = 2.0,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """How fast each process works, what is left to it, and who waits for somebody: live, until you end it."""
    target = chosen(context, data_dir)
    async with Asking(target, HEALTH_SECONDS) as asking:
        before = await look(asking, addresses(target))
        if once or json_ or not out.is_terminal:
            await asyncio.sleep(every)
            _show_once(target, before, await look(asking, addresses(target)), json_=json_)
            return
        with Live(console=out, auto_refresh=False, screen=True) as live:
            while True:
                await asyncio.sleep(every)
                target = target.again()
                now = await look(asking, addresses(target))
                live.update(Group(*drawn(target, before, now)), refresh=True)
                before = now


def addresses(target: Target) -> dict[str, str]:
    """Name → address of each process, as `status` names them."""
    return {name: url for service, urls in target.processes.items() for name, url in numbered(service, urls)}


def _show_once(target: Target, before: Look, now: Look, *, json_: bool) -> None:
    if json_:
        print_json({"processes": processes_of(before, now), "jurisdictions": jurisdictions_of(now)})
    else:
        for part in drawn(target, before, now):
            show(part)


def drawn(target: Target, before: Look, now: Look) -> list[RenderableType]:
    """Both tables, as they are drawn on a terminal."""
    clock = f"{target.bus_name}; it is {utc(target.timeline.now())}\n"
    places = jurisdictions_of(now)
    parts: list[RenderableType] = [clock, _processes(processes_of(before, now))]
    if places:
        parts += ["", _jurisdictions(places)]
    return parts


def processes_of(before: Look, now: Look) -> dict[str, dict[str, float | None]]:
    """Process → its figures by heading; of one that does not answer each is None."""
    return {
        name: {heading: now.rate(before, name, counter) for heading, counter in RATES.items()}
        | {heading: now.total(name, metric) for heading, metric in LEFT.items()}
        for name in now.processes
    }


def jurisdictions_of(now: Look) -> dict[str, dict[str, int]]:
    """Jurisdiction → how many wait there, by heading."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(WAITING, 0))
    for heading, (metric, wanted) in WAITING.items():
        for (_, labels), number in now.greatest(metric).items():
            known = dict(labels)
            if all(known[label] == value for label, value in wanted.items()):
                found[known["jurisdiction"]][heading] += int(number)
    return dict(sorted(found.items()))


def _processes(processes: Mapping[str, Mapping[str, float | None]]) -> Table:
    headings = (*RATES, *LEFT)
    table = plain_table("process", *headings, figures=headings)
    for name, figures in processes.items():
        if all(number is None for number in figures.values()):
            table.add_row(name, "[red]away[/red]")
        else:
            table.add_row(name, *(_figure(heading, figures[heading]) for heading in headings))
    return table


def _figure(heading: str, number: float | None) -> str:
    if number is None:
        return "–"
    shown = f"{number:.1f}" if heading in {*RATES, "waits"} else str(int(number))
    return f"[red]{shown}[/red]" if heading == "blocked" and number else shown


def _jurisdictions(places: Mapping[str, Mapping[str, Any]]) -> Table:
    table = plain_table("place", *WAITING, figures=tuple(WAITING))
    for name, figures in places.items():
        table.add_row(name, *(str(figures[heading]) for heading in WAITING))
    return table
