"""parked discard: a record that nobody can judge is taken out for good, so that its case goes on without it."""

import getpass
from typing import Annotated, Any

import typer

from afterward.cli.console import DEFAULT_DATA_DIR, DataDir, Failure, Json, out, print_json, verb
from afterward.cli.operations import Service, known_service
from afterward.stack.running import Running
from chassis.store.connection import Connection, connect, sql

LONGEST_REASON = 500


@verb
async def parked_discard(
    service: Service,
    id_: Annotated[int, typer.Argument(metavar="ID", help="its number in `parked list`")],
    why: Annotated[str, typer.Option("--why", help="the reason, for those who come after; nothing about the patient")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    json_: Json = False,
) -> None:
    """Takes a parked record out for good: it will not be judged. Its case is free once nothing else is parked of it."""
    if not why.strip() or len(why) > LONGEST_REASON or not why.isprintable():
        raise Failure(f"--why takes a line of 1 to {LONGEST_REASON} characters")
    running = Running.load(data_dir.absolute())
    dsn = running.services[known_service(running, service)].dsn
    connection = await connect(dsn, statement_timeout_seconds=60)
    try:
        async with connection.transaction():
            found = await discard(connection, service, id_, why.strip())
    finally:
        await connection.close()
    if json_:
        print_json({"service": service, "id": id_, **found})
    else:
        out.print(_in_words(service, id_, found), markup=False)


async def discard(connection: Connection, service: str, id_: int, why: str) -> dict[str, Any]:
    """Under the lock of the case, so that nothing is parked behind it unseen meanwhile."""
    row = await connection.fetchrow(_sql("parked_case"), id_)
    if row is None:
        raise Failure(f"{service} has parked nothing under {id_}")
    case = ([row["kind"]], [row["key"]])
    if row["key"] is not None:
        await connection.fetch(sql("lock_rows"), *case)
    if await connection.execute(_sql("discard"), id_, getpass.getuser(), why) != "INSERT 0 1":
        raise Failure(f"{id_} is on its way back in; see what becomes of it with `afterward parked list`")
    if row["key"] is None:
        return {"key": None, "replayed": 0, "still_parked": 0}
    replayed = await connection.execute(sql("replay_waiting"), *case)
    await connection.execute(sql("unblock"), *case)
    still = await connection.fetchval(_sql("still_blocked"), row["kind"], row["key"])
    return {"key": row["key"], "replayed": int(replayed.rpartition(" ")[2]), "still_parked": still}


def _in_words(service: str, id_: int, found: dict[str, Any]) -> str:
    done = f"{id_} is discarded by {service}"
    if found["still_parked"]:
        return f"{done}; case {found['key']} still waits behind {found['still_parked']} more"
    if found["replayed"]:
        return f"{done}; {found['replayed']} that waited behind it go back in; `afterward wait`"
    return f"{done}; case {found['key']} goes on" if found["key"] else done


def _sql(name: str) -> str:
    return sql(name, "afterward.cli.sql")
