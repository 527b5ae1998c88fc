"""What Kafka may lose: brokers die, lag, or lose their disks, whatever a publisher waited for."""

import asyncio
from pathlib import Path

from aiokafka import TopicPartition

from afterward.stack.tansu import Tansu
from afterward.stack.topics import TopicSpec, ensure_topics
from tests.journeys.stack import read_to_the_end
from tests.losses.brokers import Cluster
from tests.losses.cell import Attempt, Cell, Loss
from tests.losses.writing import LIMIT_SECONDS, Records, Writing

SOME = 300
TOPIC = "written"
STALLED_SECONDS = 2.0
KAFKA, EMBEDDED = "Kafka", "embedded bus"
PUBLISHED_AGAIN = "events: `republish`; reports: their publishers"


def killed(replicas: int) -> Attempt:
    """Every broker is killed at once; all start again on their disks."""

    async def attempt(folder: Path) -> Loss:
        async with Cluster(folder) as cluster:
            await cluster.make(TOPIC, replicas, min_insync_replicas=str(max(1, replicas - 1)))
            async with Records(cluster.bootstrap_servers, TOPIC, "all") as write, Writing(write) as writing:
                await writing.more(SOME)
                for broker in cluster.brokers.values():
                    broker.kill()
            await asyncio.gather(*(broker.start() for broker in cluster.brokers.values()))
            await cluster.until(TOPIC, None)
            return await _lost(writing, cluster.bootstrap_servers)

    return attempt


async def only_disk_lost(folder: Path) -> Loss:
    """One broker has the records, and its disk is gone."""
    async with Cluster(folder) as cluster:
        await cluster.make(TOPIC, 1)
        async with Records(cluster.bootstrap_servers, TOPIC, "all") as write, Writing(write) as writing:
            await writing.more(SOME)
            cluster.brokers[1].destroy()
        await cluster.brokers[1].start()
        await cluster.allow_unclean(TOPIC)
        await cluster.until(TOPIC, None)
        return await _lost(writing, cluster.bootstrap_servers)


def leader_lost(acks: int | str, min_insync: int, *, lag: bool) -> Attempt:
    """The leader's disk is gone; where they `lag`, the followers stood still for a while before.

    Where nobody leads after that, an operator has one of those lead who are left.
    """

    async def attempt(folder: Path) -> Loss:
        async with Cluster(folder) as cluster:
            await cluster.make(TOPIC, 3, min_insync_replicas=str(min_insync))
            async with Records(cluster.bootstrap_servers, TOPIC, acks) as write, Writing(write) as writing:
                await writing.more(SOME)
                if lag:
                    cluster.freeze(2, 3)
                    await _while_they_lag(writing, acks, min_insync)
                cluster.brokers[1].destroy()
                if lag:
                    cluster.thaw(2, 3)
            if lag and acks == "all" and min_insync == 1:
                await cluster.until(TOPIC, -1)
                await cluster.allow_unclean(TOPIC)
            await cluster.until(TOPIC, None)
            return await _lost(writing, cluster.bootstrap_servers)

    return attempt


async def embedded(folder: Path) -> Loss:
    """The embedded bus is killed, and starts again."""
    bus = Tansu(folder)
    try:
        await bus.start()
        await ensure_topics(bus.bootstrap_servers, [TopicSpec(TOPIC, 1)])
        async with Records(bus.bootstrap_servers, TOPIC, 1) as write, Writing(write) as writing:
            await writing.more(SOME)
            bus.kill()
        await bus.start()
        await ensure_topics(bus.bootstrap_servers, [TopicSpec(TOPIC, 1)])
        return await _lost(writing, bus.bootstrap_servers)
    finally:
        await bus.stop()


ALL, ONE = "`acks=all`", "`acks=1`"
THREE = "3 copies, `min.insync.replicas=2`"
LAGGED = "the leader's disk is lost, its followers lag"
CELLS = (
    Cell(KAFKA, f"1 copy, {ALL}", "the broker is killed", False, "", killed(1)),
    Cell(KAFKA, f"1 copy, {ALL}", "its disk is lost", True, PUBLISHED_AGAIN, only_disk_lost),
    Cell(KAFKA, f"{THREE}, {ALL}", "all brokers are killed at once", False, "", killed(3)),
    Cell(KAFKA, f"{THREE}, {ALL}", "the leader's disk is lost", False, "", leader_lost("all", 2, lag=False)),
    Cell(KAFKA, f"{THREE}, {ALL}", LAGGED, False, "publishers are refused while they lag",
         leader_lost("all", 2, lag=True)),
    Cell(KAFKA, f"{THREE}, {ONE}", LAGGED, True, f"{PUBLISHED_AGAIN}, who must not use it",
         leader_lost(1, 2, lag=True)),
    Cell(KAFKA, f"3 copies, `min.insync.replicas=1`, {ALL}", f"{LAGGED}; one of them is made leader uncleanly", True,
         PUBLISHED_AGAIN, leader_lost("all", 1, lag=True)),
    Cell(EMBEDDED, "in memory", "it is killed", True, "events: `afterward up`; reports: publish again", embedded),
)  # fmt: skip


async def _while_they_lag(writing: Writing, acks: int | str, min_insync: int) -> None:
    """Where the leader alone is enough, some more are confirmed: at once, or when the others count no longer."""
    if acks == 1 or min_insync == 1:
        await writing.more(SOME)
    else:
        await writing.nothing_more(STALLED_SECONDS)


async def _lost(writing: Writing, bootstrap_servers: str) -> Loss:
    found = await read_to_the_end(bootstrap_servers, [TopicPartition(TOPIC, 0)], LIMIT_SECONDS)
    there = {int(record.value or b"0") for record in found}
    return Loss(len(writing.acknowledged), len(writing.acknowledged - there))
