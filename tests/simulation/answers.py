"""Rows, and how a statement answers with them."""

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]
"""By column; never changed in place, always put anew."""


class Found(tuple[Any, ...]):  # noqa: SLOT001 - a tuple cannot have slots and its columns
    """A row of an answer, as asyncpg gives it: by place and by name."""

    columns: tuple[str, ...]

    def __getitem__(self, at: Any) -> Any:
        return super().__getitem__(self.columns.index(at) if isinstance(at, str) else at)

    def keys(self) -> tuple[str, ...]:
        """The columns, in the order of the statement."""
        return self.columns


def found(columns: str, rows: Iterable[Row]) -> list[Found]:
    """An answer of these columns."""
    names = tuple(columns.split())
    answer = []
    for row in rows:
        one = Found(row[name] for name in names)
        one.columns = names
        answer.append(one)
    return answer
