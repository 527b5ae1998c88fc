"""The record of who has asked what: written before an answer leaves, and never changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from chassis.questions.reader import Reader
from chassis.store.connection import Connection, sql

PACKAGE = "chassis.questions.sql"
LONGEST = 500
MOST_CASES = 1_000
Outcome = Literal["answered", "refused", "done"]


class Access(NamedTuple):
    """One question or operation. `what`: method and path; `cases`: those of which the answer tells."""

    reader: Reader
    what: str
    purpose: str | None
    outcome: Outcome
    cases: Sequence[str]


async def record(connection: Connection, access: Access) -> None:
    """Writes it down, within a transaction that may write. Raises what the store raises: then nothing is answered."""
    cases = sorted(set(access.cases))[:MOST_CASES]
    what = access.what[:LONGEST]
    reader = access.reader
    await connection.execute(
        sql("record_access", PACKAGE), reader.name, reader.means, what, access.purpose, access.outcome, cases
    )


class Wanted(NamedTuple):
    """Which entries are listed: of a case, by a reader, since an instant, after an entry; None: all."""

    case_id: str | None
    who: str | None
    since: datetime | None
    after: int
    limit: int


async def listed(connection: Connection, wanted: Wanted) -> Iterable[Any]:
    """The entries, in the order in which they were written."""
    found: Iterable[Any] = await connection.fetch(sql("list_access", PACKAGE), *wanted)
    return found
