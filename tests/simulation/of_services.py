"""What each service asks of its own tables, carried out on rows in memory: see `statements`."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from chassis.store.connection import sql
from chassis.store.replicas import read_all
from tests.simulation import counting, institutions, online
from tests.simulation.answers import Found, found

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

Keys = Sequence[str]
Rows = list[Found]


async def lock_jurisdictions(transaction: "Transaction", jurisdictions: Keys) -> None:
    for jurisdiction in sorted(set(jurisdictions)):
        await transaction.lock(("jurisdiction", jurisdiction))


async def count_days(transaction: "Transaction", keys: Keys, jurisdictions: Keys, days: Sequence[Any]) -> Rows:
    asked = list(zip(keys, jurisdictions, days, strict=True))
    names = ("bulletin_case", "bulletin_day", "wakes", "bulletin_consultation", "bulletin_delivery")
    counted = counting.count_days(asked, *([row for _, row in transaction.scan(name)] for name in names))
    return found("key counts", ({"key": key, "counts": counts} for key, counts in counted))


async def read_days(transaction: "Transaction", keys: Keys) -> Rows:
    days = [row for key in keys if (row := transaction.get("state", ("day", key)))]
    return found("key document", ({"key": day["key"], "document": day["document"]} for day in days if day["document"]))


def of_services() -> Iterator[tuple[str, Callable[..., Awaitable[Any]]]]:
    """Each statement's text, and its function."""
    yield sql("lock_jurisdictions", "services.bulletin.sql"), lock_jurisdictions
    yield sql("count_days", "services.bulletin.sql"), count_days
    yield sql("read_days", "services.bulletin.sql"), read_days
    yield sql("read_context", "services.intake.sql"), institutions.read_context
    yield sql("read_revision", "services.primarycare.sql"), institutions.read_revision
    for name in ("lock_channels", "read_queues", "read_issues", "read_cares"):
        yield sql(name, "services.consultation.sql"), getattr(online, name)
    yield read_all("institution"), institutions.read_institutions
    yield read_all("consultation_channel"), online.read_channels
