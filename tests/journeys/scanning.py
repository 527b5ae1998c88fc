"""Where a text stands in the databases and files of a stack: every table, every column, whatever its type."""

from pathlib import Path

import asyncpg

from afterward.stack.running import databases
from tests.journeys.stack import Stack

TABLES = """
SELECT oid::regclass::text FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'm') ORDER BY 1
"""


async def places(stack: Stack, text: str) -> dict[str, int]:
    """`service.table` → the rows in which the text stands, as it is or as the bytes of a column; those with any."""
    found: dict[str, int] = {}
    for service, dsn in databases(stack.data_dir).items():
        connection = await asyncpg.connect(dsn)
        try:
            for (table,) in await connection.fetch(TABLES):
                if table.startswith("archive_"):
                    continue  # the rights of a service are to the whole, which has the rows of its months
                count = (
                    f"SELECT count(*) FROM {table} AS one "
                    "WHERE position($1 IN one::text) > 0 OR position($2 IN one::text) > 0"
                )
                if number := await connection.fetchval(count, text, text.encode().hex()):
                    found[f"{service}.{table}"] = number
        finally:
            await connection.close()
    return found


def files(stack: Stack, text: str) -> list[str]:
    """The logs of the processes in which the text stands."""
    logs = sorted(Path(stack.data_dir).glob("*.log"))
    assert len(logs) > 5, "a stack writes a log for each of its processes"
    return [log.name for log in logs if text.encode() in log.read_bytes()]
