"""What operators do to a service: they put parked records back in, or take them out, and have events said again."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chassis.questions.problem import Problem
from chassis.store.connection import Connection
from chassis.store.connection import sql as sql_of_store

PACKAGE = "chassis.questions.sql"
REPUBLISH_SECONDS: Final = 600
"""So long it may take to find everything that was ever stated."""
CASE = "case"


def sql(name: str) -> str:
    """A statement of questions."""
    return sql_of_store(name, PACKAGE)


async def parked(connection: Connection, *, discarded: bool, after: int, limit: int) -> list[dict[str, Any]]:
    """What is parked, or was taken out for good, after an entry."""
    name = "list_discarded" if discarded else "list_parked"
    return [dict(row) for row in await connection.fetch(sql(name), after, limit)]


async def show(connection: Connection, id_: int) -> dict[str, Any]:
    """One parked record with its bytes as text; what is no UTF-8 in them as `\\xNN`. Raises Problem."""
    row = await connection.fetchrow(sql("show_parked"), id_)
    if row is None:
        raise Problem("not_known", f"nothing is parked under {id_}")
    headers = [[name, _text(_bytes(value))] for name, value in json.loads(row["headers"] or "[]")]
    return {**row, "headers": headers, "record_key": _text(row["record_key"]), "value": _text(row["value"])}


def _bytes(written: str | None) -> bytes | None:
    """Of a header, which is kept as hexadecimal digits: it may hold anything, or nothing at all."""
    return None if written is None else bytes.fromhex(written)


def _text(given: bytes | None) -> str | None:
    return None if given is None else given.decode(errors="backslashreplace")


async def replay(connection: Connection, ids: Sequence[int] | None) -> tuple[int, list[str]]:
    """Asks for parked records to be judged again, None: all; how many, and of which cases.

    Those of a case go back in together. Raises Problem where none of them does.
    """
    rows = await connection.fetch(sql("ask_replay"), ids is None, list(ids or ()))
    if not rows and ids is not None:
        raise await _none_replayed(connection, ids)
    return len(rows), cases_of(rows)


async def _none_replayed(connection: Connection, ids: Sequence[int]) -> Problem:
    known = await connection.fetch(sql("which_parked"), list(ids))
    if any(row["cut"] for row in known):
        why = "only the first 64 kB of them were kept: their publisher has to send them again"
        return Problem("conflict", why)
    return Problem("not_known", "none of these is parked")


async def discard(connection: Connection, id_: int, by: str, why: str) -> dict[str, Any]:
    """Takes a parked record out for good, under the lock of its case, so that nothing is parked behind it unseen.

    Within one transaction. Raises Problem where nothing of this number is parked, or it is on its way back in.
    """
    row = await connection.fetchrow(sql("parked_case"), id_)
    if row is None:
        raise Problem("not_known", f"nothing is parked under {id_}")
    freed = ([row["kind"]], [row["key"]])
    if row["key"] is not None:
        await connection.fetch(sql_of_store("lock_rows"), *freed)
    if await connection.execute(sql("discard"), id_, by, why) != "INSERT 0 1":
        raise Problem("conflict", f"{id_} is on its way back in: list what is parked to see what becomes of it")
    if row["key"] is None:
        return {"key": None, "replayed": 0, "still_parked": 0}
    replayed = await connection.execute(sql_of_store("replay_waiting"), *freed)
    await connection.execute(sql_of_store("unblock"), *freed)
    still = await connection.fetchval(sql("still_blocked"), row["kind"], row["key"])
    return {"key": row["key"], "replayed": _count(replayed), "still_parked": still}


async def republish(connection: Connection, since: datetime | None) -> int:
    """Has all archived events said again, or those recorded from `since` on; how many."""
    await connection.execute(sql("lengthen"), f"{REPUBLISH_SECONDS}s")
    return int(await connection.fetchval(sql_of_store("republish"), since, timeout=REPUBLISH_SECONDS))


def cases_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The cases behind which parked records stand."""
    return [row["key"] for row in rows if row["kind"] == CASE and row["key"] is not None]


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
