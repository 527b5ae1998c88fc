"""What the statements of a copy of the directory mean, carried out on rows in memory."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tests.simulation.answers import Found, found

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

A_DAY = timedelta(days=1)


Row = Mapping[str, Any]


async def read_context(transaction: "Transaction", keys: Sequence[str]) -> list[Found]:
    rows = [row for _, row in transaction.scan("intake_transfer")]
    chosen = [row for row in rows if row["to_institution_id"] is not None and row["chosen_on"] is not None]
    since = max((row["chosen_on"] for row in chosen), default=date.min + A_DAY) - A_DAY
    sent = Counter((row["to_institution_id"], row["chosen_on"]) for row in chosen if row["chosen_on"] >= since)
    counts = [[to, on.isoformat(), number] for (to, on), number in sent.items()]
    relatives = [_relative(row) for row in sorted(rows, key=itemgetter("key")) if _is_related(row, rows, keys)]
    context = {
        "revision": revision_of(transaction, "institution"),
        "sent": json.dumps(sorted(counts)),
        "relatives": json.dumps(relatives),
    }
    return found("revision sent relatives", [context])


def _is_related(row: Row, rows: Sequence[Row], keys: Sequence[str]) -> bool:
    """Whether a case is of one party or person with another of these."""
    return any(
        own["key"] in keys
        and own["key"] != row["key"]
        and any(own[name] is not None and own[name] == row[name] for name in ("party_id", "person_ref"))
        for own in rows
    )


def _relative(row: Row) -> list[Any]:
    course = [row[name] and row[name].isoformat() for name in ("course_from", "course_until", "chosen_at")]
    names = ("key", "party_id", "person_ref", "to_institution_id")
    return [*(row[name] for name in names), json.loads(row["required"]), *course]


async def read_revision(transaction: "Transaction") -> str:
    return revision_of(transaction, "institution")


async def read_institutions(transaction: "Transaction") -> list[Found]:
    return found(
        "revision entries", [{"revision": revision_of(transaction, "institution"), "entries": _entries(transaction)}]
    )


def _entries(transaction: "Transaction") -> str:
    return f"[{','.join(row['entry'] for _, row in sorted(transaction.scan('institution')))}]"


def revision_of(transaction: "Transaction", table: str) -> str:
    """Where PostgreSQL has a random value after each change, here the same rows have the same one."""
    return sha256(repr(sorted(transaction.scan(table), key=itemgetter(0))).encode()).hexdigest()
