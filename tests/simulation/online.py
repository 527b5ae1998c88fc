"""What the statements of online care mean, carried out on rows in memory: the queues, prescriptions, and cases."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tests.simulation.answers import Found, found
from tests.simulation.institutions import revision_of

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

Row = Mapping[str, Any]
Keys = Sequence[str]


def queues(
    requests: Iterable[Row], channels: Iterable[Row], keys: Iterable[str], heads: int, parked: Collection[str] = ()
) -> dict[str, list[Any]]:
    """Channel → its roster, how many each expert has open, and the first who wait, of the channels of these keys.

    `parked`: consultations that are not looked at.
    """
    rows, asked = list(requests), set(keys)
    waiting = [row for row in rows if row["waiting"] and row["key"] not in parked]
    rosters = {row["key"]: json.loads(row["shifts"]) for row in channels}
    return {
        channel_id: [
            rosters.get(channel_id, []),
            Counter(row["expert_ref"] for row in rows if row["channel_id"] == channel_id and row["assigned"]),
            _heads([row for row in waiting if row["channel_id"] == channel_id])[:heads],
        ]
        for channel_id in sorted({row["channel_id"] for row in rows if row["key"] in asked and row["channel_id"]})
    }


def _heads(waiting: Iterable[Row]) -> list[list[Any]]:
    first = sorted(waiting, key=itemgetter("class_rank", "requested_at", "key"))
    return [[row["class_rank"], row["requested_at"].isoformat(), row["key"]] for row in first]


def issues(requests: Iterable[Row], keys: Iterable[str]) -> dict[str, str]:
    """Prescription → as its consultation has it; of two the one that was written first."""
    asked, of = set(keys), defaultdict[str, list[tuple[str, str, str]]](list)
    for row in requests:
        if row["prescription_id"] in asked:
            written = json.loads(row["prescription"])[7]
            of[row["prescription_id"]].append((written, row["key"], row["prescription"]))
    return {key: min(claims)[2] for key, claims in sorted(of.items())}


def cares(requests: Iterable[Row], keys: Iterable[str]) -> dict[str, str]:
    """Case → what was asked under it."""
    asked, of = set(keys), defaultdict[str, list[str]](list)
    for row in sorted(requests, key=itemgetter("key")):
        if row["case_id"] in asked:
            of[row["case_id"]].append(row["care"])
    return {key: f"[{','.join(entries)}]" for key, entries in sorted(of.items())}


def _requests(transaction: "Transaction") -> list[Row]:
    return [row for _, row in transaction.scan("consultation_request")]


def _parked(transaction: "Transaction") -> set[str]:
    return {key for (kind, key), row in transaction.scan("state") if kind == "consultation" and row["blocked"]}


async def lock_channels(transaction: "Transaction", keys: Keys) -> None:
    for channel_id in sorted({row["channel_id"] for row in _requests(transaction) if row["key"] in keys} - {None}):
        await transaction.lock(("channel", channel_id))


async def read_queues(transaction: "Transaction", keys: Keys, heads: int) -> list[Found]:
    channels = [row for _, row in transaction.scan("consultation_channel")]
    row = {
        "institutions": revision_of(transaction, "institution"),
        "channels": revision_of(transaction, "consultation_channel"),
        "queues": json.dumps(queues(_requests(transaction), channels, keys, heads, _parked(transaction))),
    }
    return found("institutions channels queues", [row])


async def read_issues(transaction: "Transaction", keys: Keys) -> list[Found]:
    known = issues(_requests(transaction), keys)
    return found("key issue", ({"key": key, "issue": issue} for key, issue in known.items()))


async def read_cares(transaction: "Transaction", keys: Keys) -> list[Found]:
    known = cares(_requests(transaction), keys)
    return found("key cares", ({"key": key, "cares": entries} for key, entries in known.items()))


async def read_channels(transaction: "Transaction") -> list[Found]:
    entries = [row["entry"] for _, row in sorted(transaction.scan("consultation_channel"))]
    revision = revision_of(transaction, "consultation_channel")
    return found("revision entries", [{"revision": revision, "entries": f"[{','.join(entries)}]"}])
