"""parked discard: a record that nobody can judge is taken out for good, so that its case goes on without it."""

from typing import Annotated, Any

import typer

from afterward.cli.console import Context, Failure, Json, StackDir, out, print_json, verb
from afterward.cli.operations import Service
from afterward.context.asking import Asking
from afterward.context.choosing import chosen

LONGEST_REASON = 500


@verb
async def parked_discard(
    service: Service,
    id_: Annotated[int, typer.Argument(metavar="ID", help="its number in `parked list`")],
    why: Annotated[str, typer.Option("--why", help="the reason, for those who come after; nothing about the patient")],
    context: Context = None,
    data_dir: StackDir = None,
    json_: Json = False,
) -> None:
    """Takes a parked record out for good: it will not be judged. Its case is free once nothing else is parked of it."""
    if not why.strip() or len(why) > LONGEST_REASON or not why.isprintable():
        raise Failure(f"--why takes a line of 1 to {LONGEST_REASON} characters")
    async with Asking(chosen(context, data_dir)) as asking:
        done = await asking.post(service, f"/v1/parked/{id_}/discard", {"why": why.strip()})
    if done is None:
        raise Failure(f"{service} has parked nothing under {id_}")
    found = {name: done[name] for name in ("key", "replayed", "still_parked")}
    if json_:
        print_json({"service": service, "id": id_, **found})
    else:
        out.print(_in_words(service, id_, found), markup=False)


def _in_words(service: str, id_: int, found: dict[str, Any]) -> str:
    done = f"{id_} is discarded by {service}"
    if found["still_parked"]:
        return f"{done}; case {found['key']} still waits behind {found['still_parked']} more"
    if found["replayed"]:
        return f"{done}; {found['replayed']} that waited behind it go back in; `afterward wait`"
    return f"{done}; case {found['key']} goes on" if found["key"] else done
