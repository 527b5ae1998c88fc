"""Channels of online care whose experts are all busy, and those who wait there.

They are told to a service's own engine, which is handed its batches by hand on one connection, as one worker has them.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any, Self

import asyncpg
import psutil

from afterward.stack.postgres import Postgres
from afterward.stack.supervisor import aggregates_of
from bench.courses import case_id
from bench.seeding import StoppedClock, connected, make_engine, record
from chassis.clock import monotonic
from chassis.consume.reader import Record, Wake
from chassis.store.connection import sql
from chassis.store.engine import Batch
from chassis.store.migrate import migrate
from chassis.timers import AT_ONCE
from schemas.message import Report
from schemas.reports.consultation import ChannelOpened, ConsultationCompleted, ConsultationRequested, ExpertRostered
from schemas.topic import PARTITIONS
from services.consultation.policy import MOST_OPEN
from story.publication import Statement, publication_of

BEGIN = datetime(2022, 12, 25, 3, tzinfo=UTC)
A_BATCH = 1_000
"""Reports that are told at once while the queues are filled, as many as a worker takes."""
FEVER = "386661006"
_ASSIGNED = "SELECT key, channel_id, expert_ref FROM consultation_request WHERE assigned ORDER BY key LIMIT $1"
_STAND = "SELECT count(*) FILTER (WHERE assigned), count(*) FILTER (WHERE waiting) FROM consultation_request"


@dataclass(frozen=True, slots=True)
class Layout:
    """So many channels, experts on duty in each, and people who wait in all of them."""

    channels: int
    experts: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What some reports took: processor seconds of our process and of its PostgreSQL backend, seconds of the clock.

    `assigned`: assignments; `woken`: judgements that no report asked for.
    """

    reports: int = 0
    assigned: int = 0
    woken: int = 0
    ours: float = 0.0
    postgres: float = 0.0
    seconds: float = 0.0

    def __add__(self, more: "Cost") -> "Cost":
        return Cost(
            self.reports + more.reports,
            self.assigned + more.assigned,
            self.woken + more.woken,
            self.ours + more.ours,
            self.postgres + more.postgres,
            self.seconds + more.seconds,
        )

    @property
    def microseconds(self) -> tuple[float, float]:
        """Of processor time an assignment: ours, and PostgreSQL's."""
        return self.ours / self.assigned * 1e6, self.postgres / self.assigned * 1e6

    @property
    def a_second(self) -> float:
        """Assignments, by the clock."""
        return self.assigned / self.seconds


