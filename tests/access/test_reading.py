"""Whoever may read some of the topics is told what they may of refused reports, and which topics are missing."""

import asyncio
import json
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner, Result

from afterward.cli.app import app
from afterward.cluster.reading import unreadable
from afterward.context import cluster, kept
from schemas.envelope import HEADERS
from schemas.topics import TOPICS, rejections_topic
from tests.access.conftest import ADMIN, Cluster
from tests.schemas.examples import valid

pytestmark = [pytest.mark.needs_kafka, pytest.mark.timeout(300)]

HOSPITAL = "hospital-1"
REJECTIONS = [topic.name for topic in TOPICS if topic.name.endswith(".rejections.v1")]
MINE = [rejections_topic(name).name for name in ("intake", "treatment", "discharge", "followup", "consultation")]


@pytest.fixture(scope="module")
def answered(ready: Cluster) -> str:
    """The case about which treatment has answered that it refuses a report."""
    answer = json.loads(valid("ReportRejected"))
    asyncio.run(_state(ready, answer))
    return str(answer["subject"])


async def _state(cluster: Cluster, answer: dict[str, str]) -> None:
    topic, key = rejections_topic("treatment").name, answer["subject"].encode()
    async with AIOKafkaProducer(**cluster.access(ADMIN).options(), acks="all") as producer:
        await producer.send_and_wait(topic, json.dumps(answer).encode(), key, headers=list(HEADERS))


@pytest.fixture(autouse=True)
def _context(ready: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How a hospital reaches the bus."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    access = ready.access(HOSPITAL)
    names = ("bootstrap_servers", "security_protocol", "sasl_mechanism", "username", "password_file", "ca_file")
    given = [f"{name} = {json.dumps(str(getattr(access, name)))}" for name in names]
    lines = ["[services]", 'intake = ["http://127.0.0.1:9"]', "[kafka]", *given]
    (tmp_path / "hospital.toml").write_text("\n".join(lines))
    kept.save(kept.load().with_entry("hospital", {kept.CLUSTER: cluster.read(tmp_path / "hospital.toml")}))


async def test_a_hospital_may_read_the_answers_to_its_own_reports_and_no_others(ready: Cluster) -> None:
    may_not = await unreadable(ready.access(HOSPITAL), [topic.name for topic in TOPICS])
    assert set(REJECTIONS) - set(may_not) == set(MINE)
    assert set(may_not) == {topic.name for topic in TOPICS} - set(MINE)
    assert await unreadable(ready.access("operator"), REJECTIONS) == []


def test_it_is_shown_what_it_may_read_and_told_what_is_missing(answered: str) -> None:
    shown = _verb("rejections")
    assert shown.exit_code == 0, shown.output
    assert answered in shown.stdout
    assert "open or corrected: not known" in shown.stdout
    missing = sorted(set(REJECTIONS) - set(MINE))
    assert "not read, since this user may not: " + ", ".join(missing) in shown.stderr
    assert [json.loads(line)["state"] for line in _verb("rejections", "--json").stdout.splitlines()] == ["unknown"]


def test_a_topic_that_it_may_not_read_is_named_at_once(answered: str) -> None:
    named = _verb("tail", "treatment.events.v1", "--from-start", "--no-follow")
    assert (named.exit_code, named.stdout) == (1, "")
    assert "this user may not read treatment.events.v1" in named.stderr
    some = _verb("tail", "--from-start", "--no-follow", "--json")
    assert [json.loads(line)["subject"] for line in some.stdout.splitlines()] == [answered]


def _verb(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "300"}).invoke(app, [*words, "--context", "hospital"])
