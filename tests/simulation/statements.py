"""What each statement of the services means, carried out on rows in memory: one function for each, under its own name.

A statement is known by its text. A change of a file in `chassis/store/sql` needs one of the function of that name here;
`test_statements` holds those of the chassis to PostgreSQL, `test_tables` those of the services.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from functools import cache
from importlib import import_module
from inspect import getmembers, iscoroutinefunction
from typing import TYPE_CHECKING, Any

from chassis.decide.aggregate import AnyReadModel
from chassis.store import read_models
from chassis.store.connection import sql
from chassis.store.waking import find_and_wake
from schemas.services import SERVICES
from tests.simulation.answers import Found, found
from tests.simulation.epochs import (  # noqa: F401 — statements by their names
    begin_epoch,
    collect_lost,
    find_lost,
    forget_undated,
    is_unsettled,
    name_store,
    pass_group,
    read_epoch,
    read_lost,
    read_offsets,
    read_versions,
    settle,
)
from tests.simulation.of_services import of_services
from tests.simulation.parking import (  # noqa: F401 — statements by their names
    find_replays,
    find_unknown,
    heavy_parked,
    park,
    replay_known,
    replay_waiting,
    unblock,
    unpark,
)
from tests.simulation.places import begin_reading, note_read, read_anew, store_identity  # noqa: F401 — the same
from tests.simulation.shards import (  # noqa: F401 — statements by their names
    acknowledge,
    append_events,
    newest_event,
    oldest_unsent,
    outbox,
    read_shards,
    read_unsent,
    republish,
)
from tests.simulation.waking import add_wakes, take_wakes, wake_concerned  # noqa: F401 — the same

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

Statement = Callable[..., Awaitable[Any]]
Rows = list[Found]
Keys = Sequence[str]


class UnknownStatement(Exception):
    """The simulated store has never heard of it: give it a function in this module."""


async def add_rows(transaction: "Transaction", aggregates: Keys, keys: Keys, partitions: Sequence[int]) -> None:
    for aggregate, key, partition in sorted(zip(aggregates, keys, partitions, strict=True)):
        if transaction.get("state", (aggregate, key)) is None:
            await transaction.lock(("state", aggregate, key))  # two who make the same row: one waits for the other
            if transaction.get("state", (aggregate, key)) is None:
                row = {"kind": aggregate, "key": key, "version": 0, "due": None, "judged": None, "partition": partition}
                transaction.put(
                    "state",
                    (aggregate, key),
                    row
                    | {
                        "blocked": False,
                        "unprompted": 0,
                        "reports_hour": None,
                        "reports": 0,
                        "seen": b"",
                        "document": None,
                    },
                )


async def lock_rows(transaction: "Transaction", aggregates: Keys, keys: Keys) -> Rows:
    wanted = sorted(set(zip(aggregates, keys, strict=True)))
    for aggregate, key in wanted:
        await transaction.lock(("state", aggregate, key))
    rows = (transaction.get("state", about) for about in wanted)
    return found(
        "kind key partition version judged blocked unprompted reports_hour reports seen document",
        (row for row in rows if row is not None),
    )


async def drop_erased(transaction: "Transaction", aggregates: Keys, keys: Keys) -> Rows:
    dropped: list[dict[str, Any]] = []
    for about in sorted(set(zip(aggregates, keys, strict=True))):
        row = transaction.get("state", about)
        if row is not None and row["document"] is None and transaction.get("erased", about) is not None:
            await transaction.lock(("state", *about))
            transaction.put("state", about, None)
            dropped.append(row)
    return found("kind key", dropped)


async def save_rows(transaction: "Transaction", *columns: Sequence[Any]) -> str:
    saved = 0
    for aggregate, key, loaded, version, due, judged, blocked, unprompted, hour, reports, more_seen, document in zip(
        *columns, strict=True
    ):
        row = transaction.get("state", (aggregate, key))
        if row is not None and row["version"] == loaded:
            await transaction.lock(("state", aggregate, key))
            changed = {"version": version, "due": due, "judged": judged, "blocked": blocked}
            changed |= {"unprompted": unprompted, "reports_hour": hour, "reports": reports}
            changed |= {"seen": row["seen"] + more_seen, "document": document or row["document"]}
            transaction.put("state", (aggregate, key), row | changed)
            saved += 1
    return f"UPDATE {saved}"


async def find_due(
    transaction: "Transaction", partitions: Sequence[int], instants: Sequence[datetime], limit: int
) -> Rows:
    watermark = dict(zip(partitions, instants, strict=True))
    rows = [row for _, row in transaction.scan("state") if row["due"] is not None and not row["blocked"]]
    due = [row for row in rows if row["partition"] in watermark and row["due"] <= watermark[row["partition"]]]
    due.sort(key=lambda row: (row["due"], row["kind"], row["key"]))
    woken = {(row["kind"], row["key"]): row for _, row in transaction.scan("wakes") if row["partition"] in watermark}
    rows = [*due[:limit], *({**woken[about], "due": None} for about in sorted(woken)[:limit])]
    return found("kind key partition due", rows)


async def next_due(transaction: "Transaction", partitions: Sequence[int], instants: Sequence[datetime]) -> Rows:
    following: dict[int, datetime] = {}
    watermark = dict(zip(partitions, instants, strict=True))
    for _, row in transaction.scan("state"):
        partition, due = row["partition"], row["due"]
        waits = due is not None and not row["blocked"] and partition in watermark and due > watermark[partition]
        if waits and (partition not in following or due < following[partition]):
            following[partition] = due
    return found("partition due", [{"partition": number, "due": following[number]} for number in sorted(following)])


async def backlog(transaction: "Transaction", now: datetime) -> Rows:
    free = [row for _, row in transaction.scan("state") if not row["blocked"]]
    dues = [row["due"] for row in free if row["due"] is not None]
    parked = [row for _, row in transaction.scan("parked")]
    unsent = [row["recorded_at"] for row in outbox(transaction)]
    row = {
        "outbox": len(unsent),
        "overdue": sum(due <= now for due in dues),
        "wakes": len(list(transaction.scan("wakes"))),
        "replays": sum(row["replay"] for row in parked),
        "parked": len(parked),
        "blocked": len(list(transaction.scan("state"))) - len(free),
        "erasures": 0,
        "holds": 0,
        "removed": 0,
        "oldest_unsent": min(unsent, default=None),
        "next_due": min(dues, default=None),
        "unsettled": sum(is_unsettled(transaction, row) for _, row in transaction.scan("lost_word")),
    }
    return found(" ".join(row), [row])


async def lock_shard(transaction: "Transaction", lock_class: int, shard: int) -> bool:
    return transaction.connection.try_hold(("advisory", lock_class, shard))


async def unlock_shard(transaction: "Transaction", lock_class: int, shard: int) -> bool:
    transaction.store.release(("advisory", lock_class, shard))
    return True


async def lock_epochs(transaction: "Transaction", lock: int) -> None:
    await transaction.connection.hold(("epochs", lock))


async def lock_migrations(transaction: "Transaction", lock: int) -> None:
    await transaction.lock(("migrations", lock))


async def make_archive_month(transaction: "Transaction", instant: datetime) -> None:
    """The archive in memory has no partitions."""


async def plan_joins(transaction: "Transaction", allowed: str) -> None:
    """Rows in memory are found without a plan."""


def upsert(read_model: AnyReadModel) -> Statement:
    """The statement that brings rows of a kind's small table up to date."""

    async def write(transaction: "Transaction", *columns: Sequence[Any]) -> None:
        for key, *values in zip(*columns, strict=True):
            transaction.put(read_model.name, key, {"key": key, **dict(zip(read_model.columns, values, strict=True))})

    write.__name__ = f"write_{read_model.name}"
    return write


