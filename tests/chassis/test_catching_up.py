"""A real service that was away while whole stays were reported says what it would have said at the time, no more."""

import asyncio
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from afterward.stack.bus import Bus
from afterward.stack.supervisor import aggregates_of, topic_spec
from afterward.stack.topics import ensure_topics
from bench import stays
from bench.courses import case_id, evenings, renamed
from chassis.clock import VirtualTime, monotonic
from chassis.ids import partition_of
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.store.connection import connect
from chassis.store.migrate import migrate
from schemas.envelope import HEADERS, read
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS
from tests.chassis.fake_producer import GENEROUS_SECONDS
from tests.chassis.test_service import running

SERVICE = "discharge"
CASES = [case_id(number) for number in range(30)]
A_TICK_SECONDS = 0.002
READ = "SELECT coalesce(sum(next_offset), 0)::int FROM read_offset"
EMITTED = "SELECT message FROM archive WHERE key = ANY($1)"


async def tell(bus: Bus, clock: VirtualTime) -> int:
    """Whole stays, each evening one topic after the other; returns how many records that were."""
    number = 0
    async with AIOKafkaProducer(bootstrap_servers=bus.bootstrap_servers, acks="all", linger_ms=10) as producer:
        for evening, given in evenings(stays.whole_stay()):
            clock.step_to(evening, 0)
            for topic, share in groupby(sorted(given, key=_topic), key=_topic):
                await asyncio.sleep(A_TICK_SECONDS)  # stamps are whole milliseconds
                publications = [renamed(each, case) for each in share for case in CASES]
                sent = [
                    await producer.send(
                        topic, each.value, each.key.encode(), partition_of(each.key, PARTITIONS), headers=list(HEADERS)
                    )
                    for each in publications
                ]
                await asyncio.gather(*sent)
                number += len(publications)
    return number


def _topic(publication: Any) -> str:
    return str(publication.topic)


async def test_a_service_that_catches_up_says_no_more_than_was_said_at_the_time(
    bus: Bus, database: str, tmp_path: Path
) -> None:
    await migrate(database, SERVICE, aggregates_of(SERVICE))
    await ensure_topics(bus.bootstrap_servers, [topic_spec(topic) for topic in TOPICS])
    clock_file = tmp_path / "clock.json"
    records = await tell(bus, VirtualTime(clock_file))
    given: dict[str, Any] = {
        "bootstrap_servers": bus.bootstrap_servers,
        "database_dsn": database,
        "producer_idempotent": bus.idempotent,
        "session_timeout_ms": 3_000,
        "fetch_max_wait_ms": bus.fetch_max_wait_ms,
        "clock_file": clock_file,
    }
    connection = await connect(database, 30)
    async with running(Service(SERVICE, aggregates_of(SERVICE), Settings(**given))):
        deadline = monotonic() + 2 * GENEROUS_SECONDS
        while (await connection.fetchval(READ)) < records:
            assert monotonic() < deadline
            await asyncio.sleep(0.05)
    rows = await connection.fetch(EMITTED, CASES)
    connection.terminate()
    emitted = Counter(read(row["message"]).type for row in rows)
    assert emitted == {
        "afterward.DischargeCriteriaMet.v1": len(CASES),
        "afterward.Discharged.v1": len(CASES),
    }
