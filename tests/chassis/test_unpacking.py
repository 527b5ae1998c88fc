"""What the client cannot unpack is passed over by its place: all else is given out, once, and in order."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchError, FetchResult, PartitionRecords
from aiokafka.errors import RecordTooLargeError
from aiokafka.record.memory_records import MemoryRecords

from chassis.consume.codecs import MOST_BYTES
from chassis.consume.reader import Record, Unprocessable, Unread
from chassis.consume.unpacking import TRIES, Fetched, pass_over_unreadable
from tests.chassis.spoiling import (
    CONTROL,
    GZIP,
    SPOILT,
    TRANSACTIONAL,
    Spoil,
    batch,
    counting,
    flipped,
    legacy,
    marked,
    sealed,
    with_records,
)
from tests.chassis.test_reader import READER

HERE = TopicPartition("reports", 3)
GOOD = batch(b"before")


class Bus:
    """One partition, as a fetcher of aiokafka's has it in hand; each fetch begins at the position."""

    def __init__(self, *batches: bytes, highwater: int | None = None, most_bytes: int = 1 << 30) -> None:
        self.log, self.most_bytes, self.fetches = batches, most_bytes, 0
        self.state = SimpleNamespace(position=0, paused=False, highwater=highwater)
        self.state.consumed_to = lambda position: setattr(self.state, "position", position)
        assignment = SimpleNamespace(active=True, state_value=lambda _partition: self.state)
        self.assignment = assignment
        subscriptions = SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))
        fetcher = SimpleNamespace(_records={}, _subscriptions=subscriptions)
        consumer: Any = SimpleNamespace(_fetcher=fetcher)
        pass_over_unreadable(consumer)
        self.records: Fetched = fetcher._records

    def read(self) -> list[Any]:
        """All that is given out, fetch by fetch, until the position stands at the end for some fetches."""
        given: list[Any] = []
        for _ in range(50):
            given += self.fetch()
        return given

    def fetch(self) -> list[Any]:
        """What one fetch brings, as `_proc_fetch_request` and `fetched_records` have it."""
        self.fetches += 1
        position = self.state.position
        batches = b"".join(each for each in self.log if _last(each) >= position)[: self.most_bytes]
        memory = MemoryRecords(batches)
        if memory.has_next():
            asked: Any = (HERE, memory, [], position, None, None, True, READ_COMMITTED)
            answer: Any = FetchResult(
                HERE, assignment=self.assignment, partition_records=PartitionRecords(*asked), backoff=0
            )
            self.records[HERE] = answer
        elif memory.size_in_bytes() > 0:
            too_large = RecordTooLargeError("too large", HERE, position, self.most_bytes)
            self.records[HERE] = FetchError(error=too_large, backoff=0)
            self.state.consumed_to(position + 1)
        else:
            return []
        found: list[Any] = self.records.pop(HERE).getall()
        return found


def _last(each: bytes) -> int:
    """The last offset of a batch as the bus knows it: whatever has become of its bytes since."""
    return int.from_bytes(each[:8], "big") + (
        int.from_bytes(each[23:27], "big") if each[16] == 2 or len(each) > 75 else 0
    )


def reported(given: Sequence[Any]) -> list[Any]:
    """Values of records, and (first, last) offsets of what stands for others."""
    return [record.value if (unread := unread_of(record)) is None else unread[:2] for record in given]


def unread_of(record: Any) -> Unread | None:
    """What a record of aiokafka's stands for."""
    return Unread.of(as_read(record))


def as_read(record: Any) -> Record:
    """A record as the service has it."""
    received_at: Any = None
    return Record(record.topic, record.partition, record.offset, record.key, record.value, record.headers, received_at)


@pytest.mark.parametrize("how", SPOILT.values(), ids=SPOILT)
def test_what_lies_before_and_behind_it_is_given_out_once_and_its_place_in_between(how: Spoil) -> None:
    bus = Bus(GOOD, how(batch(b"spoilt", offset=1)), batch(b"behind", offset=2), highwater=3)
    given = bus.read()
    assert reported(given) == [b"before", (1, 1), b"behind"]
    assert bus.state.position == 3


