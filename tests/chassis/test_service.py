"""A whole service in this process, judging patients on a real bus and a real database."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event

from afterward.stack.bus import Bus
from afterward.stack.supervisor import topic_spec
from afterward.stack.topics import ensure_topics
from chassis import stopping
from chassis.service import Service
from chassis.settings import Settings
from chassis.store import connect
from schemas.envelope import Envelope, read
from schemas.topics import TOPICS
from tests.chassis.consumer import FakeConsumer
from tests.chassis.desk import SERVICE, TOPIC, raw, record
from tests.chassis.press import GENEROUS_SECONDS, read_topic
from tests.chassis.toy import IMPOSSIBLE_C, PATIENT, RAISING_C, Defect, reading
from chassis.reading import Record


@pytest.fixture
async def started(bus: Bus, dsn: str) -> Settings:
    """The settings of a service on this bus and a database of the test's own; all topics are there."""
    await ensure_topics(bus.bootstrap_servers, [topic_spec(topic) for topic in TOPICS])
    return settings_for(bus, dsn)


def settings_for(bus: Bus, dsn: str, **more: Any) -> Settings:
    settings = {
        "bootstrap_servers": bus.bootstrap_servers,
        "database_dsn": dsn,
        "producer_idempotent": bus.idempotent,
        "session_timeout_ms": 3_000,
        "fetch_max_wait_ms": 20,
        "wakeup_poll_ms": 50,
    }
    return Settings(**{**settings, **more})
