"""Small tables of what spans cases: one row a case, written from the conclusions in the judgement's own transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from chassis.decide.aggregate import AnyReadModel
from chassis.store.connection import Connection, columns
from chassis.store.locked_row import LockedRow, TableRow


def create_table(table: AnyReadModel) -> str:
    """The script that makes the table, for whoever writes its migration; no start of a service runs it."""
    declared = ", ".join(f"{name} {type_}" for name, type_ in table.columns.items())
    created = f"CREATE TABLE IF NOT EXISTS {table.name} (key text PRIMARY KEY, {declared})"
    return f"{created};\n{table.beside}" if table.beside else created


def _upsert(table: AnyReadModel) -> str:
    names = ", ".join(table.columns)
    types = ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(table.columns.values(), start=2))
    updates = ", ".join(f"{name} = excluded.{name}" for name in table.columns)
    return (
        f"INSERT INTO {table.name} (key, {names}) SELECT * FROM unnest($1::text[], {types}) "  # noqa: S608 - from the code
        f"ON CONFLICT (key) DO UPDATE SET {updates}"
    )


async def save_tables(connection: Connection, cases: Iterable[LockedRow]) -> None:
    """Brings the rows of the judged cases up to date; only rows that differ are written."""
    changed: dict[str, dict[str, TableRow]] = defaultdict(dict)
    tables: dict[str, AnyReadModel] = {}
    for case in cases:
        table = case.aggregate.table
        if table is None or case.rows is None:
            continue
        tables[table.name] = table
        before, after = case.rows
        if after != before:
            changed[table.name][case.key] = after
    for name, table in tables.items():
        await write_rows(connection, table, changed[name])


async def write_rows(connection: Connection, table: AnyReadModel, rows: Mapping[str, TableRow]) -> None:
    """Writes the row of each key, and takes away that of a key which has none."""
    if written := [(key, *row) for key, row in rows.items() if row is not None]:
        await connection.execute(_upsert(table), *columns(written, len(table.columns) + 1))
    if gone := [key for key, row in rows.items() if row is None]:
        await connection.execute(f"DELETE FROM {table.name} WHERE key = ANY ($1)", gone)  # noqa: S608