@pytest.mark.parametrize("how", SPOILT.values(), ids=SPOILT)
def test_it_may_be_the_only_batch_there_is(how: Spoil) -> None:
    bus = Bus(how(batch(b"spoilt")), highwater=1)
    assert reported(bus.read()) == [(0, 0)]
    assert bus.state.position == 1


@pytest.mark.parametrize("codec", [1, 2, 3, 4])
def test_a_compressed_payload_that_is_cut_is_passed_over_as_the_batch_it_is(codec: int) -> None:
    whole = batch(*(b"a" * 300 for _ in range(5)), codec=codec, offset=1)
    bus = Bus(GOOD, with_records(whole, whole[61:-7]), batch(b"behind", offset=6), highwater=7)
    assert reported(bus.read()) == [b"before", (1, 5), b"behind"]


def test_of_a_batch_that_goes_bad_in_the_middle_what_is_before_that_is_given_out() -> None:
    whole = batch(b"first", b"second", b"third")
    bus = Bus(with_records(whole, whole[61:-6]), batch(b"behind", offset=3), highwater=4)
    assert reported(bus.read()) == [b"first", b"second", (2, 2), b"behind"]


def test_of_a_batch_that_claims_more_records_than_it_holds_all_are_given_out() -> None:
    bus = Bus(counting(batch(b"first"), 1_000), batch(b"behind", offset=1), highwater=2)
    assert reported(bus.read()) == [b"first", b"behind"]
    claims_offsets_too = batch(b"first")[:23] + (9).to_bytes(4, "big") + batch(b"first")[27:]
    bus = Bus(counting(claims_offsets_too, 10), batch(b"behind", offset=10), highwater=11)
    assert reported(bus.read()) == [b"first", (1, 9), b"behind"]


def test_a_header_that_is_no_text_is_passed_over_too() -> None:
    """aiokafka decodes the names of headers; what is no UTF-8 raises Python's own error."""
    whole = batch(b"odd")
    spoilt = sealed(whole.replace(b"\x02a\x02b", b"\x02\xff\x02b"))
    (place,) = (bus := Bus(spoilt, highwater=1)).read()
    assert unread_of(place) == Unread(0, 0, "UnicodeDecodeError")
    assert bus.state.position == 1


def test_a_header_count_beyond_all_bounds_is_passed_over_at_once() -> None:
    whole = batch(b"odd")
    many = whole[61:].replace(b"\x02\x02a\x02b", b"\xfe\xff\xff\xff\x0f\x02a\x02b")
    assert reported(Bus(with_records(whole, many), highwater=1).read()) == [(0, 0)]


@pytest.mark.parametrize("magic", [0, 1])
@pytest.mark.parametrize("codec", [0, 1])
def test_the_formats_of_old_are_read(magic: int, codec: int) -> None:
    sets = legacy(b"first", b"second", magic=magic, codec=codec)
    assert reported(Bus(sets, highwater=2).fetch()) == [b"first", b"second"]


@pytest.mark.parametrize("magic", [0, 1])
def test_what_is_spoilt_in_a_format_of_old_is_passed_over(magic: int) -> None:
    bus = Bus(flipped(legacy(b"old", magic=magic)), highwater=1)
    assert reported(bus.read()) == [(0, 0)]


@pytest.mark.parametrize("magic", [b"\0", b"\1", b"\x7f", b"\xff"])
def test_a_batch_of_another_magic_than_it_is_costs_nobody_behind_it(magic: bytes) -> None:
    """No checksum covers it. Behind a batch of the same format aiokafka does not even look at it."""
    spoilt = batch(b"spoilt")[:16] + magic + batch(b"spoilt")[17:]
    bus = Bus(spoilt, batch(b"behind", offset=1), highwater=2)
    assert reported(bus.read()) in ([(0, 0), b"behind"], [b"spoilt", b"behind"])
    assert bus.state.position == 2


def test_a_timestamp_before_all_time_is_read() -> None:
    assert reported(Bus(batch(b"odd", timestamp=-(1 << 40)), highwater=1).read()) == [b"odd"]


