"""A process reads its copy anew when the revision says that it has changed, and each time where there is none."""

from typing import Any, cast

import pytest
from msgspec import Struct

from chassis.store.connection import Connection
from chassis.store.replicas import Replica


class Entry(Struct, frozen=True):
    """What is copied."""

    name: str


class Table:
    """Answers with its rows as they are, and counts how often it was asked."""

    def __init__(self, revision: str | None) -> None:
        self.revision, self.names, self.asked = revision, ["one"], 0

    async def fetchrow(self, _statement: str) -> dict[str, Any]:
        self.asked += 1
        entries = ", ".join(f'{{"name": "{name}"}}' for name in self.names)
        return {"revision": self.revision, "entries": f"[{entries}]"}


async def read(copy: Replica[list[str]], table: Table) -> list[str]:
    return await copy.at(cast("Connection", table), table.revision)


@pytest.fixture
def copy() -> Replica[list[str]]:
    return Replica("institution", Entry, lambda entries: [entry.name for entry in entries])


async def test_a_copy_is_read_once_for_each_revision(copy: Replica[list[str]]) -> None:
    table = Table("first")
    assert [await read(copy, table), await read(copy, table)] == [["one"], ["one"]]
    assert table.asked == 1

    table.names, table.revision = ["one", "two"], "second"
    assert await read(copy, table) == ["one", "two"]


async def test_a_copy_without_a_revision_is_never_taken_for_the_newest(copy: Replica[list[str]]) -> None:
    table = Table(None)
    assert await read(copy, table) == ["one"]

    table.names = ["one", "two"]
    assert await read(copy, table) == ["one", "two"]