class Queues:
    """One layout in a database of its own."""

    def __init__(self, layout: Layout, connection: Any, beside: Any, backend: psutil.Process) -> None:
        self.layout = layout
        self._clock = StoppedClock(BEGIN)
        self._engine = make_engine("consultation", aggregates_of("consultation"), self._clock)
        self._connection, self._beside, self._backend = connection, beside, backend
        self._offsets, self._asked = count(), count()

    @classmethod
    async def filled(cls, postgres: Postgres, layout: Layout, until: AsyncExitStack) -> Self:
        """Every expert has as many open as one may have, and so many wait. The connections end with `until`."""
        dsn = await _database(postgres, f"queue_{layout.channels}_{layout.waiting}")
        connection, beside = [await until.enter_async_context(connected(dsn)) for _ in range(2)]
        backend = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
        queues = cls(layout, connection, beside, backend)
        await queues._fill()
        await beside.execute("VACUUM (ANALYZE)")
        return queues

    async def _fill(self) -> None:
        layout, shift = self.layout, {"department": "infection", "prescriber": True}
        channels = [f"channel-{number}" for number in range(layout.channels)]
        await self.tell(ChannelOpened.model_validate(_CHANNEL | {"channel_id": one}) for one in channels)
        shift |= {"from": BEGIN - timedelta(hours=1), "until": BEGIN + timedelta(hours=23)}
        await self.tell(
            ExpertRostered.model_validate(shift | {"channel_id": one, "expert_ref": f"expert-{number:03}"})
            for one in channels
            for number in range(layout.experts)
        )
        full = layout.channels * layout.experts * MOST_OPEN
        await self.tell(self._requests(channels[number % len(channels)] for number in range(full + layout.waiting)))
        stands = tuple(await self._beside.fetchrow(_STAND))
        if stands != (full, layout.waiting):
            raise LookupError(f"{stands} are with an expert and wait, instead of {(full, layout.waiting)}")

    def _requests(self, channels: Iterable[str]) -> Iterator[Report]:
        """A new one to each of these."""
        for channel_id in channels:
            place = next(self._asked)
            yield ConsultationRequested(
                consultation_id=case_id(place),
                channel_id=channel_id,
                person_ref=f"person-{place}",
                jurisdiction="CN-ZJ",
                symptoms=(FEVER,),
                requested_at=self._clock.instant,
                mode="text",
            )

    async def serve(self, number: int, at_once: int) -> Cost:
        """So many consultations end and as many are asked for in their channels, `at_once` of each.

        The queues stay as long as they are. Raises LookupError where they do not.
        """
        before, cost = tuple(await self._beside.fetchrow(_STAND)), Cost()
        for _ in range(number // at_once):
            ended = await self._beside.fetch(_ASSIGNED, at_once)
            reports = [
                *(_completed(row["key"], row["expert_ref"], self._clock.instant) for row in ended),
                *self._requests(row["channel_id"] for row in ended),
            ]
            cost += await self.tell(reports)
        after = tuple(await self._beside.fetchrow(_STAND))
        if after != before:
            raise LookupError(f"{after} are with an expert and wait, where {before} did")
        return replace(cost, assigned=cost.reports // 2)

    async def tell(self, reports: Iterable[Report]) -> Cost:
        """Tells a worker these reports, and has judged whoever is woken, until nobody is."""
        cost = Cost()
        left = iter(reports)
        while chunk := [self._record(report) for report in islice(left, A_BATCH)]:
            cost += await self._judge(chunk)
        return cost

    def _record(self, report: Report) -> Record:
        offset = next(self._offsets)
        self._clock.instant += timedelta(milliseconds=1)
        now = self._clock.instant
        return record(publication_of(Statement(str(offset), report, "/platforms/bench", now), now), offset, now)

    async def _judge(self, records: Sequence[Record]) -> Cost:
        ours, postgres, began = time.process_time(), self._backend.cpu_times(), monotonic()
        woken, batch = 0, Batch(records, watermark=dict.fromkeys(range(PARTITIONS), self._clock.instant))
        while batch.size:
            batch = await self._engine.process(self._connection, batch)
            if not batch.wakes:
                wakes = await self._woken()
                woken += len(wakes)
                batch = replace(batch, wakes=wakes)
        used = self._backend.cpu_times()
        return Cost(
            reports=len(records),
            woken=woken,
            ours=time.process_time() - ours,
            postgres=used.user + used.system - postgres.user - postgres.system,
            seconds=monotonic() - began,
        )

    async def _woken(self) -> Sequence[Wake]:
        """Whom the service's own look finds; not by the clock, which stands long before any deadline."""
        watermark = dict.fromkeys(range(PARTITIONS), self._clock.instant)
        found = await self._connection.fetch(sql("find_due"), list(watermark), list(watermark.values()), AT_ONCE)
        return [Wake(self._engine.aggregates[row["kind"]], row["key"], row["partition"], row["due"]) for row in found]


_CHANNEL = {
    "institution_id": "zj-1",
    "name": "Green channel",
    "departments": ("infection",),
    "open_24h": True,
    "opened_at": BEGIN - timedelta(hours=1),
}


def _completed(consultation_id: str, expert_ref: str, at: datetime) -> Report:
    return ConsultationCompleted(
        consultation_id=consultation_id, expert_ref=expert_ref, completed_at=at, advice="rest", refer_offline=False
    )


async def _database(postgres: Postgres, name: str) -> str:
    """The DSN of a new database of the service."""
    admin = await asyncpg.connect(postgres.dsn())
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    finally:
        await admin.close()
    await migrate(postgres.dsn(name), "consultation", aggregates_of("consultation"))
    return postgres.dsn(name)
