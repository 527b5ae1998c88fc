"""validate and rejections: what is wrong with reports, before they are sent and after."""

from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.markup import escape

from afterward.cli.console import Context, Json, StackDir, err, instant_of, out, plain_table, print_json, verb
from afterward.cli.messages import nonempty_lines, partitions_of, records, refuse_missing, say_refused
from afterward.cli.reaching import reaching
from afterward.cluster.reading import unreadable
from afterward.context.choosing import chosen
from afterward.rejections import Refused, refused
from afterward.reports import Refusal, check
from chassis.bus_access import BusAccess
from chassis.clock import real_now
from chassis.ids import partition_of
from schemas.envelope import Envelope, Unreadable, read
from schemas.topic import PARTITIONS, VERSION
from schemas.topics import TOPICS


@verb
async def validate(
    files: Annotated[list[str], typer.Argument(help="JSON Lines, an envelope a line; - is standard input")],
    json_: Json = False,
) -> None:
    """Says what is wrong with reports before anybody sends them, as the services would; nothing need be running."""
    refuse_missing(files)
    counts: Counter[bool] = Counter()
    for place, line in nonempty_lines(files):
        checked = check(line, received_at=real_now())
        counts[isinstance(checked, Refusal)] += 1
        if isinstance(checked, Refusal):
            say_refused(place, checked, json_)
    valid, invalid = counts[False], counts[True]
    print_json({"valid": valid, "invalid": invalid}) if json_ else out.print(f"{valid} valid, {invalid} not")
    if invalid:
        raise typer.Exit(1)


@verb
async def rejections(
    source: Annotated[str | None, typer.Option("--source", help="only reports of this publisher")] = None,
    since: Annotated[str | None, typer.Option("--since", help="only answers from this instant on")] = None,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Reports that were refused: why, what to do, and whether a later report has corrected them or they are open."""
    from_ = None if since is None else instant_of("--since", since)
    bus = chosen(context, data_dir).bus
    async with reaching(bus):
        found, unread = await _refused(bus)
    found = [one for one in found if source in (None, one.source)]
    if unread:
        err.print(f"not read, since this user may not: {', '.join(unread)}", markup=False)
    _show([one for one in found if from_ is None or one.at >= from_], json_)


async def refused_of(bus: BusAccess, case_id: str) -> tuple[list[Refused], list[str]]:
    """The reports about one case that were refused, and the topics of answers that this user may not read.

    Only its partition of each topic is read.
    """
    found, unread = await _refused(bus, partition_of(case_id, PARTITIONS))
    return [one for one in found if one.case == case_id], unread


async def _refused(bus: BusAccess, partition: int | None = None) -> tuple[list[Refused], list[str]]:
    answers = [topic.name for topic in TOPICS if topic.name.endswith(f".rejections.v{VERSION}")]
    reports = [topic.name for topic in TOPICS if topic.direction == "in"]
    unread = await unreadable(bus, [*answers, *reports])
    answered = await _envelopes(bus, [name for name in answers if name not in unread], partition)
    readable = [name for name in reports if name not in unread] if answered else []
    found = refused(answered, await _envelopes(bus, readable, partition), unread)
    return found, [name for name in unread if name in answers]


async def _envelopes(bus: BusAccess, topics: list[str], partition: int | None) -> list[Envelope]:
    """What lies on topics, or on one partition of each, and can be read, in the order of their times on the bus."""
    if not topics:
        return []
    stamped = []
    places = [place for place in partitions_of(topics) if partition in (None, place.partition)]
    async for record in records(bus, places, from_start=True, follow=False):
        try:
            stamped.append((record.timestamp, record.offset, read(record.value, record.headers)))
        except Unreadable:
            continue
    return [envelope for _, _, envelope in sorted(stamped, key=lambda one: one[:2])]


def _show(found: list[Refused], as_json: bool) -> None:
    if as_json:
        for one in found:
            print_json(row_of(one))
        return
    if not found:
        out.print("nothing was refused")
        return
    table = plain_table("answered, UTC", "case", "report", "what is wrong", "state")
    for one in found:
        what = f"{one.field or 'data'}: {one.code}\n{one.reason}"
        cells = (f"{one.at:%Y-%m-%d %H:%M}", one.case, f"{one.report_type}\n{one.source}", what, one.state)
        table.add_row(*map(escape, cells))
    out.print(table)
    open_ = sum(one.corrected_by is None and one.is_known for one in found)
    err.print(f"{len(found)} refused, {open_} open") if out.is_terminal else None


def row_of(one: Refused) -> dict[str, Any]:
    """As `--json` shows it."""
    row = {name: value for name, value in asdict(one).items() if name != "is_known"}
    state = "corrected" if one.corrected_by else "open" if one.is_known else "unknown"
    return {**row, "at": one.at.isoformat(), "state": state}
