"""Thousands of results of one case, and one report of another in the same worker: it hardly waits."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from time import process_time

import pytest

from chassis.consume import workers
from chassis.consume.reader import Reader, Record
from chassis.consume.turns import Chunk
from chassis.consume.workers import Worker
from chassis.process.metrics import Metrics
from chassis.store.connection import connect
from chassis.store.engine import Engine
from chassis.store.migrate import migrate
from schemas.topic import PARTITIONS
from services.treatment.routes import AGGREGATES
from tests.chassis.engine_fixture import Now
from tests.chassis.fake_engine import until
from tests.domain.treatment import journeys
from tests.hot.cost import affordable_seconds
from tests.hot.streams import STREAMS

RESULTS = 5_000
OTHER = "case-other"
SERVICE = "treatment"


async def test_one_report_behind_five_thousand_of_another_case(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "monotonic", lambda: 0.0)  # shares grow, however slow the machine is just now
    await migrate(database, SERVICE, AGGREGATES)
    hot = next(stream for stream in STREAMS if stream.name == "treatment results")
    records = [hot.record(hot.make(n), n, journeys.RECEIVED_AT + timedelta(milliseconds=n)) for n in range(RESULTS)]
    report = journeys.result("r-1", "09-14T23:00").model_copy(update={"case_id": OTHER})
    other = hot._replace(aggregate="other", case_id_of=OTHER).record(
        report, RESULTS, journeys.RECEIVED_AT + timedelta(minutes=1)
    )
    worker = make_worker(database)
    job, begun = asyncio.create_task(worker.run()), process_time()
    for first in range(0, RESULTS, 1_000):
        await worker.put(Chunk(records[first : first + 1_000], (), {}, 1))
    await worker.put(Chunk([other], (), {}, 1))
    connection = await connect(database, 30)
    await until(lambda: worker.tries > 1)
    known = await connection.fetchval("SELECT count(*) FROM state WHERE key = $1 AND version > 0", OTHER)
    waited = process_time() - begun
    await until(lambda: worker.idle)
    seconds = process_time() - begun
    assert known == 1, "judged in the first transaction"
    assert waited < affordable_seconds(1_000)
    assert await connection.fetchval("SELECT count(*) FROM archive") == RESULTS + 1
    assert worker.tries < 20
    assert seconds < affordable_seconds(RESULTS), "the reading of the clock included"
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    await connection.close()


class Uncommitted:
    """Where the records come from: one assignment, and no offset is committed."""

    generation = 1

    async def commit(self, _records: Sequence[Record], _generation: int) -> None:
        return None


def make_worker(dsn: str) -> Worker:
    """A worker of treatment that holds what it is handed, and commits nothing."""
    reader = Reader(AGGREGATES, timedelta(days=1_000))
    engine = Engine(SERVICE, AGGREGATES, reader, Now(journeys.RECEIVED_AT), PARTITIONS, Metrics(SERVICE))

    return Worker(engine, lambda: connect(dsn, 30), Uncommitted(), lambda: None, 1_000, 100_000_000)
