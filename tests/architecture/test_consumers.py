"""Every consumer leaves out what a publisher's transaction aborted: it was never said."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("afterward", "chassis", "services", "tests/chassis", "tests/faults", "tests/journeys")
"""`tests/stack` looks at the buses themselves, and the benchmarks' peers are what others wrote."""


def consumers(source: str) -> Iterator[tuple[int, str | None]]:
    """(line, isolation level) of each consumer that a program makes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("AIOKafkaConsumer", "broker.subscriber")):
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            level = given.get("isolation_level")
            yield node.lineno, ast.literal_eval(level) if level is not None else None


@pytest.mark.parametrize("room", ROOMS)
def test_every_consumer_reads_what_is_committed_only(room: str) -> None:
    others = {
        f"{path.relative_to(ROOT)}:{line}": level
        for path in sorted((ROOT / room).rglob("*.py"))
        for line, level in consumers(path.read_text())
        if level != "read_committed"
    }
    assert others == {}


def test_a_consumer_that_does_not_is_seen() -> None:
    assert list(consumers("AIOKafkaConsumer(group_id='a')\nbroker.subscriber(isolation_level='x')")) == [
        (1, None),
        (2, "x"),
    ]


def test_consumers_are_found_where_they_are_made() -> None:
    assert list(consumers((ROOT / "chassis/consume/faststream_adapter.py").read_text()))
