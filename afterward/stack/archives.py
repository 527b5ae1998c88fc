"""What every service ever stated, said again: how a bus that lost its data is refilled."""

from datetime import datetime

from chassis.store.connection import connect, sql

STATEMENT_SECONDS = 600


async def republish(dsn: str, since: datetime | None = None) -> int:
    """Puts a service's archived events, or those recorded from `since` on, back into its outbox; how many."""
    connection = await connect(dsn, STATEMENT_SECONDS)
    try:
        return int((await connection.execute(sql("republish"), since)).rpartition(" ")[2])
    finally:
        await connection.close()
