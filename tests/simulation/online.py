"""What the statements of online care mean, carried out on rows in memory: the queues, prescriptions, and cases."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from random import Random
from typing import TYPE_CHECKING, Any

from chassis.store.pagination import Page
from tests.simulation.answers import Found, found
from tests.simulation.institutions import revision_of

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

Row = Mapping[str, Any]
Keys = Sequence[str]
LISTS = {
    "list_consultations": ("consultation_request", "answer_by", "item"),
    "list_prescriptions": ("consultation_prescription", "review_by", "review"),
    "list_deliveries": ("consultation_prescription", "deliver_by", "delivery"),
    "list_rosters": ("consultation_channel", "gap_from", "gap"),
}
"""The statement of each work list → its table, its column of instants, and that of what is said."""


def queues(requests: Iterable[Row], channels: Iterable[Row], keys: Iterable[str], heads: int) -> dict[str, list[Any]]:
    """Channel → its roster, how many each expert has open, and the first who wait, of the channels of these keys."""
    rows, asked = list(requests), set(keys)
    rosters = {row["key"]: json.loads(row["shifts"]) for row in channels}
    return {
        channel_id: [
            rosters.get(channel_id, []),
            Counter(row["expert_ref"] for row in rows if row["channel_id"] == channel_id and row["assigned"]),
            _heads([row for row in rows if row["channel_id"] == channel_id and row["waiting"]])[:heads],
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


def counts(requests: Iterable[Row], channel_id: str) -> dict[str, int]:
    """C7: what was held in a channel, and what is going on there now."""
    here = [row for row in requests if row["channel_id"] == channel_id]
    held = [row for row in here if row["held_by"] is not None]
    return {
        "consultations": len(held),
        "people": len({row["person_ref"] for row in held} - {None}),
        "experts": len({row["held_by"] for row in held}),
        "avoided_visits": sum(not row["refers"] for row in held),
        "waiting": sum(row["waiting"] for row in here),
        "assigned": sum(row["assigned"] for row in here),
    }


def listed(rows: Iterable[Row], due: str, item: str, page: Page) -> list[tuple[Any, ...]]:
    """A page of a work list: key, district, when it is due, and what is said of it."""
    waiting = [row for row in rows if row[due] is not None and row["jurisdiction"] == page.jurisdiction]
    of = [row for row in waiting if page.district in {None, row["plain_district"]}]
    before = [row for row in of if page.due_before is None or row[due] < page.due_before]
    left = [row for row in before if page.after is None or (row[due], row["key"]) > page.after]
    left.sort(key=itemgetter(due, "key"))
    return [(row["key"], row["district"], row[due], row[item]) for row in left[: page.limit]]


def shaped(dice: Random, table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row by its columns' types, with what the statements need of it: a place in the queue, a roster, when a
    prescription was written."""
    hours = [f"2020-10-0{dice.randint(1, 3)}T{hour:02}:00:00+00:00" for hour in range(4)]
    if table == "consultation_request":
        at = datetime.fromisoformat(dice.choice(hours))
        issue = json.dumps(["rx", "c", None, "CN-SH", None, "e", [], dice.choice(hours)])
        row |= {"requested_at": at, "expert_ref": dice.choice("ab"), "prescription": issue}
    if table == "consultation_channel":
        row["shifts"] = json.dumps([[dice.choice("ab"), True, hours[0], hours[3]]])
    return row


def _requests(transaction: "Transaction") -> list[Row]:
    return [row for _, row in transaction.scan("consultation_request")]


async def lock_channels(transaction: "Transaction", keys: Keys) -> None:
    for channel_id in sorted({row["channel_id"] for row in _requests(transaction) if row["key"] in keys} - {None}):
        await transaction.lock(("channel", channel_id))


async def read_queues(transaction: "Transaction", keys: Keys, heads: int) -> list[Found]:
    channels = [row for _, row in transaction.scan("consultation_channel")]
    row = {
        "institutions": revision_of(transaction, "institution"),
        "channels": revision_of(transaction, "consultation_channel"),
        "queues": json.dumps(queues(_requests(transaction), channels, keys, heads)),
    }
    return found("institutions channels queues", [row])


async def read_issues(transaction: "Transaction", keys: Keys) -> list[Found]:
    known = issues(_requests(transaction), keys)
    return found("key issue", ({"key": key, "issue": issue} for key, issue in known.items()))


async def read_cares(transaction: "Transaction", keys: Keys) -> list[Found]:
    known = cares(_requests(transaction), keys)
    return found("key cares", ({"key": key, "cares": entries} for key, entries in known.items()))


async def read_channels(transaction: "Transaction") -> list[Found]:
    entries = [row["entry"] for _, row in sorted(transaction.scan("consultation_channel")) if row["is_open"]]
    revision = revision_of(transaction, "consultation_channel")
    return found("revision entries", [{"revision": revision, "entries": f"[{','.join(entries)}]"}])
