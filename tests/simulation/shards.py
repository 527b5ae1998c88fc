"""What the statements about shards mean, carried out on rows in memory: what is stated, and what the bus has of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from schemas.topic import PARTITIONS
from tests.simulation.answers import Found, Row, found

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

Rows = list[Found]
Table = Mapping[Any, Row]


def new_shards() -> tuple[dict[Any, Row], dict[Any, Row]]:
    """As the migration makes them: `shard_stated` and `shard_sent`."""
    stated = {shard: {"shard": shard, "last": 0, "epoch": 0} for shard in range(PARTITIONS)}
    sent = {shard: {"shard": shard, "acknowledged": 0, "again": None, "asked": 0} for shard in range(PARTITIONS)}
    return dict(stated), dict(sent)


def _sent_to(sent: Row) -> int:
    """All after this number is to be sent."""
    return int(sent["acknowledged"] if sent["again"] is None else sent["again"])


def unsent_of(tables: Mapping[str, Table]) -> Iterator[Row]:
    """The view `outbox`."""
    for row in tables["archive"].values():
        if row["id"] > _sent_to(tables["shard_sent"][row["partition"]]):
            yield row


def outbox(transaction: "Transaction") -> list[Row]:
    """The same within a transaction, by shard and number."""
    tables = {name: dict(transaction.scan(name)) for name in ("archive", "shard_sent")}
    return sorted(unsent_of(tables), key=lambda row: (row["partition"], row["id"]))


async def append_events(
    transaction: "Transaction", now: datetime, shards: Sequence[int], counts: Sequence[int], epoch: int, *given: Any
) -> Rows:
    for shard in shards:
        await transaction.lock(("shard", shard))
    locked = [row for shard in shards if (row := transaction.get("shard_stated", shard)) and row["epoch"] == epoch]
    if len(locked) == len(shards):
        for row, count in zip(locked, counts, strict=True):
            transaction.put("shard_stated", row["shard"], row | {"last": row["last"] + count})
        for line, nth, topic, key, event_id, message in zip(*given, strict=True):
            shard, number = shards[line - 1], locked[line - 1]["last"] + nth
            event = {"id": number, "recorded_at": now, "topic": topic, "key": key, "partition": shard}
            transaction.put("archive", (shard, number), event | {"event_id": str(event_id), "message": message})
    return found("shard last", locked)


async def read_unsent(transaction: "Transaction", shards: Sequence[int], after: Sequence[int], limit: int) -> Rows:
    rows: list[Row] = []
    archived = [row for _, row in transaction.scan("archive")]
    for shard, number in sorted(zip(shards, after, strict=True)):
        later = [row for row in archived if row["partition"] == shard and row["id"] > number]
        rows += sorted(later, key=lambda row: row["id"])[:limit]
    return found("shard id topic key message", (row | {"shard": row["partition"]} for row in rows))


async def read_shards(transaction: "Transaction", shards: Sequence[int]) -> Rows:
    rows = ({**_row(transaction, "shard_stated", one), **_row(transaction, "shard_sent", one)} for one in shards)
    return found("shard last acknowledged again asked", rows)


def _row(transaction: "Transaction", table: str, shard: int) -> Row:
    return transaction.get(table, shard) or {}


async def acknowledge(transaction: "Transaction", *columns: Sequence[Any]) -> Rows:
    answer: list[Row] = []
    for shard, after, upto, known, gap in zip(*columns, strict=True):
        before = _row(transaction, "shard_sent", shard)
        if before["acknowledged"] < after or upto > _row(transaction, "shard_stated", shard)["last"]:
            continue
        late = _sent_to(before) > after
        moved = {
            "acknowledged": max(before["acknowledged"], upto),
            "again": _again(before, (after, upto, known), late=late, gap=gap),
            "asked": before["asked"] + (late or gap or before["asked"] != known),
        }
        transaction.put("shard_sent", shard, before | moved)
        answer.append(before | moved | {"late": late})
    return found("shard acknowledged again asked late", answer)


def _again(before: Row, claim: tuple[int, int, int], *, late: bool, gap: bool) -> int | None:
    after, upto, known = claim
    again: int | None = before["again"]
    if late or before["asked"] != known:
        return after if again is None else min(again, after)
    if gap:
        return upto
    return upto if again is not None and upto < before["acknowledged"] else None


async def oldest_unsent(transaction: "Transaction", shards: Sequence[int]) -> Rows:
    oldest: dict[int, Row] = {}
    for row in outbox(transaction):
        oldest.setdefault(row["partition"], row)
    return found("shard id", ({"shard": shard, "id": oldest[shard]["id"]} for shard in shards if shard in oldest))


async def republish(transaction: "Transaction", since: datetime | None) -> Rows:
    wanted = [row for _, row in transaction.scan("archive") if since is None or row["recorded_at"] >= since]
    first: dict[int, int] = {}
    for row in wanted:
        first[row["partition"]] = min(row["id"], first.get(row["partition"], row["id"]))
    for shard, number in first.items():
        row = _row(transaction, "shard_sent", shard)
        again = min(_sent_to(row), number - 1)
        transaction.put("shard_sent", shard, row | {"again": again, "asked": row["asked"] + 1})
    return found("coalesce", [{"coalesce": len(wanted)}])


async def newest_event(transaction: "Transaction") -> Rows:
    newest: dict[int, Row] = {}
    for _, row in transaction.scan("archive"):
        if row["partition"] not in newest or newest[row["partition"]]["id"] < row["id"]:
            newest[row["partition"]] = row
    return found("max", [{"max": max((row["recorded_at"] for row in newest.values()), default=None)}])
