"""demo, the second story: online care of December 2022, a child at three in the morning, one routing, the figures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.table import Table

from afterward.cli.console import heading, out, plain_table
from afterward.cli.event_text import timeline_lines
from afterward.cli.live_view import LiveView
from afterward.cli.online import explained, routing
from afterward.context.asking import Asking
from afterward.context.target import Target
from afterward.demo.channels import Check, checks
from afterward.demo.listener import Listener
from afterward.demo.online import publish_online
from afterward.demo.run import in_time
from schemas.envelope import Envelope, read
from story.online import CHILD, CHILDS_PRESCRIPTION, KNOWN, LISTED_ONLY, Publication, published
from story.publication import SHANGHAI

EVERY_DAYS = 4
ASKED_FOR = ("jurisdiction", "age", "symptoms", "groups", "red_flags", "district", "channel_id")
"""The fields of a request by which it is routed (C2, C3)."""


async def publish_and_compare(target: Target, publications: Sequence[Publication]) -> int:
    """Runs the story on services that are up, prints what came of it; how many figures differ."""
    out.print(f"bus: {target.bus_name}; services: {', '.join(target.services)}, processes of their own")
    async with Listener(target.bus, *KNOWN) as listener:
        with LiveView(EVERY_DAYS) as view:
            count = await publish_online(target, publications, listener, view.after_day)
        out.print(f"{count} reports became {sum(listener.counts.values())} events")
        _timeline("A child with fever, from the request to the medicine", listener, {CHILD, CHILDS_PRESCRIPTION})
        _timeline("Somebody in Beijing, with listed symptoms only", listener, {LISTED_ONLY})
        for line in await _routing(target, publications):
            out.print(line, markup=False)
        return _verdict(list(checks(listener.consultations, listener.heard)))


def _timeline(title: str, listener: Listener, subjects: set[str]) -> None:
    out.print(heading(f"{title}, in Shanghai's time"))
    for line in timeline_lines(in_time(_about(listener.heard, subjects)), SHANGHAI):
        out.print(line, markup=False)


def _about(events: Iterable[Envelope], subjects: set[str]) -> list[Envelope]:
    return [event for event in events if event.subject in subjects]


async def _routing(target: Target, publications: Sequence[Publication]) -> list[str]:
    """Why the request from Beijing went where it went, as consultation answers whoever asks."""
    asked = _request(publications, LISTED_ONLY)
    async with Asking(target.again()) as asking:
        return explained(await routing(asking, asked))


def _request(publications: Iterable[Publication], key: str) -> Mapping[str, Any]:
    """What the request of this key asks for; its first report is the request."""
    data = read(next(publication.value for publication in publications if publication.key == key)).data
    empty: dict[str, list[str]] = {"groups": [], "red_flags": [], "symptoms": []}
    return {name: data.get(name, empty.get(name)) for name in ASKED_FOR}


def _verdict(found: Sequence[Check]) -> int:
    out.print()
    out.print(_table(found))
    wrong = sum(not check.agrees for check in found)
    out.print(f"{len(found) - wrong} of {len(found)} agree with what was published")
    return wrong


def _table(found: Iterable[Check]) -> Table:
    table = plain_table(f"by {max(figure.day for figure in published())}", "published", "from the events", "")
    for check in found:
        table.add_row(check.what, check.published, check.found, "" if check.agrees else "[red]differs[/red]")
    return table
