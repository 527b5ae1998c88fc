"""All SQL of the chassis by name, and the few shapes that cross into it."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files
from typing import Any, Final

import asyncpg

from chassis.database_access import DatabaseAccess

Connection = Any
"""An asyncpg connection, or one lent by a pool (asyncpg has no common type for both)."""


@cache
def sql(name: str, package: str = "chassis.store.sql") -> str:
    """The statement in `<package>/<name>.sql`; its first line says in a sentence what it does.

    Raises LookupError where there is none: a defect, never taken for a store that is away, as an OSError is.
    """
    folder, _, inner = package.partition(".")
    try:
        return files(folder).joinpath(*inner.split("."), f"{name}.sql").read_text()
    except FileNotFoundError:
        raise LookupError(f"{package} has no statement {name}") from None


async def connect(database: DatabaseAccess | str, statement_timeout_seconds: float, **server_settings: str) -> Any:
    """A connection with deadlines everywhere: no wait in this house is for ever. A string is a DSN."""
    access = database if isinstance(database, DatabaseAccess) else DatabaseAccess(database)
    connection = await asyncpg.connect(
        **access.options(),
        timeout=10,
        command_timeout=statement_timeout_seconds,
        server_settings={"application_name": "afterward", **server_settings},
    )
    await connection.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=str, format="text")
    return connection


BY_KEY: Final[Mapping[str, str]] = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""Settings of a connection whose statements look rows up by key, as those of a service do. A plan drawn up while a
table is new would scan it from end to end, and be kept until somebody analyses it; these leave the way by the index."""


@asynccontextmanager
async def joining_freely(connection: Connection) -> AsyncIterator[None]:
    """Within a transaction of a connection `BY_KEY`: whoever sums up much may be planned in any way."""
    await connection.execute(sql("plan_joins"), "on")
    yield
    await connection.execute(sql("plan_joins"), "off")


async def store_id(connection: Connection) -> str:
    """Which store this is. Raises what the store raises, and LookupError when it has no identity."""
    found = await connection.fetchval(sql("store_identity"))
    if found is None:
        raise LookupError("store_identity is empty: each database has one row in it, made by its migration")
    return str(found)


def columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as `width` columns, the shape that `unnest` takes; no rows give empty columns."""
    turned = [list(column) for column in zip(*rows, strict=True)]
    return turned or [[] for _ in range(width)]


STORE_FAILED = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection raises that broke while it was being used
)
"""What a connection raises when it is the moment or the way that is bad: connect anew, and do it again."""


class StoreWentBack(Exception):
    """The store has forgotten what it had committed: all that this process knows of it is void, so it begins anew."""


class EpochOver(StoreWentBack):
    """Nothing may be stated in an epoch that is over: the process ends, and begins anew in the present one."""


REFUSED_BY_STORE = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    OverflowError,
    ValueError,  # asyncpg's own DataError for what does not fit its type, UnicodeError, and msgspec's errors are ones
)
"""What the store raises when it is the data that it refuses, not the moment."""
