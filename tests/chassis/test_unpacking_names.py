"""The private names of aiokafka that unpacking rests on exist, and are used as they are taken to be used."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher as aiokafka_fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, Fetcher, FetchError, FetchResult, PartitionRecords
from aiokafka.record.memory_records import MemoryRecords

from chassis.consume.codecs import _BOUND, _using_modules, bound_codecs
from chassis.consume.unpacking import pass_over_unreadable
from tests.chassis.spoiling import batch, flipped, legacy

HERE = TopicPartition("reports", 3)
GOOD = batch(b"before")

PRIVATE: list[tuple[Callable[[], Any], Sequence[str]]] = [
    (lambda: FetchResult(HERE, assignment=None, partition_records=None, backoff=0), ["_partition_records"]),
    (lambda: FetchError(error=None, backoff=0), ["_error", "_backoff"]),
    (
        lambda: PartitionRecords(HERE, MemoryRecords(b""), [], 0, None, None, True, READ_COMMITTED),
        ["_records", "_records_iterator", "_unpack_records", "_tp", "next_fetch_offset", "__dict__"],
    ),
    (lambda: next_batch(GOOD), ["base_offset", "next_offset", "is_control_batch", "is_transactional", "producer_id"]),
    (lambda: next_batch(legacy(b"old")), ["next_offset", "is_control_batch", "is_transactional", "producer_id"]),
]


def next_batch(batches: bytes) -> Any:
    """The first of these, as aiokafka has it."""
    return MemoryRecords(batches).next_batch()


@pytest.mark.parametrize(("make", "names"), PRIVATE)
def test_the_private_names_that_are_used_are_there(make: Callable[[], Any], names: Sequence[str]) -> None:
    made = make()
    assert [name for name in names if not hasattr(made, name)] == []


def test_a_fetcher_takes_what_it_has_in_hand_from_where_we_have_put_ours() -> None:
    used = set(Fetcher.fetched_records.__code__.co_names) | set(Fetcher._proc_fetch_request.__code__.co_names)
    assert {"_records", "FetchResult", "PartitionRecords"} <= used
    assert "_set_error" in used
    assert "position" in FetchResult.check_assignment.__code__.co_names
    assert vars(aiokafka_fetcher)["MemoryRecords"] is MemoryRecords


def test_what_was_in_hand_before_is_kept() -> None:
    asked: Any = (HERE, MemoryRecords(flipped(GOOD)), [], 0, None, None, True, READ_COMMITTED)
    before = FetchResult(HERE, assignment=None, partition_records=PartitionRecords(*asked), backoff=0)
    fetcher = SimpleNamespace(_records={HERE: before})
    consumer = SimpleNamespace(_fetcher=fetcher)
    pass_over_unreadable(consumer)
    held = fetcher._records
    pass_over_unreadable(consumer)
    assert fetcher._records is held
    assert list(held[HERE]._partition_records) == []


def test_the_codecs_are_ours_where_aiokafka_looks_them_up() -> None:
    bound_codecs()
    for module in _using_modules():
        found = {name for name in vars(module) if name.endswith("_decode")}
        assert {"gzip_decode", "snappy_decode", "lz4_decode"} <= found <= set(_BOUND)
        assert all(vars(module)[name] is _BOUND[name] for name in found)
