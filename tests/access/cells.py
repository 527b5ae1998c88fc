"""Each cell of the matrix tried on a broker: who may do what to which topic and which group.

What is asked for has no effect where it is allowed: a batch for no partition, a topic that is only checked, the
heartbeat of a member that does not exist. Only a deletion would succeed, and nobody may delete.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.admin import (
    CreateTopicsRequest,
    DeleteGroupsRequest,
    DeleteTopicsRequest,
)
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from chassis.bus_access import BusAccess

TOPIC_REFUSED, GROUP_REFUSED, CLUSTER_REFUSED = 29, 30, 31
REFUSALS = frozenset({TOPIC_REFUSED, GROUP_REFUSED, CLUSTER_REFUSED})
_NODE = 1
_MIB = 1 << 20
_NO_PARTITION = 999
"""Of any topic: what is written there goes nowhere."""


class Cell(NamedTuple):
    """Somebody does something to a topic or a group."""

    principal: str
    does: str
    resource: str
    name: str


async def tried(access: BusAccess, principal: str, topics: Sequence[str], groups: Sequence[str]) -> dict[Cell, int]:
    """Each cell of one principal → the broker's error code, 0 for none."""
    client = AIOKafkaClient(**access.options(), request_timeout_ms=30_000)
    await client.bootstrap()
    try:
        found = {
            "produce": await _produce(client, topics),
            "consume": await _consume(client, topics),
            "create": await _create(client, topics),
            "delete": await _delete(client, topics),
        }
        cells = {Cell(principal, does, "topic", name): code for does, codes in found.items() for name, code in codes}
        of_groups = {
            "read": [(group, await _heartbeat(client, group)) for group in groups],
            "describe": [(group, await _find(client, group)) for group in groups],
            "delete": await _delete_groups(client, groups),
        }
        return cells | {
            Cell(principal, does, "group", name): code for does, codes in of_groups.items() for name, code in codes
        }
    finally:
        await client.close()


async def _produce(client: AIOKafkaClient, topics: Iterable[str]) -> list[tuple[str, int]]:
    batch = _batch()
    asked = ProduceRequest(None, -1, 10_000, [(topic, [(_NO_PARTITION, batch)]) for topic in topics])
    answer = await client.send(_NODE, asked)
    return [(topic, partitions[0][1]) for topic, partitions in answer.topics]


def _batch() -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=_MIB,
    )
    builder.append(0, 0, b"key", b"value", [])
    return bytes(builder.build())


async def _consume(client: AIOKafkaClient, topics: Iterable[str]) -> list[tuple[str, int]]:
    answer = await client.send(_NODE, FetchRequest(1, 0, _MIB, 1, [(topic, [(0, 0, _MIB)]) for topic in topics]))
    return [(topic, partitions[0][1]) for topic, partitions in answer.topics]


async def _create(client: AIOKafkaClient, topics: Iterable[str]) -> list[tuple[str, int]]:
    wanted: Any = [(topic, 1, 1, [], []) for topic in topics]
    answer = await client.send(_NODE, CreateTopicsRequest(wanted, 10_000, True))
    return [(one[0], one[1]) for one in answer.topic_errors]


async def _delete(client: AIOKafkaClient, topics: Sequence[str]) -> list[tuple[str, int]]:
    answer = await client.send(_NODE, DeleteTopicsRequest(list(topics), 10_000))
    return [(one[0], one[1]) for one in answer.topic_error_codes]


async def _heartbeat(client: AIOKafkaClient, group: str) -> int:
    answer = await client.send(_NODE, HeartbeatRequest(group, 1, "nobody"))
    return int(answer.error_code)


async def _find(client: AIOKafkaClient, group: str) -> int:
    answer = await client.send(_NODE, FindCoordinatorRequest(group, 0))
    return int(answer.error_code)


async def _delete_groups(client: AIOKafkaClient, groups: Sequence[str]) -> list[tuple[str, int]]:
    answer = await client.send(_NODE, DeleteGroupsRequest(list(groups)))
    return [(one[0], one[1]) for one in answer.results]
