"""A publisher with another partitioner: one case lies in two partitions, and is judged in two workers at once."""

from dataclasses import replace
from itertools import count, cycle

from chassis.ids import partition_of
from chassis.process.settings import Settings
from schemas.topic import PARTITIONS
from tests.faults.workload import JUNK, Workload
from tests.journeys.stack import Sent

WORKERS_OF_A_SERVICE = Settings.model_fields["workers"].default


def torn(given: Workload) -> Workload:
    """The same records, every second one under a key by which another worker has it than the rest of its case."""
    other = cycle((False, True))
    steps = (
        replace(step, records=tuple(_moved(one) if next(other) else one for one in step.records))
        for step in given.steps
    )
    return replace(given, steps=tuple(steps))


def _moved(sent: Sent) -> Sent:
    if sent.value == JUNK:
        return sent
    key = (sent.key or b"").decode()
    worker = partition_of(key, PARTITIONS) % WORKERS_OF_A_SERVICE
    others = (f"{key}/{number}" for number in count())
    moved = next(name for name in others if partition_of(name, PARTITIONS) % WORKERS_OF_A_SERVICE != worker)
    return replace(sent, key=moved.encode())
