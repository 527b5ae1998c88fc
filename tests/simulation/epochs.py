"""What the statements about a store that has gone back mean, carried out on rows in memory."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from schemas.topic import PARTITIONS
from tests.simulation.answers import Found, Row, found

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

Keys = Sequence[str]
Rows = list[Found]


def epoch_of_store(transaction: "Transaction") -> int:
    """How often it has gone back."""
    return int((transaction.get("store_identity", 0) or {}).get("epoch", 0))


async def read_epoch(transaction: "Transaction") -> Rows:
    return found("epoch", [{"epoch": epoch_of_store(transaction)}])


async def name_store(transaction: "Transaction") -> Rows:
    return found(
        "incarnation epoch", [{"incarnation": transaction.store.incarnation, "epoch": epoch_of_store(transaction)}]
    )


async def read_offsets(transaction: "Transaction") -> Rows:
    rows = sorted((row for _, row in transaction.scan("read_offset")), key=lambda row: (row["topic"], row["partition"]))
    return found("topic partition next_offset group_offset", ({"group_offset": 0, **row} for row in rows))


async def pass_group(transaction: "Transaction", *columns: Sequence[Any]) -> None:
    for topic, partition, offset in zip(*columns, strict=True):
        row = transaction.get("read_offset", (topic, partition))
        if row is not None:
            passed = {"group_offset": max(row.get("group_offset", 0), offset)}
            transaction.put("read_offset", (topic, partition), row | passed)


async def read_versions(transaction: "Transaction", keys: Keys, aggregates: Keys) -> Rows:
    asked = [(kind, key) for key in keys for kind in aggregates]
    rows = [row for about in asked if (row := transaction.get("state", about)) is not None]
    erased = [about for about in asked if transaction.get("erased", about) is not None]
    rows += [{"key": key, "kind": kind, "version": 2**63 - 1} for kind, key in erased]
    return found("key kind version", rows)


async def forget_undated(transaction: "Transaction") -> None:
    for about, row in list(transaction.scan("lost_word")):
        if row["since"] is None:
            transaction.put("lost_word", about, None)


async def collect_lost(transaction: "Transaction", *columns: Sequence[Any]) -> None:
    for kind, key, thing, partition, sequence, message in zip(*columns, strict=True):
        if transaction.get("erased", (kind, key)) is not None:
            continue
        known = transaction.get("lost_word", (kind, key, thing))
        if known is None or known["sequence"] < sequence:
            row = {"kind": kind, "key": key, "thing": thing, "partition": partition, "sequence": sequence}
            transaction.put("lost_word", (kind, key, thing), row | {"message": message, "since": None})


async def begin_epoch(transaction: "Transaction", epoch: int, since: datetime, apart: int) -> None:
    if epoch_of_store(transaction) >= epoch:
        return
    transaction.put("store_identity", 0, {**(transaction.get("store_identity", 0) or {}), "epoch": epoch})
    for about, row in list(transaction.scan("lost_word")):
        transaction.put("lost_word", about, row | {"since": since})
    for shard in range(PARTITIONS):
        await transaction.lock(("shard", shard))
        row = transaction.get("shard_stated", shard) or {}
        transaction.put("shard_stated", shard, row | {"last": row["last"] + apart, "epoch": epoch})


async def find_lost(
    transaction: "Transaction", partitions: Sequence[int], instants: Sequence[datetime], limit: int
) -> Rows:
    watermark = dict(zip(partitions, instants, strict=True))
    dated = [row for _, row in transaction.scan("lost_word") if row["since"] is not None]
    ripe = [row for row in dated if row["partition"] in watermark and row["since"] <= watermark[row["partition"]]]
    left = {(row["kind"], row["key"]) for _, row in transaction.scan("wakes")}
    for row in ripe:
        about, judged = (row["kind"], row["key"]), transaction.get("state", (row["kind"], row["key"])) or {}
        if judged.get("blocked") or (judged.get("due") is not None and judged["due"] <= watermark[row["partition"]]):
            left.add(about)
    free = {(row["kind"], row["key"]): row for row in ripe if (row["kind"], row["key"]) not in left}
    return found("kind key partition", [free[about] for about in sorted(free)[:limit]])


async def read_lost(transaction: "Transaction", aggregates: Keys, keys: Keys) -> Rows:
    wanted = set(zip(aggregates, keys, strict=True))
    rows = [row for _, row in transaction.scan("lost_word") if (row["kind"], row["key"]) in wanted and row["since"]]
    rows.sort(key=lambda row: (row["kind"], row["key"], row["sequence"]))
    return found("kind key thing sequence message since", rows)


async def settle(transaction: "Transaction", aggregates: Keys, keys: Keys) -> None:
    settled = set(zip(aggregates, keys, strict=True))
    for about, row in list(transaction.scan("lost_word")):
        if about[:2] in settled and row["since"] is not None:
            transaction.put("lost_word", about, None)


def is_unsettled(transaction: "Transaction", word: Row) -> bool:
    """Whether a lost word is still to be settled."""
    row = transaction.get("state", (word["kind"], word["key"])) or {}
    return word["since"] is not None and not row.get("blocked")
