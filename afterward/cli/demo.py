"""demo: the stories from raw reports, each on a stack of its own, compared with the published figures."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from afterward.cli import demo_online
from afterward.cli.bulletin_table import bulletin_sections
from afterward.cli.console import DataDir, Failure, heading, out, plain_table, verb, words
from afterward.cli.event_text import timeline_lines
from afterward.cli.live_view import LiveView
from afterward.cli.questions import standing_bulletin
from afterward.cli.stack import start_detached, take_down
from afterward.context.asking import Asking
from afterward.context.choosing import chosen
from afterward.context.idle import wait_until_idle
from afterward.context.kept import DEFAULT_DATA_DIR
from afterward.context.target import Target, local
from afterward.demo.listener import Listener
from afterward.demo.run import before, child_events, declined_linkage, publish_all
from afterward.demo.verdict import Comparison, compare
from afterward.stack.plan import ClockStart, Plan
from afterward.stack.supervisor import forget
from story import CHILD, SEED, Publication, online, published, reports
from story.publication import SHANGHAI

JURISDICTION = "CN-SH"
MARK = "made-by-demo"
"""The demo begins with an empty data directory, and empties none but its own."""


class Story(StrEnum):
    """The stories that there are: after the ward, Shanghai 2020; online care, December 2022."""

    WARD = "ward"
    ONLINE = "online"
    BOTH = "both"


@verb
async def demo(
    story: Annotated[Story, typer.Option(help="Shanghai, autumn 2020; online care, December 2022")] = Story.BOTH,
    bus: Annotated[str, typer.Option(help="embedded, apache-kafka or HOST:PORT")] = "embedded",
    seed: Annotated[int | None, typer.Option(help="another seed tells of other people, the figures stay")] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="leave the stack of the last story running, to look around; otherwise it is taken down and forgotten",
        ),
    ] = False,
    context: Annotated[
        str | None,
        typer.Option("--context", help="tell a story to this cluster, which is empty and has a clock_file"),
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Runs the stories from raw reports: Shanghai 2020, online care 2022; shows some people; checks the figures."""
    names = [Story.WARD, Story.ONLINE] if story is Story.BOTH else [story]
    if len(names) > 1 and (context is not None or ":" in bus):
        raise Failure("a bus of your own keeps what is on it: run one --story at a time, each on an empty bus")
    if context is None:
        data_dir = data_dir.absolute()
        _claim(data_dir)
    disagreements = 0
    async for name, publications in _written(names, seed):
        out.print(_about(name, publications))
        if context is not None:
            disagreements += await _tell(name, publications, chosen(context, None))
        else:
            stays = keep and name is names[-1]
            disagreements += await _run(name, publications, Plan(data_dir, bus, fresh=True), stays=stays)
    if disagreements:
        raise Failure(f"{disagreements} figures differ from the published ones")


async def _written(names: Sequence[Story], seed: int | None) -> AsyncIterator[tuple[Story, Sequence[Publication]]]:
    """Each story with its reports; those of the next one are written while the stack of one starts."""
    written = _reports(names[0], seed)
    for name, following in zip(names, (*names[1:], None), strict=True):
        writing = asyncio.create_task(asyncio.to_thread(_reports, following, seed)) if following else None
        yield name, written
        if writing is not None:
            written = await writing


def _reports(story: Story, seed: int | None) -> Sequence[Publication]:
    if story is Story.ONLINE:
        return online.reports(online.SEED if seed is None else seed)
    return reports(SEED if seed is None else seed)


def _about(story: Story, publications: Sequence[Publication]) -> str:
    subjects = len({one.key for one in publications})
    return f"{story}: {len(publications)} reports about {subjects} people and things"


async def _tell(story: Story, publications: Sequence[Publication], target: Target) -> int:
    """Tells one story to services that are up and know nothing yet; how many of its figures differ."""
    target.virtual_clock.step_to(before(publications), 0)
    await wait_until_idle(target)
    if story is Story.ONLINE:
        return await demo_online.publish_and_compare(target, publications)
    return await _publish_and_compare(target, publications)


async def _run(story: Story, publications: Sequence[Publication], plan: Plan, *, stays: bool) -> int:
    """Runs one story on a fresh stack; how many of its figures differ. `stays`: the stack is left running."""
    begins = before(publications)
    out.print("starting the stack …")
    await start_detached(replace(plan, clock=ClockStart(begins, 0.0, f"{begins.isoformat()}@step")))
    (plan.data_dir / MARK).touch()
    try:
        return await _tell(story, publications, local(plan.data_dir))
    finally:
        if not stays:
            await take_down(plan.data_dir)
            forget(plan.data_dir)


def _claim(data_dir: Path) -> None:
    if data_dir.exists() and any(data_dir.iterdir()) and not (data_dir / MARK).exists():
        raise Failure(f"{data_dir} is not empty, and not of a demo: try `afterward demo --data-dir .afterward-demo`")


async def _publish_and_compare(target: Target, publications: Sequence[Publication]) -> int:
    out.print(f"bus: {target.bus_name}; services: {', '.join(target.services)}, processes of their own")
    async with Listener(target.bus, CHILD) as listener:
        with LiveView() as view:
            count = await publish_all(target, publications, listener, view.after_day)
        out.print(f"{count} reports became {sum(listener.counts.values())} events")
        out.print(heading(f"The child {CHILD}, from arrival to the end of the fourteenth day, in Shanghai's time"))
        for line in timeline_lines(child_events(listener), SHANGHAI):
            out.print(line, markup=False)
        if linkage := declined_linkage(listener):
            out.print(heading(f"A patient who needs regular care, {linkage[0][2]['case_id']}: one declines"))
            for line in timeline_lines(linkage, SHANGHAI):
                out.print(line, markup=False)
    async with Asking(target.again()) as asking:
        standing = {day: await standing_bulletin(asking, JURISDICTION, day) for day in published()}
    for found in standing.values():
        if found is not None:
            for section in bulletin_sections(found):
                out.print(section)
    return _verdict(standing)


def _verdict(standing: Mapping[date, Mapping[str, Any] | None]) -> int:
    comparisons = list(compare(standing))
    out.print()
    out.print(_comparison_table(comparisons))
    wrong = sum(not comparison.agrees for comparison in comparisons)
    out.print(f"{len(comparisons) - wrong} of {len(comparisons)} figures agree with the published ones")
    return wrong


def _comparison_table(comparisons: list[Comparison]) -> Table:
    counts = ("published", "from the events")
    table = plain_table("day", "figure", *counts, "", figures=counts)
    for one in comparisons:
        mark = "" if one.agrees else "[red]differs[/red]"
        table.add_row(str(one.day), words(one.figure), str(one.published), str(one.found), mark)
    return table
