"""docs/operations/more-partitions.md is followed with a copy of the code, as far as it concerns code and databases."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.ids import partition_of
from chassis.store.connection import connect, sql
from chassis.store.migrate import migrate
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS
from tests.chassis.engine_fixture import EngineFixture, record
from tests.chassis.toy import reading
from tests.documents.editions import aggregates_of
from tests.outbox import ALL_SENT

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations" / "more-partitions.md").read_text("utf-8")
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "tests", "bench", "story", "build", "*.egg-info")
SERVICE = "treatment"

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The next version: the constants of the page's first step, and what is generated of them."""
    tree = tmp_path_factory.mktemp("next") / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    source = tree / "schemas" / "topic.py"
    text = source.read_text("utf-8")
    for line in re.findall(r"^(?:PARTITIONS|VERSION): Final = \d+$", PAGE, re.MULTILINE):
        name = line.partition(":")[0]
        text, changed = re.subn(rf"^{name}: Final = \d+$", line, text, flags=re.MULTILINE)
        assert changed == 1
    source.write_text(text, encoding="utf-8")
    done = run(tree, "-m", "schemas.generate")
    assert done.returncode == 0, done.stderr
    yield tree
    shutil.rmtree(tree)


def run(tree: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command, given = [sys.executable, *arguments], {**os.environ, **environment}
    return subprocess.run(command, cwd=tree, env=given, capture_output=True, text=True, check=False)


def test_the_first_step_makes_topics_of_the_next_version_and_nothing_that_was_released_is_broken(copy: Path) -> None:
    topics = {topic["name"]: topic["partitions"] for topic in json.loads((copy / "deploy" / "topics.json").read_text())}
    assert topics == {topic.name.replace(".v1", ".v2"): 2 * PARTITIONS for topic in TOPICS}
    assert run(copy, "-m", "schemas.generate", "--check").returncode == 0
    document = json.loads((copy / "schemas" / "published" / "asyncapi.json").read_text("utf-8"))
    assert set(document["channels"]) == set(topics)
    assert ".v1" not in (copy / "deploy" / "access.json").read_text("utf-8").replace("afterward.", "")


def test_more_partitions_under_the_old_names_are_refused_in_the_words_of_the_page(copy: Path, tmp_path: Path) -> None:
    shutil.copytree(copy, tmp_path / "tree")
    source = tmp_path / "tree" / "schemas" / "topic.py"
    source.write_text(source.read_text("utf-8").replace("VERSION: Final = 2", "VERSION: Final = 1"), encoding="utf-8")
    done = run(tmp_path / "tree", "-m", "schemas.generate")
    assert done.returncode == 1
    refusal = "topic intake.reports.v1: partitions was 6, and is now 12: give it the next version"
    assert refusal in done.stderr
    assert refusal in PAGE


async def test_the_fourth_step_refuses_before_it_is_drained_and_then_moves_the_database(
    copy: Path, database: str
) -> None:
    kinds = aggregates_of(SERVICE)
    await migrate(database, SERVICE, kinds)
    connection: Any = await connect(database, 60, application_name="test")
    fixture = EngineFixture(connection, *kinds)
    fixture.clock.instant += timedelta(days=1)
    keys = [f"case-{number}" for number in range(30)]
    await fixture.take(*(record(reading(key, 1)) for key in keys))
    archived = await connection.fetchval("SELECT count(*) FROM archive")
    assert archived >= len(keys)

    verb = ("-c", "from afterward.cli.app import app; app()", "migrate", SERVICE)
    refused = run(copy, *verb, AFTERWARD_DATABASE_DSN=database)
    assert refused.returncode != 0
    words = " ".join((refused.stdout + refused.stderr).split())
    assert f"there are still {archived} events that the bus has not acknowledged" in words

    await connection.execute(ALL_SENT)
    done = run(copy, *verb, AFTERWARD_DATABASE_DSN=database)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{SERVICE}: moved to {2 * PARTITIONS} partitions\n"
    rows = await connection.fetch("SELECT key, partition, topic FROM archive")
    assert all(row["partition"] == partition_of(row["key"], 2 * PARTITIONS) for row in rows)
    assert {row["topic"] for row in rows} == {f"{SERVICE}.events.v2"}
    assert await connection.fetchval(sql("republish"), None) == archived
    connection.terminate()