@pytest.mark.parametrize("codec", [1, 2, 3, 4])
def test_what_would_become_more_than_anybody_needs_is_not_unpacked(codec: int) -> None:
    """A few kilobytes that would fill the machine end no process: such a batch would be read again after each start."""
    bomb = batch(bytes(MOST_BYTES + 1), codec=codec)
    bus = Bus(bomb, batch(b"behind", offset=1, codec=codec), highwater=2)
    assert reported(bus.read()) == [(0, 0), b"behind"]


@pytest.mark.parametrize("codec", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [0, 1, 40_000, 5_000_000])
def test_what_is_compressed_is_read_however_large_it_becomes(codec: int, size: int) -> None:
    values = bytes(size), b"x" * size
    assert reported(Bus(batch(*values, codec=codec), highwater=2).read()) == list(values)


def test_the_marks_of_the_bus_itself_are_no_records() -> None:
    mark = marked(batch(b"\0" * 6, key=b"\0\0\0\1", producer_id=7, offset=1), CONTROL | TRANSACTIONAL)
    bus = Bus(GOOD, mark, batch(b"behind", offset=2), highwater=3)
    assert reported(bus.read()) == [b"before", b"behind"]
    assert bus.state.position == 3


def test_a_batch_that_was_only_spoilt_on_its_way_is_read_when_it_is_fetched_again() -> None:
    sound = batch(b"sound", offset=1)
    bus = Bus(GOOD, flipped(sound), highwater=2)
    assert reported(bus.fetch()) == [b"before"]
    bus.log = (GOOD, sound)
    assert reported(bus.read()) == [b"sound"]


def test_it_is_fetched_a_few_times_and_not_for_ever() -> None:
    bus = Bus(flipped(batch(b"spoilt")), highwater=1)
    fetches = [len(bus.fetch()) for _ in range(TRIES + 2)]
    assert fetches == [0] * (TRIES - 1) + [1, 0, 0]


def test_a_spoilt_batch_that_claims_more_than_there_is_costs_nobody_behind_it() -> None:
    """Its checksum is wrong: so may be what it says of its own length."""
    spoilt = batch(b"spoilt")[:23] + b"\x7f\xff\xff\xff" + batch(b"spoilt")[27:]
    bus = Bus(spoilt, batch(b"behind", offset=1), highwater=2)
    assert bus.fetch() == bus.fetch() == []
    assert reported(bus.fetch()) == [(0, 0), b"behind"]


def test_a_batch_that_is_not_whole_in_an_answer_is_passed_over_place_by_place() -> None:
    """An older bus answers with what fits; aiokafka then goes on at the next offset, and says so once."""
    bus = Bus(batch(b"x" * 500), most_bytes=100)
    (place,) = bus.fetch()
    assert unread_of(place) == Unread(0, 0, "RecordTooLargeError")
    assert bus.state.position == 1


@pytest.mark.parametrize("length", [-100, -1, 0, 13, 14, 48])
def test_a_frame_that_is_none_is_passed_over_by_its_offset(length: int) -> None:
    spoilt = GOOD[:8] + length.to_bytes(4, "big", signed=True) + GOOD[12:]
    bus = Bus(spoilt, highwater=1)
    assert reported([record for _ in range(TRIES) for record in bus.fetch()]) == [(0, 0)]
    assert bus.state.position == 1


def test_its_place_is_all_that_is_said_of_it() -> None:
    (place,) = Bus(marked(batch(b"a secret"), GZIP), highwater=1).read()
    assert (place.key, place.value) == (None, None)
    assert place.headers == (("afterward-unread", b"0 0 BadGzipFile"),)
    item = READER.read(as_read(place))
    assert isinstance(item, Unprocessable)
    assert item.reason == "unreadable:BadGzipFile"


@pytest.mark.parametrize(
    "headers",
    [(("afterward-unread", None),), (("afterward-unread", b"1 2"),), (("afterward-unread", b"1 2 \xff"),), ()],
)
def test_a_header_that_only_looks_like_it_means_nothing(headers: Any) -> None:
    received_at: Any = None
    assert Unread.of(Record("t", 0, 0, None, None, headers, received_at)) is None
    assert Unread.of(Record("t", 0, 0, b"k", None, (("afterward-unread", b"1 2 E"),), received_at)) is None
