"""What a release does to databases, and whether it would work on them; run by an interpreter that has it installed.

`python -P on_databases.py migrate|fits` reads service → DSN as JSON, and answers service → what it refused with.
"""

import asyncio
import json
import sys
from importlib import import_module

from chassis.store.connection import connect
from chassis.store.migrate import migrate
from chassis.store.upgrading.fitting import DoesNotFit, check_fits


async def main(what: str, dsns: dict[str, str]) -> dict[str, str]:
    """Service → its refusal. Raises what migrating raises."""
    refused = {}
    for service, dsn in dsns.items():
        aggregates = import_module(f"services.{service}.routes").AGGREGATES
        if what == "migrate":
            await migrate(dsn, service, aggregates)
            continue
        connection = await connect(dsn, 30, application_name="fits")
        try:
            await check_fits(connection, service, aggregates)
        except DoesNotFit as does_not:
            refused[service] = str(does_not)
        finally:
            connection.terminate()
    return refused


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(sys.argv[1], json.load(sys.stdin)))))
