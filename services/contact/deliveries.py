"""The delivery worker's rounds: requests from the bus, effects, what became of them back on the bus; then, and only
then, the offsets.

So every request is carried at least once. Before it is, the delivery worker asks the service's database whether the
attempt is still awaited: a topic that is said again, or read again from its beginning, sends nothing that was settled
long ago.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.clock import Timeline, real_ns
from chassis.consume.reader import Record
from chassis.ids import event_id
from chassis.process.metrics import Metrics
from chassis.publish.relay import end_producer
from chassis.publish.traces import Mark, Span, Tracing, about_record, name_of
from chassis.retrying import retry
from chassis.store.connection import STORE_FAILED, Connection, sql
from schemas.envelope import HEADERS, Envelope, Invalid, Report, Unreadable, encode, read, validate
from schemas.events.contact import ContactRequested
from schemas.reports.contact import DELIVERY_WORKER, ContactReported, SubscriptionSwitched
from schemas.topics import registry, report_topic
from services.contact.adapters.port import Result, failed
from services.contact.context import switched_off
from services.contact.delivery import Delivery

log = logging.getLogger("afterward.contact")

BACK_OFF_SECONDS = 0.5
WANTED = ContactRequested.type_name()
EMITTED_BY = registry()[WANTED][1].source
"""Whose word a request is: an effect is not for others to ask for."""


class Asked(NamedTuple):
    """A request, and the record that holds it."""

    request: ContactRequested
    record: Record
    envelope: Envelope


class Tried(NamedTuple):
    """A request, and what became of it; `span`: that of the attempt, where its trace is taken.

    `traceparent`: what a report of it says; None where there are no traces at all.
    """

    request: ContactRequested
    result: Result
    span: Span | None = None
    traceparent: str | None = None


class Attempt(NamedTuple):
    """A report of ours, when it was written, and its `traceparent`."""

    report: Report
    at: datetime
    traceparent: str | None


class Deliveries:
    """Carries the requests of one fetch after the other. Store and bus are tried again until they answer."""

    def __init__(
        self,
        delivery: Delivery,
        connect: Callable[[], Awaitable[Connection]],
        make_producer: Callable[[], AIOKafkaProducer],
        timeline: Timeline,
        send_timeout_seconds: float,
        metrics: Metrics,
        tracing: Tracing | None = None,
    ) -> None:
        self._delivery, self._connect, self._make_producer = delivery, connect, make_producer
        self._timeline, self._send_timeout_seconds = timeline, send_timeout_seconds
        self._metrics, self._tracing = metrics, tracing
        self._connection: Connection | None = None
        self._producer: AIOKafkaProducer | None = None

    async def carry(self, records: Iterable[Record]) -> None:
        """Returns once the bus has what became of every request that was still awaited."""
        asked, begun = requests(records), real_ns()
        if not asked:
            return
        awaited, off = await self._awaited([one.request for one in asked])
        due = [one for one in asked if awaited.get(one.request.delivery_id) == one.request.attempt]
        with self._metrics.timed("deliver"):
            tried = await asyncio.gather(*(self._try(one, off) for one in due))
        delivered = "deliver", real_ns()
        for one in tried:
            self._metrics.count("deliveries_total", one.result.outcome)
        await self._say([attempt for one in tried for attempt in self.reports_of(one)])
        if self._tracing is not None:
            _show(self._tracing, tried, begun, delivered)

    async def _try(self, asked: Asked, off: frozenset[str]) -> Tried:
        request, begun = asked.request, real_ns()
        if request.subscription_id in off:
            result = failed("unsubscribed")
        else:
            result = await self._delivery.carry(request)
        if self._tracing is None:
            return Tried(request, result)
        span = _span(self._tracing, asked, result, begun)
        return Tried(request, result, span, span.place.traceparent if span else asked.envelope.traceparent)

    async def _awaited(self, asked: Sequence[ContactRequested]) -> tuple[Mapping[str, int], frozenset[str]]:
        """`delivery_id` → the attempt that is awaited; and the subscriptions that are off."""
        return await retry(partial(self._ask, asked), STORE_FAILED, _not_asked, BACK_OFF_SECONDS)

    async def _ask(self, asked: Sequence[ContactRequested]) -> tuple[Mapping[str, int], frozenset[str]]:
        connection = await self._connected()
        cases = sorted({request.about for request in asked})
        rows = await connection.fetch(sql("read_awaited", "services.contact.sql"), cases)
        return _by_delivery(row["awaited"] for row in rows), await switched_off(connection)

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        return self._connection

    def reports_of(self, tried: Tried) -> Iterator[Attempt]:
        request, result, _, trace = tried
        now = self._timeline.now()
        if result.outcome == "gone":
            name = request.subscription_id
            switched = SubscriptionSwitched(subscription_id=name, on=False, switched_at=now, why=result.outcome)
            yield Attempt(switched, now, trace)
        report = ContactReported(
            about=request.about,
            delivery_id=request.delivery_id,
            attempt=request.attempt,
            outcome=result.outcome,
            reported_at=now,
            reason=result.reason,
        )
        yield Attempt(report, now, trace)

    async def _say(self, reports: Sequence[Attempt]) -> None:
        """The bus has them when this returns, however long it takes: the effects have been had already."""
        if reports:
            unsent = (KafkaError, OSError, TimeoutError)
            with self._metrics.timed("publish"):
                await retry(partial(self._send_all, reports), unsent, self._not_sent, BACK_OFF_SECONDS)

    async def _send_all(self, reports: Sequence[Attempt]) -> None:
        producer = await self._started()
        async with asyncio.timeout(self._send_timeout_seconds):
            await asyncio.gather(*(_send(producer, report) for report in reports))

    async def _not_sent(self, error: Exception) -> None:
        log.warning("delivery worker: %s of the bus; what became of it is said again", type(error).__name__)
        await self._end_producer()

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = self._make_producer()
            async with asyncio.timeout(self._send_timeout_seconds):
                await self._producer.start()
        return self._producer

    async def _end_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await end_producer(producer)

    async def close(self) -> None:
        """Lets store and bus go."""
        await self._end_producer()
        if self._connection is not None:
            with suppress(Exception):
                self._connection.terminate()


def _span(tracing: Tracing, asked: Asked, result: Result, begun: int) -> Span | None:
    """That of an attempt which is over; None where its trace is not taken."""
    request, record, envelope = asked
    place = tracing.place(envelope.subject, envelope.traceparent, envelope.id)
    if place is None:
        return None
    about = {**about_record(record, envelope, begun), "cloudevents.event_subject": request.about}
    about["afterward.outcome"] = result.reason or result.outcome
    return Span(name_of(tracing.service, envelope), place, begun, real_ns(), about)


def _show(tracing: Tracing, tried: Sequence[Tried], begun: int, delivered: Mark) -> None:
    parts = [one.span for one in tried if one.span is not None]
    tracing.batch(parts, {"afterward.records": len(tried)}, (delivered, ("publish", real_ns())), begun)


def requests(records: Iterable[Record]) -> list[Asked]:
    """The requests among records, each attempt once. What is no request of ours is nobody's to answer here."""
    found: dict[tuple[str, int], Asked] = {}
    for record in records:
        try:
            envelope = read(record.value, record.headers)
            if envelope.type == WANTED and envelope.source != EMITTED_BY:
                log.error("delivery worker: %s[%s]@%s is of another source", *_place(record))
            elif envelope.type == WANTED:
                request = validate(ContactRequested, envelope.data)
                found[request.delivery_id, request.attempt] = Asked(request, record, envelope)
        except (Unreadable, Invalid):
            log.error("delivery worker: %s[%s]@%s is no event of ours", *_place(record))  # noqa: TRY400
    return list(found.values())


def _place(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset


async def _not_asked(error: Exception) -> None:
    log.warning("delivery worker: %s of the database; it is asked again", type(error).__name__)


def _by_delivery(documents: Iterable[str]) -> Mapping[str, int]:
    return {name: attempt for document in documents for name, attempt in msgspec.json.decode(document).items()}


async def _send(producer: AIOKafkaProducer, attempt: Attempt) -> None:
    """Under an id that follows from what it says: an effect that is had twice is reported twice, and judged once."""
    report, at, trace = attempt
    type_name = report.type_name()
    value = encode(
        report,
        id=event_id(report.model_dump_json(exclude={"reported_at"}), report.key, type_name, 0),
        source=DELIVERY_WORKER,
        subject=report.key,
        time=at,
        recordedtime=at,
        traceparent=trace,
    )
    await producer.send_and_wait(report_topic(type_name).name, value, report.key.encode(), headers=list(HEADERS))
