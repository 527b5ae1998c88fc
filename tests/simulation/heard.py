"""What the bus in memory has of a service's own words."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition

from chassis.store import heard
from chassis.store.heard import AT_ONCE, Span
from tests.simulation.bus import ANSWER_SECONDS

if TYPE_CHECKING:
    from tests.simulation.process import Process


class Heard(heard.Heard):
    """Reads the logs themselves; each answer takes its time."""

    def __init__(self, process: "Process", *given: Any) -> None:
        super().__init__(*given)
        self._process, self._logs = process, process.world.bus.logs

    async def __aenter__(self) -> "Heard":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing was opened."""

    async def ends(self) -> Mapping[TopicPartition, int]:
        await self._process.step("ends", ANSWER_SECONDS)
        return {partition: end for partition in self._partitions if (end := len(self._logs[partition]))}

    async def before(self, end: Mapping[TopicPartition, int], at_most: int = AT_ONCE) -> Mapping[TopicPartition, Span]:
        await self._process.step("before", ANSWER_SECONDS)
        begins = {partition: max(0, offset - at_most) for partition, offset in end.items() if offset}
        return {one: self._span(offset, self._logs[one][offset : end[one]]) for one, offset in begins.items()}

    async def committed(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        await self._process.step("committed", ANSWER_SECONDS)
        known = self._process.world.bus.groups[self._service].committed
        return {partition: known[partition] for partition in partitions if partition in known}
