"""forget, hold, release, holds: a person is erased from every service, or protected from that."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from afterward.cli.console import Context, Failure, Json, StackDir, counted, out, plain_table, print_json, verb
from afterward.cli.discarding import LONGEST_REASON
from afterward.cli.operations import minute
from afterward.context.asking import Asking
from afterward.context.choosing import chosen

SECONDS: Final = 600.0
"""So long a service may take to look through all that it knows."""
KNOWING: Final = ("consultation", "intake")
"""Who knows which things are whose is asked last: as long as another has not answered, all can be done again."""
Things = Mapping[str, list[str]]
PersonRef = Annotated[
    str, typer.Argument(metavar="PERSON_REF", help="the pseudonym under which reports name the person")
]
Why = Annotated[str, typer.Option("--why", help="the reason, for those who come after; nothing about the person")]


@verb
async def forget(
    person_ref: PersonRef,
    why: Annotated[str | None, typer.Option("--why", help="the reason; nothing about the person")] = None,
    look: Annotated[bool, typer.Option("--look", help="only say what would be erased")] = False,
    even_open: Annotated[bool, typer.Option("--even-open", help="although something of theirs is not over")] = False,
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Erases a person from every service, for good. `afterward retain` then goes through archives and audit."""
    reason = None if look else _line(why)
    async with Asking(chosen(context, data_dir), SECONDS) as asking:
        found = await _found(asking, person_ref)
        things = _together(found)
        if look or not any(one["known"] for one in found):
            _show_found(found, json_)
            return
        _ensure_free(found, even_open=even_open)
        body = {"person_ref": person_ref, "things": things, "why": reason, "even_open": even_open}
        services = sorted(asking.target.services, key=lambda name: (name in KNOWING, name))
        done = [await asking.post(service, "/v1/persons/forget", body) for service in services]
    if json_:
        for one in done:
            print_json(one)
        return
    table = plain_table("service", "erasure", "things", "parked", figures=("erasure", "things", "parked"))
    for one in done:
        table.add_row(one["service"], *(str(one[name]) for name in ("erasure", "things", "parked")))
    out.print(table)
    out.print("\narchives and audit follow with `afterward retain`; what lies on the bus stays there for its time")


@verb
async def hold(
    person_ref: PersonRef, why: Why, context: Context = None, data_dir: StackDir = None, json_: Json = False
) -> None:
    """Protects a person from erasure and retention in every service, until `afterward release`."""
    reason = _line(why)
    async with Asking(chosen(context, data_dir), SECONDS) as asking:
        things = _together(await _found(asking, person_ref))
        body = {"person_ref": person_ref, "things": things, "why": reason}
        held = await asyncio.gather(*(asking.post(name, "/v1/persons/hold", body) for name in asking.target.services))
    number = sum(map(len, things.values()))
    if json_:
        for one in held:
            print_json(one)
    else:
        out.print(f"held by {counted(len(held), 'service')}: the person, and {counted(number, 'thing')} of theirs")


@verb
async def release(
    person_ref: PersonRef, context: Context = None, data_dir: StackDir = None, json_: Json = False
) -> None:
    """Ends a hold in every service."""
    async with Asking(chosen(context, data_dir)) as asking:
        asked = (
            asking.post(name, "/v1/persons/release", {"person_ref": person_ref}) for name in asking.target.services
        )
        released = [one for one in await asyncio.gather(*asked) if one is not None]
    if not released:
        raise Failure("no service holds this person")
    if json_:
        for one in released:
            print_json(one)
    else:
        out.print(f"released by {counted(len(released), 'service')}")


@verb
async def holds(context: Context = None, data_dir: StackDir = None, json_: Json = False) -> None:
    """Every hold that stands: whom it protects, since when, and why."""
    async with Asking(chosen(context, data_dir)) as asking:
        answers = await asyncio.gather(*(asking.get(name, "/v1/persons/held") for name in asking.target.services))
    rows = [{"service": answer["service"], **row} for answer in answers if answer for row in answer["holds"]]
    if json_:
        for row in rows:
            print_json(row)
        return
    people: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        people.setdefault(row["person_ref"], []).append(row)
    if not people:
        out.print("nobody is held")
        return
    table = plain_table("person", "since, UTC", "by", "why", "services", figures=("services",))
    for ref, of_one in people.items():
        first = min(of_one, key=lambda row: row["since"])
        cells = (ref, minute(first["since"]), first["held_by"], first["why"])
        table.add_row(*map(escape, cells), str(len(of_one)))
    out.print(table)


async def _found(asking: Asking, person_ref: str) -> list[dict[str, Any]]:
    """What every service says of a person: asked once for ids, and again with the ids of all, which only some know."""
    things: Things = {}
    found: list[dict[str, Any]] = []
    for _ in range(2):
        body = {"person_ref": person_ref, "things": things}
        asked = (asking.post(service, "/v1/persons/find", body) for service in asking.target.services)
        found = await asyncio.gather(*asked)
        things = _together(found)
    return found


def _together(found: Iterable[Mapping[str, Any]]) -> Things:
    things: dict[str, set[str]] = {}
    for one in found:
        for ids, known in one["things"].items():
            things.setdefault(ids, set()).update(known)
    return {ids: sorted(known) for ids, known in things.items()}


def _ensure_free(found: Iterable[Mapping[str, Any]], *, even_open: bool) -> None:
    """Before anything is erased anywhere. Raises Failure."""
    if held := [one["service"] for one in found if one["held"]]:
        raise Failure(f"held by {', '.join(held)}: nothing was erased; `afterward holds` says why")
    open_ = [f"{one['service']} ({one['open']})" for one in found if one["open"]]
    if open_ and not even_open:
        raise Failure(f"not over in {', '.join(open_)}: nothing was erased. --even-open erases them all the same")


def _show_found(found: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        for one in found:
            print_json(one)
        return
    things = _together(found)
    ids = [f"{ids} {id_}" for ids, known in things.items() for id_ in known]
    out.print("\n".join(ids) or "no service knows anything of this person", markup=False)
    if ids:
        table = plain_table("service", "things", "not over", "held", figures=("things", "not over"))
        for one in found:
            table.add_row(one["service"], str(one["known"]), str(one["open"]), "yes" if one["held"] else "")
        out.print(table)


def _line(why: str | None) -> str:
    """Raises Failure."""
    if why is None or not why.strip() or len(why) > LONGEST_REASON or not why.isprintable():
        raise Failure(f"--why takes a line of 1 to {LONGEST_REASON} characters; or --look, to see what would be erased")
    return why.strip()
