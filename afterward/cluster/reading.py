"""Which topics a user may read: a consumer would wait for the others, and say so once a fetch."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, TopicDescription

from afterward.cluster.admin import ANSWER_SECONDS, admin_client
from chassis.bus_access import BusAccess


async def unreadable(bus: BusAccess, topics: Iterable[str]) -> list[str]:
    """Those of the topics that access lists keep from this user, in order. None where nobody says who they are.

    Raises OSError where a file cannot be read, KafkaException where the bus does not answer.
    """
    if not (bus.is_authenticated or bus.certificate_file):
        return []
    return await asyncio.to_thread(_unreadable, bus, sorted(set(topics)))


def _unreadable(bus: BusAccess, topics: list[str]) -> list[str]:
    admin = admin_client(bus)  # without it nobody answers
    asked = admin.describe_topics(
        TopicCollection(topics), include_authorized_operations=True, request_timeout=ANSWER_SECONDS
    )
    return [name for name in topics if not _is_readable(asked[name])]


def _is_readable(asked: "Future[TopicDescription]") -> bool:
    try:
        operations = asked.result(ANSWER_SECONDS).authorized_operations
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            return False
        raise
    return AclOperation.READ in operations
