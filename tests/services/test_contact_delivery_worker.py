"""From an event on the bus to a receiver outside, and what became of it back in the service: on real servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from msgspec.json import decode
from standardwebhooks import Webhook as Verifier

from afterward.stack.archives import republish
from afterward.stack.supervisor import topic_spec
from afterward.stack.tansu import Tansu
from afterward.stack.topics import ensure_topics
from chassis.clock import real_now
from chassis.ids import event_id
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.store.connection import Connection, connect
from chassis.store.migrate import migrate
from schemas.envelope import HEADERS, Message, encode
from schemas.topics import TOPICS, registry
from services.contact.delivery_worker import DeliveryWorker
from services.contact.routes import SUBSCRIPTION, case
from services.contact.subscriptions import load
from tests.chassis.shared_bus import go_by_one_name
from tests.domain.contact.journeys import CENTRE, forwarded
from tests.services.receiving import Receiver, receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GENEROUS_SECONDS = 60
FILE = """
[[subscriptions]]
id = "centre"
types = ["AlertForwarded"]
since = 2020-10-01T00:00:00Z
institution_id = "{centre}"
webhook = {{ url = "{url}", secret_file = "a.secret", allow_private = true }}
"""


@dataclass
class Contact:
    """The service and its delivery worker, running, with one receiver."""

    receiver: Receiver
    settings: Settings
    delivery_worker: DeliveryWorker
    connection: Connection

    async def publish(self, message: Message, number: int) -> str:
        """An event as another service states it; its id."""
        subject, type_name, now = message.model_dump()["case_id"], message.type_name(), real_now()
        identity = event_id(f"test {number}", subject, type_name, number)
        topic = registry()[type_name][1]
        attributes: dict[str, Any] = {"source": topic.source, "sequence": number, "time": now}
        value = encode(message, id=identity, subject=subject, recordedtime=now, **attributes)
        async with AIOKafkaProducer(bootstrap_servers=self.settings.bootstrap_servers, acks="all") as producer:
            await producer.send_and_wait(topic.name, value, subject.encode(), headers=list(HEADERS))
        return identity

    async def settled(self, event: str) -> dict[str, Any]:
        """How the delivery of an event ended, once it has."""
        async with asyncio.timeout(GENEROUS_SECONDS):
            while not (found := await self._settled(event)):
                await asyncio.sleep(0.05)
        return found

    async def _settled(self, event: str) -> dict[str, Any]:
        row = await self.connection.fetchval(
            "SELECT convert_from(message, 'UTF8')::jsonb -> 'data' FROM archive "
            "WHERE convert_from(message, 'UTF8')::jsonb #>> '{data,event_id}' = $1 "
            "AND convert_from(message, 'UTF8')::jsonb #>> '{data,outcome}' IS NOT NULL",
            event,
        )
        found: dict[str, Any] = decode(row) if row else {}
        return found

    async def at_rest(self) -> None:
        """Returns once the delivery worker has read all there is on the bus now, and has nothing under way."""
        while await self.connection.fetchval("SELECT count(*) FROM outbox"):
            await asyncio.sleep(0.05)
        since = real_now()
        async with asyncio.timeout(GENEROUS_SECONDS):
            while not (await self.delivery_worker.health.idle(since))["idle"]:
                await asyncio.sleep(0.05)


@pytest.fixture
async def contact(tansu: Tansu, dsn: str, tmp_path: Path) -> AsyncIterator[Contact]:
    await ensure_topics(tansu.bootstrap_servers, [topic_spec(topic) for topic in TOPICS])
    (tmp_path / "a.secret").write_text(SECRET)
    async with receiving(Receiver()) as receiver:
        file = tmp_path / "subscriptions.toml"
        file.write_text(FILE.format(centre=CENTRE, url=receiver.url()))
        async with _running(tansu, dsn, file, receiver) as started:
            yield started


@asynccontextmanager
async def _running(tansu: Tansu, dsn: str, path: Path, receiver: Receiver) -> AsyncIterator[Contact]:
    given: dict[str, Any] = {"bootstrap_servers": tansu.bootstrap_servers, "database_dsn": dsn}
    given |= {"producer_idempotent": tansu.idempotent, "session_timeout_ms": 3_000, "fetch_max_wait_ms": 20}
    settings, file = Settings(**given, wakeup_poll_ms=50), load(path)
    aggregates = (case(file.subscribers), SUBSCRIPTION)
    await migrate(dsn, "contact", aggregates)
    await go_by_one_name(dsn)
    service, delivery_worker, connection = (
        Service("contact", aggregates, settings),
        DeliveryWorker(file, settings),
        await connect(dsn, 30),
    )
    try:
        for one in (service, delivery_worker):
            await one.app.start()
            async with asyncio.timeout(GENEROUS_SECONDS):
                await one.consumption.watermarks.known.wait()
        yield Contact(receiver, settings, delivery_worker, connection)
    finally:
        await asyncio.gather(service.app.stop(), delivery_worker.app.stop())
        await connection.close()


async def test_an_event_reaches_its_receiver_is_tried_again_and_is_never_sent_anew(contact: Contact) -> None:
    receiver = contact.receiver
    receiver.answers = [500]
    alert = forwarded(case_id="case-of-the-delivery-worker")
    event = await contact.publish(alert, 1)
    assert (await contact.settled(event))["attempts"] == 2
    status, body = await contact.delivery_worker.health_body()
    assert (status, body["healthy"]) == (200, True)
    assert contact.delivery_worker.metrics.records._value.get(), "what it has read is counted, for /metrics"
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == event
    emitted = Verifier(SECRET).verify(second.body, second.headers)
    assert emitted["data"] == alert.model_dump(mode="json", exclude_none=True)

    assert await republish(contact.settings.database_dsn) > 0
    await contact.at_rest()
    assert len(receiver.got) == 2, "a topic that is said again sends nothing that was settled"

    receiver.answers = [410]
    gone = await contact.settled(await contact.publish(forwarded(case_id="case-of-the-gone"), 2))
    assert gone["outcome"] == "gone"
    async with asyncio.timeout(GENEROUS_SECONDS):
        while await contact.connection.fetchval("SELECT is_on FROM subscription") is not False:
            await asyncio.sleep(0.05)
    last = await contact.settled(await contact.publish(forwarded(case_id="case-of-the-silent"), 3))
    assert (last["outcome"], last["attempts"]) == ("unsubscribed", 0)
    assert len(receiver.got) == 3, "who is gone is told nothing more"
