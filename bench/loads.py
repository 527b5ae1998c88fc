"""Whole courses of many cases on the bus, told evening by evening, as of a clock that remembers each evening."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from bench import job
from bench.courses import Course, evenings, renamed
from bench.servers import Servers
from chassis.clock import VirtualTime
from story.publication import Publication

SLICE = 100_000
_A_TICK_SECONDS = 0.002
"""Brokers stamp whole milliseconds: what is told in the millisecond of a step would seem to come before it."""


async def publish_evenings(servers: Servers, clock_file: Path, pattern: Course, cases: Sequence[str]) -> int:
    """Publishes a course for each case, evening by evening; returns how many records that were.

    The clock shows each evening while it is told, and stands at the last one afterwards.
    """
    clock, published_so_far = VirtualTime(clock_file), 0
    for evening, given in evenings(pattern):
        publications = [renamed(publication, case) for publication in given for case in cases]
        await publish_at_instant(servers, clock, evening, publications)
        published_so_far += len(publications)
    return published_so_far


async def publish_at_instant(
    servers: Servers, clock: VirtualTime, instant: datetime, publications: Sequence[Publication]
) -> None:
    """Steps the clock to an instant, and publishes what is told then."""
    clock.step_to(instant, 0)
    await asyncio.sleep(_A_TICK_SECONDS)
    for topic in sorted({publication.topic for publication in publications}):
        await servers.load(topic, [(each.key, each.value) for each in publications if each.topic == topic])


def slices(records: int) -> Iterator[list[tuple[str, bytes]]]:
    """So many records of the small job in handy slices, each about cases and under ids of its own."""
    for number, first in enumerate(range(0, records, SLICE)):
        load = job.make_load(min(SLICE, records - first), seed=100 + number)
        yield [(f"{number}-{case}", _of_slice(value, case, number)) for case, value in load.records]


def _of_slice(value: bytes, case: str, number: int) -> bytes:
    return value.replace(f'"{case}"'.encode(), f'"{number}-{case}"'.encode())
