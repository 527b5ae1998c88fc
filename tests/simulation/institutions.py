"""What the statements of a copy of the directory mean, carried out on rows in memory."""

import json
from collections import Counter
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from tests.simulation.answers import Found, found

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

A_DAY = timedelta(days=1)


async def read_context(transaction: "Transaction") -> list[Found]:
    chosen = [row for _, row in transaction.scan("intake_transfer") if row["to_institution_id"] is not None]
    since = max((row["chosen_on"] for row in chosen), default=date.min + A_DAY) - A_DAY
    sent = Counter((row["to_institution_id"], row["chosen_on"]) for row in chosen if row["chosen_on"] >= since)
    counts = [[to, on.isoformat(), number] for (to, on), number in sent.items()]
    return found("revision sent", [{"revision": _revision(transaction), "sent": json.dumps(sorted(counts))}])


async def read_revision(transaction: "Transaction") -> str:
    return _revision(transaction)


async def read_institutions(transaction: "Transaction") -> list[Found]:
    return found("revision entries", [{"revision": _revision(transaction), "entries": _entries(transaction)}])


def _entries(transaction: "Transaction") -> str:
    return f"[{','.join(row['entry'] for _, row in sorted(transaction.scan('institution')))}]"


def _revision(transaction: "Transaction") -> str:
    """Where PostgreSQL has a random value after each change, here the same entries have the same one."""
    return sha256(_entries(transaction).encode()).hexdigest()
