"""What a health authority asks of a service, counted on its work lists: at a slow pace, on a connection of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from chassis.clock import Timeline, real_now
from chassis.process.metric_list import SURVEYED
from chassis.process.metrics import Metrics
from chassis.process.outages import STORE
from chassis.questions.pool import READ_ONLY
from chassis.store.connection import STORE_FAILED, Connection

SURVEYING: Final = {**READ_ONLY, "jit": "off"}
"""Settings of its server sessions. To compile a statement that runs once takes longer than to run it."""


class Survey:
    """Counts for as long as the process lives; every process of a service counts the same.

    `statement`: takes an instant in the stack's time; each row is the name of a metric, the values of its labels, and
    a number. A metric of which it says nothing has no series.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        timeline: Timeline,
        statement: str,
        metrics: Metrics,
        pause_seconds: float,
    ) -> None:
        self._connect, self._timeline, self._statement = connect, timeline, statement
        self._metrics, self._pause_seconds = metrics, pause_seconds

    async def run(self) -> None:
        """Counts, now and then. While the database is away nothing is shown: old figures would pass for new ones."""
        while True:
            try:
                self._show(await self._count())
                STORE.back("survey")
            except STORE_FAILED as error:
                STORE.gone("survey", type(error).__name__)
                self._forget()
            await asyncio.sleep(self._pause_seconds)

    async def _count(self) -> Iterable[Any]:
        connection = await self._connect()
        try:
            rows: Iterable[Any] = await connection.fetch(self._statement, self._timeline.now())
            return rows
        finally:
            connection.terminate()

    def _show(self, rows: Iterable[Any]) -> None:
        found: dict[str, dict[Sequence[str | None], float]] = {}
        for row in rows:
            found.setdefault(row["metric"], {})[tuple(row["labels"])] = row["number"]
        for name in sorted(SURVEYED):
            self._metrics.show_all(name, found.get(name, {}))
        self._metrics.show_all("survey_timestamp_seconds", {(): real_now().timestamp()})

    def _forget(self) -> None:
        none: Mapping[Sequence[str | None], float] = {}
        for name in (*sorted(SURVEYED), "survey_timestamp_seconds"):
            self._metrics.show_all(name, none)
