"""The samples that the pages for hospitals and integrators show run as they stand there."""

import asyncio
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from afterward.reports import Report, check
from afterward.stack.bus import Bus
from afterward.stack.kafka import Kafka
from afterward.stack.kafka.jars import class_path
from afterward.stack.tansu import Tansu
from afterward.stack.topics import TopicSpec, ensure_topics
from schemas.topics import TOPICS

STREAM = "examples/folding/events.jsonl"
DOCS = Path(__file__).parents[2] / "docs"


def samples(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def on(bus: Bus, sample: str) -> str:
    """A sample that speaks to this bus."""
    assert "localhost:9092" in sample
    return sample.replace("localhost:9092", bus.bootstrap_servers)


async def run(*command: str) -> None:
    """Runs a program to its end; fails with what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()


async def published(bus: Bus, topic: str) -> list[Report]:
    """The reports on a topic, each checked as the services check it."""
    async with AIOKafkaConsumer(topic, bootstrap_servers=bus.bootstrap_servers, auto_offset_reset="earliest") as reader:
        batches = await reader.getmany(timeout_ms=10_000)
    found = []
    for record in (record for batch in batches.values() for record in batch):
        report = check(record.value)
        assert isinstance(report, Report), report
        assert (report.topic, report.key) == (record.topic, record.key)
        found.append(report)
    return found


async def with_topics(bus: Bus) -> None:
    await ensure_topics(bus.bootstrap_servers, [TopicSpec(topic.name, 1, topic.config) for topic in TOPICS])


async def test_the_publisher_in_python_sends_valid_reports(tansu: Tansu) -> None:
    (sample,) = samples("hospital.md", "python")
    await with_topics(tansu)

    await run(sys.executable, "-c", on(tansu, sample))

    assert len(await published(tansu, "treatment.reports.v1")) == 2
    assert len(await published(tansu, "discharge.reports.v1")) == 1


@pytest.mark.needs_kafka
async def test_the_publisher_in_java_sends_a_valid_report(kafka: Kafka, tmp_path: Path) -> None:
    if shutil.which("javac") is None:
        pytest.skip("no Java compiler: the sample in Java was not run")
    (sample,) = samples("hospital.md", "java")
    (tmp_path / "Publish.java").write_text(on(kafka, sample), encoding="utf-8")
    await with_topics(kafka)

    await run("java", "-cp", class_path(), str(tmp_path / "Publish.java"))

    assert len(await published(kafka, "treatment.reports.v1")) == 1


async def test_the_readers_print_what_their_page_shows(tansu: Tansu) -> None:
    discharges, calls = samples("integrators.md", "python")
    shown_discharges, shown_calls = (block.splitlines() for block in samples("integrators.md", "text"))
    await with_topics(tansu)
    await publish_the_stream(tansu)

    first, second = await asyncio.gather(
        first_lines(on(tansu, discharges), 2), first_lines(on(tansu, calls), len(shown_calls))
    )

    assert first == shown_discharges
    assert second == shown_calls


async def publish_the_stream(bus: Bus) -> None:
    """The stream of the folding example, each event on its service's topic."""
    async with AIOKafkaProducer(bootstrap_servers=bus.bootstrap_servers) as producer:
        for line in (DOCS / STREAM).read_bytes().splitlines():
            event = json.loads(line)
            topic = f"{event['source'].removeprefix('/services/')}.events.v1"
            await producer.send_and_wait(topic, line, key=event["subject"].encode())


async def first_lines(sample: str, count: int) -> list[str]:
    """What a sample that goes on waiting prints first; it is ended then. Fails when a minute is not enough."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", sample, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            return [(await process.stdout.readline()).decode().rstrip() for _ in range(count)]
    finally:
        process.kill()
        await process.wait()
