"""Every cell of principals × (topics, groups) × what can be done to them, on a broker that refuses by default."""

import asyncio

import pytest

from schemas.access import Operation, principal
from schemas.topics import TOPICS
from tests.access.cells import REFUSALS, Cell, tried
from tests.access.conftest import PRINCIPALS, Cluster

TOPIC_NAMES = (*(topic.name for topic in TOPICS), "intake.events.v2", "hospital-1")
GROUPS = (*PRINCIPALS, *(f"{name}.reader" for name in PRINCIPALS), "hospital-11", "operator2", "intake2", "anybody")
WANTED: dict[tuple[str, str], Operation] = {
    ("topic", "produce"): "Write",
    ("topic", "consume"): "Read",
    ("topic", "create"): "Create",
    ("group", "read"): "Read",
    ("group", "describe"): "Describe",
}
"""What a cell needs; nobody may delete."""


def allowed(cell: Cell) -> bool:
    """What the matrix says."""
    operation = WANTED.get((cell.resource, cell.does))
    return operation is not None and principal(cell.principal).may(operation, cell.resource, cell.name)


@pytest.mark.needs_kafka
@pytest.mark.timeout(600)
async def test_the_broker_allows_what_the_matrix_has_and_nothing_else(ready: Cluster) -> None:
    accesses = {name: ready.access(name) for name in PRINCIPALS}
    answers = await asyncio.gather(*(tried(access, name, TOPIC_NAMES, GROUPS) for name, access in accesses.items()))
    codes = {cell: code for answer in answers for cell, code in answer.items()}
    assert len(codes) == len(PRINCIPALS) * (4 * len(TOPIC_NAMES) + 3 * len(GROUPS))
    differing = {cell: code for cell, code in codes.items() if allowed(cell) is (code in REFUSALS)}
    assert differing == {}
    assert sum(allowed(cell) for cell in codes) > 300