def delete(read_model: AnyReadModel) -> Statement:
    """The statement that takes rows of a kind's small table away."""

    async def take_away(transaction: "Transaction", keys: Keys) -> None:
        for key in keys:
            transaction.put(read_model.name, key, None)

    take_away.__name__ = f"delete_{read_model.name}"
    return take_away


def _by_text() -> Iterator[tuple[str, Statement]]:
    here = dict(getmembers(import_module(__name__), iscoroutinefunction))
    yield from of_services()
    for name in ("lock_shard", "unlock_shard", "lock_epochs", "lock_migrations"):
        here.pop(name)
    for name, statement in here.items():
        yield sql(name), statement
    yield "SELECT pg_try_advisory_lock($1, $2)", lock_shard
    yield "SELECT pg_advisory_unlock($1, $2)", unlock_shard
    yield "SELECT pg_advisory_xact_lock($1)", lock_migrations
    yield "SELECT pg_advisory_lock($1)", lock_epochs
    for service in SERVICES:
        for aggregate in import_module(f"services.{service}.routes").AGGREGATES:
            if aggregate.table is not None:
                yield read_models._upsert(aggregate.table), upsert(aggregate.table)
                yield f"DELETE FROM {aggregate.table.name} WHERE key = ANY ($1)", delete(aggregate.table)
                for line in aggregate.table.wakes:
                    yield find_and_wake(line), wake_concerned(line)


@cache
def _known() -> dict[str, Statement]:
    return dict(_by_text())


def statement_of(text: str) -> Statement:
    """The function of a statement. Raises UnknownStatement."""
    statement = _known().get(text)
    if statement is None:
        raise UnknownStatement(text.strip().splitlines()[0])
    here: Statement = globals().get(statement.__name__, statement)  # which a broken variant may have replaced
    return here
