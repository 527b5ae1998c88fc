"""Where FastStream's hands end: how it reads for us, and records taken as they are."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, InconsistentGroupProtocolError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.security import BaseSecurity, SASLOAuthBearer, SASLPlaintext, SASLScram256, SASLScram512

from chassis.clock import Timeline
from chassis.consume.consumer import Consumer
from chassis.consume.fetches import Fetches
from chassis.consume.library_internals import GroupSubscriber, has_stopped_fetching, of_class
from chassis.consume.reader import Record
from chassis.consume.unpacking import pass_over_unreadable
from chassis.consume.watermarks import arrival
from chassis.process.outages import BUS, CLIENT
from chassis.process.settings import Settings
from chassis.process.shutdown import stop

log = logging.getLogger("afterward.service")

MAX_POLL_INTERVAL_MS = 15 * 60 * 1000
"""Who waits for a database or an addressee holds the consumer back; that is no reason to lose the partitions."""
RECORD_MAX_BYTES = 4 * 1024 * 1024 + 64 * 1024
LATE_MS = 5_000
"""An answer of the bus may come so much later than the group forgets a member; then its connection is given up."""
LONGEST_FETCH_MS = 1_000
"""A fetch returns as soon as there is anything. So long it waits for that: errors of the group are told between two."""

Fetched = Sequence[ConsumerRecord[Any, Any]]


def make_broker(settings: Settings, grace_seconds: float) -> KafkaBroker:
    """A FastStream broker that only reads. `grace_seconds`: what is under way when it stops may take as long."""
    options = settings.bus.options()
    return KafkaBroker(
        options["bootstrap_servers"],
        security=_security(options),
        sasl_oauth_token_provider=options.get("sasl_oauth_token_provider"),
        apply_types=False,
        allow_auto_create_topics=False,
        consumer_only=True,
        graceful_timeout=grace_seconds,
        request_timeout_ms=settings.session_timeout_ms + LATE_MS,
        logger=logging.getLogger("faststream.access"),
        log_level=logging.DEBUG,  # of "Received" and "Processed": two lines a batch tell nobody anything
    )


def _security(options: Mapping[str, Any]) -> BaseSecurity:
    """aiokafka's options as FastStream takes them."""
    tls: dict[str, Any] = {"ssl_context": options.get("ssl_context"), "use_ssl": "ssl_context" in options}
    match options.get("sasl_mechanism"):
        case None:
            return BaseSecurity(**tls)
        case "OAUTHBEARER":
            return SASLOAuthBearer(**tls)
        case mechanism:
            return _BY_PASSWORD[mechanism](options["sasl_plain_username"], options["sasl_plain_password"], **tls)


_BY_PASSWORD: Mapping[str, Callable[..., BaseSecurity]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


class Fetching(Protocol):
    """Whoever hears what comes of the fetches."""

    async def refused(self) -> None:
        """The group refuses this process; returns when it may be asked again."""

    def fetched(self) -> None:
        """A fetch was answered."""


class Subscriber(GroupSubscriber):
    """Reads for us. When it joins its group, and under which name, is for a `Membership` to say.

    FastStream sleeps after each fetch that brought nothing, for as long as it waited; ours only waits.
    """

    heard_by: Fetching
    fetches: Fetches

    async def start(self) -> None:
        """FastStream starts every subscriber, and this one is not to begin then."""

    async def join(self, assignor: type[RangePartitionAssignor]) -> None:
        """Joins its group with a consumer that is new; returns when it has its part. Raises KafkaError."""
        self.assign_by(assignor)
        await super().start()

    async def get_msg(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord[Any, Any], ...]:
        """What there is on the bus, its topics in step; empty after a while without any.

        When the task in which aiokafka fetches has ended, the process stops.
        """
        if has_stopped_fetching(consumer):
            stop("nobody fetches from the bus any more; the process stops")
        pass_over_unreadable(consumer)
        try:
            records = await self.fetches.next(consumer, self.batch_timeout_ms)
        except InconsistentGroupProtocolError:
            await self.heard_by.refused()
            return ()
        self.heard_by.fetched()
        if BUS.lasts and _has_answered_since(consumer, BUS.began_ms):
            BUS.back(CLIENT)
        return tuple(records)


def subscribe(
    broker: KafkaBroker,
    topics: Iterable[str],
    group: str,
    receive: Callable[[Fetched], Awaitable[None]],
    *,
    listener: ConsumerRebalanceListener,
    max_records: int,
    settings: Settings,
) -> Subscriber:
    """Whatever the topics bring is handed to `receive`, one fetch at a time, and its offsets are left to it."""
    made = broker.subscriber(
        *topics,
        batch=True,
        batch_timeout_ms=LONGEST_FETCH_MS,
        max_records=max_records,
        group_id=group,
        group_instance_id=settings.group_instance_id,
        auto_offset_reset="earliest",
        isolation_level="read_committed",  # what a publisher's transaction aborted was never said
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        listener=listener,
        fetch_max_wait_ms=settings.fetch_max_wait_ms,
        max_partition_fetch_bytes=RECORD_MAX_BYTES,
        fetch_max_bytes=RECORD_MAX_BYTES,  # over all partitions: a fetch lies in memory several times at once
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=settings.session_timeout_ms // 3,
        max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
        parser=take_as_they_are,
        decoder=leave_as_they_are,
    )
    subscriber = of_class(made, Subscriber)
    subscriber(receive)
    return subscriber


def _has_answered_since(consumer: Consumer, since_ms: int) -> bool:
    """Whether a fetch has been answered since then."""
    return any((consumer.last_poll_timestamp(partition) or 0) > since_ms for partition in consumer.assignment())


async def commit(consumer: Consumer, offsets: Mapping[TopicPartition, int]) -> None:
    """Tells the group how far has been read; only operators look there, so whatever goes wrong is no harm."""
    try:
        await consumer.commit(offsets)
    except (CommitFailedError, IllegalStateError) as refused:
        log.info("offsets refused (%s): another has the partitions, and skips what is judged", type(refused).__name__)
    except KafkaError as error:
        BUS.gone("offsets", type(error).__name__)  # the store knows them
    else:
        BUS.back("offsets")


async def take_as_they_are(records: Fetched) -> KafkaMessage:
    """A parser that never raises: FastStream's own does on a header that is null or not UTF-8."""
    return KafkaMessage(body=b"", headers={}, raw_message=tuple(records), consumer=None)  # type: ignore[arg-type]


async def leave_as_they_are(message: KafkaMessage) -> Any:
    """The records that were taken."""
    return message.raw_message


def records_of(fetched: Fetched, timeline: Timeline) -> Iterator[Record]:
    """What was fetched, with the instant at which each record came by the stack's clock."""
    received_at: dict[int, datetime] = {}  # many come in the same millisecond
    for record in fetched:
        at = received_at.get(record.timestamp)
        if at is None:
            at = received_at[record.timestamp] = timeline.at(arrival(record.timestamp))
        yield Record(
            record.topic, record.partition, record.offset, record.key, record.value, record.headers, at,
            stamp=record.timestamp,
        )  # fmt: skip
