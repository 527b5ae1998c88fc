"""worklist: what somebody has to do, in the order in which it is due, a page at a time."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import typer
from rich.markup import escape
from rich.table import Table

from afterward.cli import worklist_online, worklist_text
from afterward.cli.console import (
    Context,
    Failure,
    Json,
    StackDir,
    instant_of,
    out,
    plain_table,
    print_json,
    verb,
)
from afterward.context.asking import Asking
from afterward.context.choosing import chosen
from afterward.context.target import Target

LONGEST_PAGE = 1_000
UNKNOWN = "unknown"
"""What services call a place that nobody knows."""


class WorkList(StrEnum):
    """The lists there are."""

    CALLS = "calls"
    VISITS = "visits"
    LINKAGES = "linkages"
    ALERTS = "alerts"
    TRANSFERS = "transfers"
    UNPLACED = "unplaced"
    DUPLICATES = "duplicates"
    NOT_UNDERSTOOD = "not-understood"
    CONSULTATIONS = "consultations"
    PRESCRIPTIONS = "prescriptions"
    DELIVERIES = "deliveries"
    ROSTERS = "rosters"


ASKED_OF: Mapping[WorkList, tuple[str, ...]] = {
    WorkList.CALLS: ("followup",),
    WorkList.VISITS: ("followup",),
    WorkList.LINKAGES: ("primarycare",),
    WorkList.ALERTS: ("primarycare",),
    WorkList.TRANSFERS: ("intake",),
    WorkList.UNPLACED: ("intake", "primarycare"),
    WorkList.DUPLICATES: ("intake",),
    WorkList.NOT_UNDERSTOOD: ("treatment", "followup"),
    WorkList.CONSULTATIONS: ("consultation",),
    WorkList.PRESCRIPTIONS: ("consultation",),
    WorkList.DELIVERIES: ("consultation",),
    WorkList.ROSTERS: ("consultation",),
}
"""The services that know a list."""


class Place(NamedTuple):
    """Where a page ended: the instant and the key of its last entry."""

    due: datetime
    key: str


class Entry(NamedTuple):
    """What is due, for whom: `item` has the fields that its service gives it. `district`: "" where nobody knows it."""

    key: str
    district: str
    due: datetime
    item: Mapping[str, Any]

    @property
    def place(self) -> Place:
        """Where it stands in its list."""
        return Place(self.due, self.key)


class Listed(NamedTuple):
    """Entries in the order in which they are due, whether there are more, and what time it is where they are due."""

    entries: list[Entry]
    more: bool
    now: datetime


@verb
async def worklist(  # noqa: PLR0913 - what is asked for has that many sides
    *,
    of: Annotated[
        WorkList,
        typer.Argument(
            metavar="LIST",
            help="calls, visits, linkages, alerts, transfers, unplaced, duplicates, not-understood, consultations, "
            "prescriptions, deliveries or rosters",
        ),
    ],
    jurisdiction: Annotated[str, typer.Option(help="ISO 3166-2, such as CN-SH; unknown: cases at no known place")],
    district: Annotated[str | None, typer.Option(help="only those of this district, however it is written")] = None,
    due_before: Annotated[str | None, typer.Option(help="only what is due before this instant")] = None,
    after: Annotated[str | None, typer.Option(help="go on after this cursor, with which a page ended")] = None,
    limit: Annotated[int, typer.Option(min=1, max=LONGEST_PAGE, help="how many at most")] = 50,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """What is due or has to be looked into, how late it is, why, and the next step."""
    asked = {
        "jurisdiction": jurisdiction,
        "district": district,
        "due_before": instant_of("--due-before", due_before).isoformat() if due_before else None,
        "after": cursor(_place(after)) if after else None,
        "limit": limit,
    }
    listed = await read(chosen(context, data_dir), of, asked)
    shown = page_of(listed.entries, limit)
    if json_:
        for entry in shown:
            print_json(as_json(entry, listed.now))
        return
    _show(of, district or jurisdiction, shown, listed.now)
    if listed.more or len(listed.entries) > len(shown):
        out.print(f"\nmore: --after {cursor(shown[-1].place)}", markup=False)


def _show(of: WorkList, where: str, shown: list[Entry], now: datetime) -> None:
    if not shown:
        out.print(f"nothing is due in {where}", markup=False)
        return
    zones = sorted({entry.item["time_zone"] for entry in shown})
    out.print(f"{of} in {where}, times in {' or '.join(zones)}", markup=False)
    out.print(table(shown, now, with_zone=len(zones) > 1))


async def read(target: Target, of: WorkList, asked: Mapping[str, str | int | None]) -> Listed:
    """A page of a list from each service that knows it, as one. Raises NotThere, Unanswered, Refused."""
    async with Asking(target) as asking:
        pages = await asyncio.gather(*(asking.get(name, f"/v1/worklists/{of}", asked) for name in ASKED_OF[of]))
    if None in pages:
        raise Failure(f"{ASKED_OF[of][pages.index(None)]} has no list {of}: it runs another version of the code")
    entries = [_entry(entry) for page in pages for entry in page["entries"]]
    now = max(datetime.fromisoformat(page["now"]) for page in pages)
    return Listed(sorted(entries, key=lambda entry: entry.place), any(page["next"] for page in pages), now)


def _entry(given: Mapping[str, Any]) -> Entry:
    return Entry(given["key"], given["district"], datetime.fromisoformat(given["due"]), given["item"])


def page_of(entries: list[Entry], limit: int) -> list[Entry]:
    """The first `limit` entries, and those of two services at the same place: the next page begins after that."""
    last = limit
    while 0 < last < len(entries) and entries[last].place == entries[last - 1].place:
        last += 1
    return entries[:last]


def as_json(entry: Entry, now: datetime) -> dict[str, Any]:
    """An entry for programs. `late_seconds`: below 0 while there is time. `cursor`: the next page begins after it."""
    item = entry.item
    return {
        **({"about": entry.key, "case_id": item.get("case_id")} if of_online_care(entry) else {"case_id": entry.key}),
        "district": entry.district,
        "due": entry.due,
        "late_seconds": late_seconds(entry, now),
        "what": worklist_text.what(item),
        "why": worklist_text.why(item),
        "next_step": worklist_text.next_step(item),
        "cursor": cursor(entry.place),
        "item": item,
    }


def of_online_care(entry: Entry) -> bool:
    """Whether it is about a consultation, a prescription or a channel, and no case."""
    return entry.item["kind"] in worklist_online.WHAT


def table(entries: list[Entry], now: datetime, *, with_zone: bool = False) -> Table:
    """Entries for people, each instant by the clocks of where the patient lives: `with_zone`, where they differ."""
    about = "about" if entries and of_online_care(entries[0]) else "case"
    columns = plain_table("due", about, "what, why, and the next step")
    for column in columns.columns:
        column.overflow = "fold"
    for entry in entries:
        item, name = entry.item, worklist_text.name_of(entry.item)
        place = entry.district if entry.district not in {"", UNKNOWN} else "district unknown"
        due = f"{worklist_text.local(item, entry.due)}\n{worklist_text.late(late_seconds(entry, now))}" + (
            f"\n{item['time_zone']}" if with_zone else ""
        )
        lines = (
            worklist_text.what(item),
            worklist_text.why(item),
            worklist_text.next_step(item),
            *([f"id {name}"] if name else []),
        )
        columns.add_row(due, f"{escape(entry.key)}\n{escape(place)}", escape("\n".join(lines)))
    return columns


def late_seconds(entry: Entry, now: datetime) -> int:
    """How long ago it was due, by the stack's clock."""
    return int((now - entry.due).total_seconds())


def cursor(place: Place) -> str:
    """A place, as `--after` takes it."""
    return f"{place.due.astimezone(UTC).isoformat()}/{place.key}"


def _place(text: str) -> Place:
    due, _, key = text.partition("/")
    if not key:
        raise Failure("--after takes a cursor as a page gave it, such as 2020-10-24T00:00:00+00:00/case-17")
    return Place(instant_of("--after", due), key)
