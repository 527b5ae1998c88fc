"""Ids derive from their cause, and a key lies in the partition in which every Kafka client puts it."""

from uuid import UUID

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import event_id, partition_of, seen_hash


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)
@pytest.mark.parametrize("partitions", [1, 12, 0x7FFFFFFF])
def test_a_key_lies_where_apache_kafka_puts_it(key: str, hashed: int, partitions: int) -> None:
    """The hashes are those of Kafka's `UtilsTest.testMurmur2`, signed as Java writes them."""
    assert partition_of(key, partitions) == (hashed & 0x7FFFFFFF) % partitions


@given(st.text(), st.integers(1, 50))
def test_a_key_lies_where_aiokafkas_partitioner_puts_it(key: str, partitions: int) -> None:
    everywhere = list(range(partitions))
    assert partition_of(key, partitions) == DefaultPartitioner()(key.encode(), everywhere, everywhere)


def test_an_event_has_the_same_id_for_ever() -> None:
    """Releases may not change it: what is said again after an update must be recognised."""
    assert event_id("cause", "c-1", "afterward.Discharged.v1", 0) == "a089f3d0-fae5-5e73-a347-1252a72df6e7"


@pytest.mark.parametrize(
    "other",
    [("c2", "s", "t", 0), ("c", "s2", "t", 0), ("c", "s", "t2", 0), ("c", "s", "t", 1), ("c", "s\nt", "t", 0)],
)
def test_another_cause_subject_type_or_place_gives_another_id(other: tuple[str, str, str, int]) -> None:
    assert event_id(*other) != event_id("c", "s", "t", 0)


def test_events_have_name_based_ids() -> None:
    assert UUID(event_id("c", "s", "t", 0)).version == 5


def test_a_message_id_is_remembered_in_eight_bytes_however_it_is_written() -> None:
    id_ = "A1B2C3D4-0000-4000-8000-00000000ABCD"
    assert seen_hash(id_) == seen_hash(id_.lower())
    assert len(seen_hash(id_)) == 8
