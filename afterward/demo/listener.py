"""An integrator beside the story: reads every event, keeps count, and notes what people are asked for."""

import asyncio
from collections import Counter, defaultdict

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.bus_access import BusAccess, options_of
from schemas.envelope import Envelope, read
from schemas.events.consultation import ConsultationAssigned, ConsultationClosed, ConsultationQueued
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS, events_topic, registry
from story import ASKING

OUT = tuple(topic.name for topic in TOPICS if topic.direction == "out")
ASKED_ON = frozenset(registry()[asking][1].name for asking in ASKING)
"""The topics on which somebody is asked for something."""
LINKAGES = events_topic("primarycare").name
_ASKING = tuple(asking.encode() for asking in ASKING)
_OF_A_LINKAGE = b'"afterward.Linkage'
CONSULTATIONS = events_topic("consultation").name
_STANDING = tuple(
    event.type_name().encode() for event in (ConsultationQueued, ConsultationAssigned, ConsultationClosed)
)


class Listener:
    """Reads all events as they come. `counts`: records by topic; `linkages`: case → what was said of its linkage.

    `subjects`: the cases, consultations or prescriptions of which every event is kept, in `heard`.
    """

    def __init__(self, bus: BusAccess | str, *subjects: str) -> None:
        self.counts: Counter[str] = Counter()
        self.heard: list[Envelope] = []
        """Every event about the subjects of interest, in the order in which it was read."""
        self.consultations: list[Envelope] = []
        """What was said of how each consultation stands."""
        self.linkages: defaultdict[str, list[Envelope]] = defaultdict(list)
        self._requests: list[Envelope] = []
        self._subjects = frozenset(subject.encode() for subject in subjects)
        self._consumer = AIOKafkaConsumer(
            **options_of(bus),
            enable_auto_commit=False,
            fetch_max_wait_ms=20,
            isolation_level="read_committed",
        )
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Listener":
        from chassis.consume.unpacking import pass_over_unreadable  # noqa: PLC0415 - much to load for other verbs

        try:
            await self._consumer.start()
        except BaseException:
            await self._consumer.stop()
            raise
        pass_over_unreadable(self._consumer)
        partitions = [TopicPartition(topic, number) for topic in OUT for number in range(PARTITIONS)]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_beginning(*partitions)
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._consumer.stop()

    async def caught_up(self) -> None:
        """Returns once everything that was on the bus when this was asked has been read."""
        asked: dict[TopicPartition, int] = {}
        while True:
            behind = False
            for partition in self._consumer.assignment():
                polled = self._consumer.last_poll_timestamp(partition)
                asked.setdefault(partition, polled or 0)
                end = self._consumer.last_stable_offset(partition)
                read_all = end is not None and await self._consumer.position(partition) >= end
                behind = behind or not read_all or (polled or 0) <= asked[partition]
            if not behind:
                return
            await asyncio.sleep(0.01)

    def requests(self) -> list[Envelope]:
        """The events since this was last asked that ask somebody for something."""
        requests, self._requests = self._requests, []
        return requests

    async def _listen(self) -> None:
        while True:
            for partition, records in (await self._consumer.getmany(timeout_ms=200)).items():
                self.counts[partition.topic] += len(records)
                for record in records:
                    value = record.value or b""
                    if partition.topic in ASKED_ON and any(asking in value for asking in _ASKING):
                        self._requests.append(read(value, record.headers))
                    if partition.topic == LINKAGES and _OF_A_LINKAGE in value:
                        event = read(value, record.headers)
                        self.linkages[event.subject].append(event)
                    if partition.topic == CONSULTATIONS and any(standing in value for standing in _STANDING):
                        self.consultations.append(read(value, record.headers))
                    if record.key in self._subjects:
                        self.heard.append(read(record.value, record.headers))
