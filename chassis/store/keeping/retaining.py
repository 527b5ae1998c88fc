"""The job of the owner of a database: what was erased leaves the archive and the record of access, and what is older
than it is to be kept is removed. A service's role may do neither.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chassis.database_access import DatabaseAccess
from chassis.ids import partition_of
from chassis.store.connection import Connection, connect
from chassis.store.keeping import statement
from chassis.store.keeping.persons import pattern_of
from chassis.store.migrate import month_of
from schemas.topic import PARTITIONS
from schemas.topics import published_by

LOCK = 4472
"""Of the advisory lock by which one such job at a time works on a database."""
STATEMENT_SECONDS = 3_600
"""So long a month may take to be looked through."""
LEARNT_LATELY = timedelta(days=90)
"""A case of which something was learnt so lately may go on, whatever its clock says."""


class NotTheOwner(Exception):
    """This role does not own the archive: it may neither drop a month nor take an event out of it."""


class Kept(NamedTuple):
    """For how long each is kept; None: for ever."""

    archive: timedelta | None = None
    parked: timedelta | None = None
    audit: timedelta | None = None


class Removed(NamedTuple):
    """What a run has done. `months`: those of the archive that are gone; `why_not`: of the first that is old enough and
    stays, and the reason. `unfinished`: erasures of which events have yet to reach the bus.
    """

    erasures: int = 0
    unfinished: int = 0
    months: tuple[str, ...] = ()
    why_not: str = ""
    parked: int = 0
    discarded: int = 0
    audit: int = 0


async def retain(
    database: DatabaseAccess | str, service: str, kept: Kept, now: datetime, real_now: datetime
) -> Removed:
    """Finishes erasures, and removes what has been kept for its time. One at a time for each database.

    `now`: by the clock of the stack, by which events are recorded and records parked; who has asked what is recorded by
    the real one. Raises what the store raises, and NotTheOwner.
    """
    connection = await connect(database, STATEMENT_SECONDS, application_name="afterward retaining", jit="off")
    try:
        if not await connection.fetchval(statement("is_owner")):
            raise NotTheOwner
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        finished, unfinished = await _finish_erasures(connection, service)
        held: Sequence[str] = await connection.fetchval(statement("held_keys"))
        months, why_not = await _drop_months(connection, service, kept.archive, now, held)
        parked, discarded = await _remove_parked(connection, kept.parked, now, real_now, held)
        audit = await _remove_access(connection, kept.audit, real_now, held)
        done = Removed(finished, unfinished, tuple(months), why_not, parked, discarded, audit)
        await _note(connection, done)
        return done
    finally:
        await connection.close()


async def _finish_erasures(connection: Connection, service: str) -> tuple[int, int]:
    """How many are done now, and how many wait for the bus. What a compacted topic states is about no person."""
    unfinished = await connection.fetch(statement("unfinished"))
    detached = [row["month"] for row in await connection.fetch(statement("detached_months"))]
    finished = 0
    for erasure, keys in unfinished:
        shards = [] if _states_what_stands(service) else sorted({partition_of(key, PARTITIONS) for key in keys})
        for shard in shards:
            await connection.execute(statement("erase_archived"), shard, keys)
        for month in detached if shards else ():
            await connection.execute(f"DELETE FROM {month} WHERE key = ANY ($1)", keys)  # noqa: S608 - a table here
        async with connection.transaction():
            await connection.fetchval(statement("allow_change"))
            await connection.execute(statement("erase_access"), erasure, keys)
        if not await connection.fetchval(statement("still_archived"), shards, keys):
            await connection.execute(statement("finish_erasure"), erasure)
            finished += 1
    return finished, len(unfinished) - finished


async def _drop_months(
    connection: Connection, service: str, age: timedelta | None, now: datetime, held: Sequence[str]
) -> tuple[list[str], str]:
    """The months that are gone, the oldest first; and why the next one stays although it is old enough, if one does."""
    gone: list[str] = []
    if age is None:
        return gone, ""
    for month, name, pending in await connection.fetch(statement("archive_months")):
        if pending:  # somebody detached it, and was interrupted; what becomes of it is theirs to say
            await connection.execute(f"ALTER TABLE archive DETACH PARTITION {month} FINALIZE")
            continue
        if not _is_over(name, age, now):
            break
        if why := await _why_not(connection, service, month, now, held):
            return gone, f"{name}: {why}"
        await connection.execute(f"ALTER TABLE archive DETACH PARTITION {month} CONCURRENTLY")
        await connection.execute(f"DROP TABLE {month}")
        gone.append(name)
    return gone, ""


def _is_over(name: str, age: timedelta, now: datetime) -> bool:
    """Whether the last event of a month is older than it is to be kept; never this month's, which is being written."""
    year, month = map(int, name.removeprefix("archive_").split("_"))
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return end + age <= now and end <= month_of(now)


async def _why_not(connection: Connection, service: str, month: str, now: datetime, held: Sequence[str]) -> str:
    """Why a month must stay; empty: nothing needs it."""
    if _states_what_stands(service):
        return "what stands may be in it, for the topic is compacted: this archive is kept whole"
    for why, condition, given in _needs(now, held):
        asked = f"SELECT EXISTS (SELECT FROM {month} AS month WHERE {condition})"  # noqa: S608 - a table here
        if await connection.fetchval(asked, *given):
            return why
    return ""


def _states_what_stands(service: str) -> bool:
    """Whether it states on a compacted topic: institutions, bulletins."""
    return any(topic.cleanup == "compact" for topic in published_by(service))


def _needs(now: datetime, held: Sequence[str]) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """What would need an event of a month: in words, as a condition, and what is given to that."""
    unsent = "month.id > (SELECT coalesce(again, acknowledged) FROM shard_sent WHERE shard = month.partition)"
    yield "the bus has not acknowledged all of it, or it is being said again", unsent, ()
    open_ = (
        "EXISTS (SELECT FROM state WHERE state.key = month.key "
        "AND (due IS NOT NULL OR blocked OR judged > $1::timestamptz))"
    )
    yield "a case in it is open", open_, (now - LEARNT_LATELY,)
    yield "a hold protects a case in it", "month.key = ANY ($1::text[])", (list(held),)


async def _remove_parked(
    connection: Connection, age: timedelta | None, now: datetime, real_now: datetime, held: Sequence[str]
) -> tuple[int, int]:
    """How many records that nobody can judge, and lines about discarded ones. Those behind which a case waits stay."""
    if age is None:
        return 0, 0
    pattern = pattern_of(held) if held else "$."
    parked = await connection.execute(statement("remove_parked"), now - age, pattern, list(held))
    discarded = await connection.execute(statement("remove_discarded"), real_now - age, list(held))
    return _count(parked), _count(discarded)


async def _remove_access(connection: Connection, age: timedelta | None, now: datetime, held: Sequence[str]) -> int:
    if age is None:
        return 0
    async with connection.transaction():
        await connection.fetchval(statement("allow_change"))
        return _count(await connection.execute(statement("remove_access"), now - age, list(held)))


async def _note(connection: Connection, done: Removed) -> None:
    removed = {
        "archive_months": len(done.months),
        "parked_records": done.parked,
        "discarded_records": done.discarded,
        "audit_entries": done.audit,
    }
    await connection.execute(statement("note_retention"), list(removed), list(removed.values()))


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
