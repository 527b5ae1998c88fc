"""What every service ever stated, said again: how a bus that lost its data is refilled."""

from datetime import datetime

from chassis.store.connection import connect, sql

STATEMENT_SECONDS = 600


async def republish(dsn: str, since: datetime | None = None) -> int:
    """Has a service's archived events said again, or those recorded from `since` on; how many."""
    connection = await connect(dsn, STATEMENT_SECONDS)
    try:
        return int(await connection.fetchval(sql("republish"), since))
    finally:
        await connection.close()
