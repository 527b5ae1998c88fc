"""A whole stack as its operator has it: started by the command, told reports over the bus, asked for what it said."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from afterward.context.idle import advance, wait_until_idle
from afterward.context.target import local
from afterward.stack.running import Running, stack_timeline
from afterward.stack.supervisor import forget
from afterward.stack.topics import end_offsets
from schemas.envelope import HEADERS, Envelope, Headers, encode, read
from schemas.message import Report
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS, report_topic

LIMIT_SECONDS = 300
INSTITUTIONS = Path(__file__).parents[2] / "afterward" / "seed" / "institutions.jsonl"
A_DAY = timedelta(days=1)
EVENT_TOPICS = tuple(topic.name for topic in TOPICS if topic.direction == "out")


def afterward(data_dir: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    """The command line as its users call it; whatever it answers, nothing is raised."""
    command = [sys.executable, "-m", "afterward.cli", *arguments, "--data-dir", str(data_dir)]
    done = subprocess.run(command, input=given, capture_output=True, timeout=LIMIT_SECONDS, check=False)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


async def read_to_the_end(
    bootstrap_servers: str, partitions: Sequence[TopicPartition], limit_seconds: float = LIMIT_SECONDS
) -> list[ConsumerRecord[bytes, bytes]]:
    """Every record of these partitions up to where they end now, in the order of each. Raises TimeoutError."""
    ends = await end_offsets(bootstrap_servers, partitions)
    found: list[ConsumerRecord[bytes, bytes]] = []
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
        isolation_level="read_committed",
    )
    async with consumer, asyncio.timeout(limit_seconds):
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        for partition, end in ends.items():
            while await consumer.position(partition) < end:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found.extend(records)
    return found


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as its publisher made it."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = HEADERS


def envelope(report: Report, now: datetime | None = None) -> Sent:
    """A report on its way to its topic; the same report told again has the same id. `now`: when one that has no
    clinical time is written down."""
    when = report.clinical_at or now or datetime.fromisoformat("2020-09-14T00:00:00+08:00")
    identity = str(uuid5(NAMESPACE_URL, f"{report.type_name()} {report.model_dump_json()}"))
    value = encode(report, id=identity, source="/tests", subject=report.key, time=when, recordedtime=when)
    return Sent(report_topic(report.type_name()).name, report.key.encode(), value)


@dataclass
class Stack:
    """One stack in one data directory, on one bus, whose clock stands still between the steps of a story."""

    data_dir: Path
    bus: str
    sent: list[Sent] = field(default_factory=list)
    """All that was ever published, in order."""

    def up(self, *options: str) -> None:
        """Starts it and returns when it is ready."""
        started = afterward(self.data_dir, "up", "--detach", "--bus", self.bus, *options)
        assert started.returncode == 0, started.stderr

    def down(self) -> None:
        """Ends it in order; what it keeps on disk stays."""
        ended = afterward(self.data_dir, "down")
        assert ended.returncode == 0, ended.stderr

    @property
    def running(self) -> Running:
        """Who and where its processes are now."""
        return Running.load(self.data_dir)

    def now(self) -> datetime:
        """What its clock shows."""
        return stack_timeline(self.data_dir).now()

    async def until(self, instant: datetime) -> None:
        """The clock goes on to `instant`, through all that is due on the way."""
        await advance(local(self.data_dir), instant, hop=A_DAY, limit_seconds=LIMIT_SECONDS)

    async def quiet(self) -> None:
        """Returns once nothing is left to do."""
        await wait_until_idle(local(self.data_dir), LIMIT_SECONDS)

    async def tell(self, *reports: Report) -> None:
        """Publishes reports, and returns once all that follows from them has been said."""
        await self.publish_reports(*reports)
        await self.quiet()

    async def publish_reports(self, *reports: Report) -> None:
        """Publishes reports, and does not wait for what follows from them."""
        await self.publish(map(envelope, reports))

    async def publish(self, records: Iterable[Sent]) -> None:
        """Hands records to the bus, whatever they hold, and returns once it has them."""
        async with self.publishing() as publish:
            await publish(records)

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator[Callable[[Iterable[Sent]], Awaitable[None]]]:
        """`publish` on one connection, for as long as it is needed."""
        async with AIOKafkaProducer(
            bootstrap_servers=self.running.bootstrap_servers, acks="all", max_request_size=4 << 20
        ) as producer:

            async def publish(records: Iterable[Sent]) -> None:
                records = list(records)
                self.sent += records
                for sent in records:
                    await producer.send(sent.topic, sent.value, sent.key, headers=list(sent.headers))
                await producer.flush()

            yield publish

    async def records(self, topics: Sequence[str] = EVENT_TOPICS) -> list[ConsumerRecord[bytes, bytes]]:
        """Every record of these topics, from the first to the last."""
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        return await read_to_the_end(self.running.bootstrap_servers, partitions)

    async def events(self, case_id: str | None = None) -> list[Envelope]:
        """Everything that was said, about one case or about all."""
        read_back = [read(record.value, record.headers) for record in await self.records()]
        return [event for event in read_back if case_id in (None, event.subject)]

    def case(self, case_id: str) -> Mapping[str, Any]:
        """What `afterward case --json` tells of a case."""
        return self._asked("case", case_id)

    def bulletin(self, jurisdiction: str, date: str) -> Mapping[str, Any]:
        """What `afterward bulletin --json` tells of a day."""
        return self._asked("bulletin", "--jurisdiction", jurisdiction, "--date", date)

    def parked(self) -> list[Mapping[str, Any]]:
        """What `afterward parked list --json` tells, a row each."""
        listed = afterward(self.data_dir, "parked", "list", "--json")
        assert listed.returncode == 0, listed.stderr
        return [json.loads(line) for line in listed.stdout.splitlines()]

    def _asked(self, *question: str) -> Mapping[str, Any]:
        answered = afterward(self.data_dir, *question, "--json")
        assert answered.returncode == 0, answered.stderr
        answer: Mapping[str, Any] = json.loads(answered.stdout)
        return answer


@contextmanager
def running_stack(data_dir: Path, bus: str, clock: str, *options: str) -> Iterator[Stack]:
    """A new stack with a directory, its clock standing still at `clock`; ended, and all it kept taken away, whatever
    happens to it."""
    stack = Stack(data_dir, bus)
    try:
        stack.up("--fresh", "--clock", f"{clock}@step", *options)
        for arguments in (("publish", str(INSTITUTIONS)), ("wait",)):
            done = afterward(data_dir, *arguments)
            assert done.returncode == 0, done.stderr
        yield stack
    finally:
        afterward(data_dir, "down")
        forget(data_dir)
