"""What others do on the bus that is nobody's word: transactions that are aborted, and events in a service's name.

What is written is a copy of what was said before, under an id of its own, and says something else.
"""

import json
from uuid import NAMESPACE_URL, uuid5

from aiokafka import TopicPartition

from schemas.envelope import HEADERS
from tests.journeys.stack import Sent
from tests.simulation.bus import Record
from tests.simulation.world import World

IMPOSTOR = "/hospitals/impostor"


def disturb(world: World, where: TopicPartition, sent: Sent) -> None:
    """After a report: the same is written once more and aborted, or somebody states an event."""
    if sent.headers == HEADERS and world.faults.strikes("aborted"):
        number = len(world.bus.logs[where])
        world.bus.append(*where, sent.key, _copied(sent.value, f"aborted {number}"), HEADERS, "aborted")
        world.bus.append(*where, None, None, (), "marker")
    if world.faults.strikes("impostor"):
        _pretend(world)


def _pretend(world: World) -> None:
    """Some event is stated anew, as withdrawn, under a higher sequence."""
    emitted = [partition for partition in world.bus.logs if partition.topic.endswith(".events.v1")]
    heard: list[Record] = [record for partition in emitted for record in world.bus.sound(partition)]
    if heard:
        event = world.dice.choice(heard)
        value = _copied(event.value, f"impostor {len(heard)}", source=IMPOSTOR, withdrawn=True)
        world.bus.append(event.topic, event.partition, event.key, value, HEADERS, "impostor")


def _copied(value: bytes | None, name: str, *, withdrawn: bool = False, **attributes: str) -> bytes | None:
    """The envelope under another id; what is none is written as it was."""
    try:
        envelope = json.loads(value or b"")
        identity = str(uuid5(NAMESPACE_URL, f"{name} {envelope['id']}"))
        copied = {**envelope, "id": identity, **attributes}
    except (ValueError, TypeError, KeyError):
        return value
    if withdrawn:
        copied |= {"sequence": str(int(copied["sequence"]) + 500), "data": {**copied["data"], "withdrawn": True}}
    return json.dumps(copied).encode()
