"""A page of a list of what is due: in the order of instant and key, read on from where the page before ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from msgspec.json import decode

from chassis.store.connection import Connection
from schemas.places import plain_district

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


def asks(page: Page) -> tuple[Any, ...]:
    """The six parameters of a list's statement; the district as it is compared: without case, blanks and accents."""
    district = None if page.district is None else plain_district(page.district)
    return page.jurisdiction, district, page.due_before, *(page.after or (None, None)), page.limit


async def read_page(connection: Connection, statement: str, page: Page) -> list[Entry]:
    """The entries of a page, by a statement with the parameters that it `asks` and the columns of `Entry`."""
    rows = await connection.fetch(statement, *asks(page))
    return [Entry(row["key"], row["district"], row["due"], decode(row["item"])) for row in rows]
