"""What the statements about parked records mean, carried out on rows in memory: see `statements`."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.simulation.answers import Found, found

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

Rows = list[Found]
Keys = Sequence[str]


async def find_replays(transaction: "Transaction", partitions: Sequence[int], limit: int) -> Rows:
    asked = [row for _, row in transaction.scan("parked") if row["replay"] and row["partition"] in partitions]
    asked = sorted(asked, key=lambda row: row["id"])[:limit]
    return found("id kind key topic partition record_offset received_at record_key headers value", asked)


async def find_unknown(transaction: "Transaction", partitions: Sequence[int], after: int, limit: int) -> Rows:
    unknown = [
        row
        for number, row in sorted(transaction.scan("parked"))
        if row["reason"] == "unknown_type" and not row["replay"] and not row["cut"]
        if row["partition"] in partitions and number > after
    ]
    return found("id headers value", unknown[:limit])


async def replay_known(transaction: "Transaction", numbers: Sequence[int]) -> None:
    for number in numbers:
        row = transaction.get("parked", number)
        if row is not None and row["reason"] == "unknown_type":
            transaction.put("parked", number, row | {"replay": True})


async def park(transaction: "Transaction", now: datetime, *columns: Sequence[Any]) -> None:
    names = (
        "digest",
        "reason",
        "kind",
        "key",
        "topic",
        "partition",
        "record_offset",
        "received_at",
        "record_key",
        "headers",
    )
    known = {row["digest"]: number for number, row in transaction.scan("parked")}
    for values in zip(*columns, strict=True):
        row = dict(zip((*names, "value", "cut"), values, strict=True))
        fresh = transaction.store.next_number("parked")  # PostgreSQL draws one before it finds that it has the row
        number = known.get(row["digest"])
        if number is None:
            transaction.put("parked", fresh, {"id": fresh, "parked_at": now, "replay": False, **row})
        elif row["reason"] != "case_is_parked":
            given = {name: row[name] for name in ("reason", "kind", "key")}
            transaction.put("parked", number, {**(transaction.get("parked", number) or {}), **given, "replay": False})


async def heavy_parked(transaction: "Transaction", topics: Sequence[str]) -> Rows:
    whole: dict[str, int] = {}
    for _, row in transaction.scan("parked"):
        heavy = row["kind"] is None and not row["cut"] and len(row["value"] or b"") > 65536
        if heavy and row["topic"] in topics:
            whole[row["topic"]] = whole.get(row["topic"], 0) + 1
    return found("topic whole", [{"topic": topic, "whole": number} for topic, number in whole.items()])


async def unpark(transaction: "Transaction", numbers: Sequence[int]) -> None:
    for number in numbers:
        transaction.put("parked", number, None)


async def unblock(transaction: "Transaction", aggregates: Keys, keys: Keys) -> None:
    behind = {(row["kind"], row["key"]) for _, row in transaction.scan("parked")}
    for about in zip(aggregates, keys, strict=True):
        row = transaction.get("state", about)
        if row is not None and row["blocked"] and about not in behind:
            await transaction.lock(("state", *about))
            transaction.put("state", about, row | {"blocked": False})


async def replay_waiting(transaction: "Transaction", aggregates: Keys, keys: Keys) -> None:
    unblocked = set(zip(aggregates, keys, strict=True))
    parked = [row for _, row in transaction.scan("parked") if (row["kind"], row["key"]) in unblocked]
    caused = {(row["kind"], row["key"]) for row in parked if row["reason"] != "case_is_parked"}
    for row in parked:
        if (row["kind"], row["key"]) not in caused and not row["replay"]:
            transaction.put("parked", row["id"], row | {"replay": True})
