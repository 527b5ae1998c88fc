"""What every bus must do: one suite for all of them."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from afterward.stack.bus import Bus, answers
from afterward.stack.topics import TopicsDiffer, TopicSpec, end_offsets, ensure_topics

LARGEST = 4 * 1024 * 1024


async def test_a_client_gets_an_answer_while_it_runs(bus: Bus) -> None:
    assert bus.is_running
    assert await answers(bus.bootstrap_servers)


async def test_starting_what_runs_changes_nothing(bus: Bus) -> None:
    before = bus.bootstrap_servers
    await bus.start()
    assert bus.bootstrap_servers == before


async def test_topics_are_made_once_with_the_partitions_asked_for(bus: Bus, topic: str) -> None:
    wanted = [TopicSpec(f"{topic}-{number}", 6, {"cleanup.policy": "compact"}) for number in range(3)]
    await asyncio.gather(ensure_topics(bus.bootstrap_servers, wanted), ensure_topics(bus.bootstrap_servers, wanted))
    await ensure_topics(bus.bootstrap_servers, wanted)
    partitions = [TopicPartition(spec.name, number) for spec in wanted for number in range(6)]
    assert await end_offsets(bus.bootstrap_servers, partitions) == dict.fromkeys(partitions, 0)


async def test_a_topic_with_other_partitions_is_named_with_both_counts(bus: Bus, topic: str) -> None:
    await ensure_topics(bus.bootstrap_servers, [TopicSpec(topic, 2)])
    with pytest.raises(TopicsDiffer, match=f"{topic} has 2 partitions, 6 are wanted"):
        await ensure_topics(bus.bootstrap_servers, [TopicSpec(topic, 6)])


async def test_the_end_of_a_partition_counts_every_record_of_its_last_batch(
    bus: Bus, producer: AIOKafkaProducer, topic: str
) -> None:
    await ensure_topics(bus.bootstrap_servers, [TopicSpec(topic, 2)])
    for records in (10, 7):
        batch = producer.create_batch()
        for _ in range(records):
            batch.append(key=b"key", value=b"value", timestamp=None)
        await (await producer.send_batch(batch, topic, partition=0))
    full, empty = TopicPartition(topic, 0), TopicPartition(topic, 1)
    assert await end_offsets(bus.bootstrap_servers, [full, empty]) == {full: 17, empty: 0}


async def test_a_record_of_4_mib_goes_in_and_comes_out_with_its_odd_headers(
    bus: Bus, producer: AIOKafkaProducer, topic: str
) -> None:
    await ensure_topics(bus.bootstrap_servers, [TopicSpec(topic, 1, {"max.message.bytes": str(LARGEST + 65_536)})])
    headers = [("null", None), ("latin-1", b"\xe9")]
    await producer.send_and_wait(topic, b"x" * LARGEST, key=b"key", headers=headers)
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=bus.bootstrap_servers, auto_offset_reset="earliest", max_partition_fetch_bytes=5 << 20
    ) as consumer:
        record = await asyncio.wait_for(consumer.getone(), 20)
    assert (len(record.value or b""), list(record.headers)) == (LARGEST, headers)


@pytest.mark.parametrize("static", [False, True])
async def test_two_members_share_equal_partitions_of_all_topics(bus: Bus, topic: str, static: bool) -> None:
    names = [f"{topic}-{number}".replace("True", "s").replace("False", "d") for number in range(2)]
    await ensure_topics(bus.bootstrap_servers, [TopicSpec(name, 4) for name in names])
    members = [_member(bus, topic, names, f"member-{number}" if static else None) for number in range(2)]
    await asyncio.gather(*(member.start() for member in members))
    try:
        async with asyncio.timeout(40):
            while any(len(member.assignment()) != 4 for member in members):
                await asyncio.gather(*(member.getmany(timeout_ms=100) for member in members))
        for member in members:
            numbers = [{at.partition for at in member.assignment() if at.topic == name} for name in names]
            assert numbers[0] == numbers[1]
    finally:
        await asyncio.gather(*(member.stop() for member in members))


async def test_what_a_group_has_committed_is_where_its_next_member_begins(
    bus: Bus, producer: AIOKafkaProducer, topic: str
) -> None:
    await ensure_topics(bus.bootstrap_servers, [TopicSpec(topic, 1)])
    for value in (b"first", b"second"):
        await producer.send_and_wait(topic, value)
    for expected in (b"first", b"second"):
        member = _member(bus, topic, [topic], None)
        await member.start()
        record = await asyncio.wait_for(member.getone(), 20)
        await member.commit({TopicPartition(topic, 0): record.offset + 1})
        await member.stop()
        assert record.value == expected


def _member(bus: Bus, group: str, topics: list[str], instance: str | None) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bus.bootstrap_servers,
        group_id=group,
        group_instance_id=instance,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        partition_assignment_strategy=(RangePartitionAssignor,),
        session_timeout_ms=3_000,
        heartbeat_interval_ms=500,
        fetch_max_wait_ms=bus.fetch_max_wait_ms,
    )
