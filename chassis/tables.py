"""Small tables of what spans cases: one row a case, written from the conclusions in the judgement's own transaction."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from chassis.case import Case
from chassis.routes import Table
from chassis.store import Connection, columns


def create_table(table: Table) -> str:
    """The script that makes the table; its indexes are the service's own migrations."""
    declared = ", ".join(f"{name} {type_}" for name, type_ in table.columns.items())
    created = f"CREATE TABLE IF NOT EXISTS {table.name} (key text PRIMARY KEY, {declared})"
    return f"{created};\n{table.beside}" if table.beside else created


def _upsert(table: Table) -> str:
    names = ", ".join(table.columns)
    types = ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(table.columns.values(), start=2))
    updates = ", ".join(f"{name} = excluded.{name}" for name in table.columns)
    return (
        f"INSERT INTO {table.name} (key, {names}) SELECT * FROM unnest($1::text[], {types}) "  # noqa: S608 - from the code
        f"ON CONFLICT (key) DO UPDATE SET {updates}"
    )


async def save_tables(connection: Connection, cases: Iterable[Case]) -> None:
    """Brings the rows of the judged cases up to date; only rows that differ are written."""
    written: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    gone: dict[str, list[str]] = defaultdict(list)
    tables: dict[str, Table] = {}
    for case in cases:
        table = case.kind.table
        if table is None or case.rows is None:
            continue
        tables[table.name] = table
        before, after = case.rows
        if after is not None and after != before:
            written[table.name].append((case.key, *after))
        elif after is None and before is not None:
            gone[table.name].append(case.key)
    for name, table in tables.items():
        if rows := written[name]:
            await connection.execute(_upsert(table), *columns(rows, len(table.columns) + 1))
        if keys := gone[name]:
            await connection.execute(f"DELETE FROM {table.name} WHERE key = ANY ($1)", keys)  # noqa: S608
