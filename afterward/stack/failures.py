"""What may go wrong with a database without being a defect, as whoever starts or migrates one meets it."""

from typing import Final

import asyncpg

from chassis.store.migrate import MigrationChanged, ServerTooOld
from chassis.store.upgrading.converting import ConversionFailed
from chassis.store.upgrading.fitting import DoesNotFit

DATABASE_FAILURES: Final = (
    MigrationChanged,
    ServerTooOld,
    DoesNotFit,
    ConversionFailed,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)
"""Each has a message for the operator."""
