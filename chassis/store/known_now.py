"""Messages of a type or a major version that nobody knew go back in by themselves, once the code knows it.

They wait in `parked` under `unknown_type`. What an older process parks while both versions are at work is found by
whoever has its partitions after it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from chassis.failures import of_database
from chassis.process.outages import STORE
from chassis.retrying import retry
from chassis.store.connection import STORE_FAILED, Connection, sql
from schemas.envelope import Unreadable, read

AT_ONCE: Final = 50
"""Each brings its bytes along, up to 4 MiB."""
LOOK_SECONDS: Final = 5.0
BACK_OFF_SECONDS: Final = 0.5


class Reading(Protocol):
    """What this process reads."""

    def between_fetches(self) -> tuple[Mapping[int, datetime], int]:
        """By partition how far, and the generation of the assignment."""


class KnownNow:
    """Looks once through what is parked of each assignment. `knows`: whether a type is one of the code's."""

    def __init__(
        self, connect: Callable[[], Awaitable[Connection]], reading: Reading, knows: Callable[[str], bool]
    ) -> None:
        self._connect, self._reading, self._knows = connect, reading, knows
        self._looked: int | None = None

    async def run(self) -> None:
        """Looks whenever partitions have been given to this process, for as long as it lives."""
        while True:
            await retry(self.look, STORE_FAILED, self._failed, BACK_OFF_SECONDS)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Asks for what is known now to be judged again; nothing where this assignment has been looked through."""
        reading, generation = self._reading.between_fetches()
        if not reading or generation == self._looked:
            return
        connection = await self._connect()
        try:
            after = 0
            while rows := await connection.fetch(sql("find_unknown"), list(reading), after, AT_ONCE):
                if known := [row["id"] for row in rows if self._is_known(row)]:
                    await connection.execute(sql("replay_known"), known)
                after = rows[-1]["id"]
        finally:
            connection.terminate()
        self._looked = generation
        STORE.back("known now")

    def _is_known(self, row: Any) -> bool:
        headers: Sequence[tuple[str, str | None]] = json.loads(row["headers"])
        try:
            envelope = read(
                row["value"], [(name, None if hex_ is None else bytes.fromhex(hex_)) for name, hex_ in headers]
            )
        except Unreadable:
            return False
        return self._knows(envelope.type)

    async def _failed(self, error: Exception) -> None:
        STORE.gone("known now", of_database(error))
