"""A whole system behind access lists: each service as its own principal and its own role, and a stay is judged."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from afterward.stack.postgres import Postgres, ensure_databases
from afterward.stack.services import ServiceDaemon, environment
from afterward.stack.supervisor import aggregates_of, passwords
from chassis.process.access_settings import variables
from chassis.store.migrate import migrate
from schemas.envelope import HEADERS
from schemas.topics import events_topic, rejections_topic, report_topic
from tests.access.conftest import Cluster

SERVICES = ("directory", "intake", "treatment", "discharge", "followup")
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
WHO = {"/ports/": "port-", "/labs/": "laboratory-", "/hospitals/": "hospital-"}


@contextlib.asynccontextmanager
async def system(cluster: Cluster, data_dir: Path, **more: str) -> AsyncIterator[dict[str, ServiceDaemon]]:
    """Services that run under names of their own on both servers; `more`: settings of all of them."""
    postgres = Postgres(data_dir, durable=False)
    await postgres.start()
    daemons: dict[str, ServiceDaemon] = {}
    try:
        made = await ensure_databases(postgres.dsn(), passwords(data_dir, SERVICES), ours=True)
        for name, both in made.items():
            await migrate(both.owner, name, aggregates_of(name))
            given = environment(cluster.kafka, name, both.service, None) | variables(cluster.access(name)) | more
            daemons[name] = ServiceDaemon(name, data_dir, given)
            daemons[name].spawn()
        await asyncio.gather(*(daemon.ready() for daemon in daemons.values()))
        yield daemons
    finally:
        await asyncio.gather(*(daemon.stop() for daemon in daemons.values()))
        await postgres.stop()
        postgres.remove()


def principal_of(source: str) -> str:
    """Whose source it is; all of a kind are the one of the tests."""
    return next(f"{prefix}1" for root, prefix in WHO.items() if source.startswith(root))


async def publish(cluster: Cluster, *files: str) -> None:
    """Each report by its own publisher, in order."""
    async with contextlib.AsyncExitStack() as open_ones:
        producers: dict[str, AIOKafkaProducer] = {}
        for file in files:
            for line in (EXAMPLES / file).read_text().splitlines():
                report = json.loads(line)
                who = principal_of(report["source"])
                if who not in producers:
                    one = AIOKafkaProducer(**cluster.access(who).options(), acks="all", enable_idempotence=True)
                    producers[who] = await open_ones.enter_async_context(one)
                topic, key = report_topic(report["type"]).name, report["subject"].encode()
                await producers[who].send_and_wait(topic, line.encode(), key, headers=list(HEADERS))


async def heard(cluster: Cluster, who: str, topic: str, wanted: str, group: str) -> dict[str, Any]:
    """The first event of a type, as a reader of its own group sees it. Raises TimeoutError."""
    consumer = AIOKafkaConsumer(
        topic, **cluster.access(who).options(), group_id=group, auto_offset_reset="earliest", enable_auto_commit=True
    )
    async with consumer, asyncio.timeout(240):
        async for record in consumer:
            event: dict[str, Any] = json.loads(record.value)
            if event["type"] == wanted:
                return event
    raise AssertionError("the consumer ended")


@pytest.mark.needs_kafka
@pytest.mark.thorough
@pytest.mark.timeout(600)
async def test_a_stay_is_judged_by_services_that_may_do_only_what_is_theirs(ready: Cluster, tmp_path: Path) -> None:
    async with system(ready, tmp_path):
        await publish(ready, "in-hospital.jsonl", "going-home.jsonl")
        discharged = events_topic("discharge").name, "afterward.Discharged.v1"
        event = await heard(ready, "integrator-1", *discharged, "integrator-1.test")
        assert event["data"]["case_id"] == "sh-2020-1001"
        started = events_topic("followup").name, "afterward.QuarantineStarted.v1"
        await heard(ready, "callcentre-1", *started, "callcentre-1")


@pytest.mark.needs_kafka
@pytest.mark.thorough
@pytest.mark.timeout(600)
async def test_a_report_of_a_source_that_is_not_listed_is_answered_to_whoever_published_it(
    ready: Cluster, tmp_path: Path
) -> None:
    listed = tmp_path / "publishers.json"
    listed.write_text(json.dumps({"/ports/": None, "/labs/": ["discharge.reports.v1"]}))
    async with system(ready, tmp_path / "data", AFTERWARD_PUBLISHERS_FILE=str(listed)):
        await publish(ready, "in-hospital.jsonl")
        answers = rejections_topic("treatment").name, "afterward.ReportRejected.v1"
        answer = await heard(ready, "hospital-1", *answers, "hospital-1.answers")
        assert answer["data"]["code"] == "not_allowed"


@pytest.mark.needs_kafka
@pytest.mark.thorough
async def test_a_publisher_is_refused_where_it_has_nothing_to_say(ready: Cluster) -> None:
    async with AIOKafkaProducer(**ready.access("port-1").options(), acks="all") as producer:
        with pytest.raises(KafkaError, match=r"(?i)authoriz"):
            await producer.send_and_wait("treatment.reports.v1", b"{}", b"case-1")
