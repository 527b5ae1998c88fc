"""Topics as they should be on any Kafka-compatible bus, and where each of their partitions really ends."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from afterward.stack.clients import started
from chassis.bus_access import BusAccess, options_of

_FETCH_MS = 20
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic; `config` in the broker's own names (`retention.ms`, `cleanup.policy` …)."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


class TopicsDiffer(RuntimeError):
    """A topic has another number of partitions than declared; changing that would tear its cases apart."""


async def ensure_topics(
    bus: BusAccess | str, topics: Sequence[TopicSpec], *, replication: int = 1, limit_seconds: float = 60
) -> None:
    """Create what is missing, wait until it can be written to, and check the partition counts of what was there.

    The configuration of a topic that exists is left as it is: it may have been tuned. Raises TopicsDiffer, which names
    each such topic with what was found and what was wanted; TimeoutError; aiokafka's errors.
    """
    admin = AIOKafkaAdminClient(**options_of(bus))
    async with asyncio.timeout(limit_seconds):
        await admin.start()
        try:
            known = await _partition_counts(admin)
            await _create(admin, [topic for topic in topics if topic.name not in known], replication)
            while not {topic.name for topic in topics} <= known.keys():
                known = await _partition_counts(admin)
                await asyncio.sleep(_POLL_SECONDS)
        finally:
            await admin.close()
    _compare(topics, known)


async def end_offsets(bus: BusAccess | str, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """The offset after the last record of each partition that has been said, as of a fetch sent after the call.

    What belongs to a transaction that is still open, and lies behind it, has not been said yet.

    ListOffsets, which a consumer's own `end_offsets()` asks, answers too low on the embedded bus: here it only says
    from where on to look, and the high water of the fetch says the rest. Raises aiokafka's errors.
    """
    consumer = AIOKafkaConsumer(
        **options_of(bus),
        fetch_max_wait_ms=_FETCH_MS,
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    async with started(consumer):
        consumer.assign(partitions)
        for partition, offset in (await consumer.end_offsets(partitions)).items():
            consumer.seek(partition, offset)
        while any(consumer.highwater(partition) is None for partition in partitions):
            await consumer.getmany(timeout_ms=_FETCH_MS)
        return {partition: _end(consumer, partition) for partition in partitions}


def _end(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int:
    stable = consumer.last_stable_offset(partition)
    return int(consumer.highwater(partition) if stable is None or stable < 0 else stable)


async def _partition_counts(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """Of all topics whose partitions have leaders. Asking for one by name would make the embedded bus create it."""
    described = await admin.describe_topics()
    return {
        topic["topic"]: len(topic["partitions"])
        for topic in described
        if all(partition["leader"] >= 0 for partition in topic["partitions"])
    }


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[TopicSpec], replication: int) -> None:
    if not topics:
        return
    wanted = [NewTopic(topic.name, topic.partitions, replication, topic_configs=dict(topic.config)) for topic in topics]
    response: Any = await admin.create_topics(wanted)
    for name, code, message in response.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:  # somebody else may be doing the same
            raise error(f"{name}: {message}")


def _compare(topics: Sequence[TopicSpec], known: Mapping[str, int]) -> None:
    differing = [
        f"{topic.name} has {known[topic.name]} partitions, {topic.partitions} are wanted"
        for topic in topics
        if known[topic.name] != topic.partitions
    ]
    if differing:
        found = "; ".join(differing)
        raise TopicsDiffer(
            f"{found}: cases would be torn apart. Use another bus, or delete such a topic if it is empty"
        )
