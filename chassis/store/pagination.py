"""A page of a list of what is due: in the order of instant and key, read on from where the page before ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from msgspec.json import decode

from chassis.store.connection import Connection

PLANNED_EACH_TIME: Final[Mapping[str, str]] = {"plan_cache_mode": "force_custom_plan"}
"""A server setting for whoever reads pages: a plan made for what is asked leaves out the conditions that are not."""


class Place(NamedTuple):
    """Where a page ended: the instant and the key of its last entry."""

    due: datetime
    key: str


class Page(NamedTuple):
    """What is asked of a list: `limit` entries of a jurisdiction, or of one district of it.

    `due_before`: only what is due before this instant. `after`: only what comes after this place.
    """

    jurisdiction: str
    district: str | None = None
    due_before: datetime | None = None
    after: Place | None = None
    limit: int = 50


class Entry(NamedTuple):
    """One line of a list: the key of its row, where that lives, when it is due, and what the service says of it."""

    key: str
    district: str
    due: datetime
    item: Mapping[str, Any]

    @property
    def place(self) -> Place:
        """What the next page begins after."""
        return Place(self.due, self.key)


async def read_page(connection: Connection, statement: str, page: Page) -> list[Entry]:
    """The entries of a page, by a statement with the six parameters of `Page` and the columns of `Entry`."""
    after = page.after or (None, None)
    rows = await connection.fetch(statement, page.jurisdiction, page.district, page.due_before, *after, page.limit)
    return [Entry(row["key"], row["district"], row["due"], decode(row["item"])) for row in rows]
