"""Of what waits in a partition number, what came first is handed on first; nobody waits for ever, nothing is lost."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from chassis.consume.in_step import RECORD_OVERHEAD_BYTES, InStep

PATIENCE = 2.0
VALUE = b"value"
A, B, C = (TopicPartition(topic, 0) for topic in ("a", "b", "c"))
EVERY = [TopicPartition(topic, number) for topic in ("a", "b", "c") for number in range(2)]

Stamps = Mapping[TopicPartition, Sequence[int]]
Fetched = ConsumerRecord[Any, Any]


def record(partition: TopicPartition, offset: int, stamp: int) -> Fetched:
    """A record that came at an instant."""
    return ConsumerRecord(partition.topic, partition.partition, offset, stamp, 1, b"k", VALUE, None, 1, 5, ())


def records(partition: TopicPartition, *stamps: int) -> list[Fetched]:
    """All of a partition, from its beginning on."""
    return [record(partition, offset, stamp) for offset, stamp in enumerate(stamps)]


def stamps_of(taken: Sequence[Fetched]) -> list[tuple[str, int]]:
    return [(one.topic, one.timestamp) for one in taken]


def begun(*partitions: TopicPartition) -> InStep:
    in_step = InStep(PATIENCE)
    in_step.begin(partitions)
    return in_step


@dataclass
class Bus:
    """What lies in each partition, how much of it was given out, and which ends a reader knows of."""

    stamps: Stamps
    given: dict[TopicPartition, int] = field(default_factory=lambda: defaultdict(int))
    heard_of: set[TopicPartition] = field(default_factory=set)

    def fetch(self, partition: TopicPartition, number: int) -> list[Fetched]:
        """The next records; whoever asks hears how far the partition goes."""
        self.heard_of.add(partition)
        begin = self.given[partition]
        stamps = self.stamps[partition][begin : begin + number]
        self.given[partition] = begin + len(stamps)
        return [record(partition, begin + place, stamp) for place, stamp in enumerate(stamps)]

    def is_at_end(self, partition: TopicPartition) -> bool:
        return partition in self.heard_of and self.given[partition] == len(self.stamps[partition])


@dataclass
class Reader:
    """Reads a bus as `Fetches` does: only from partitions of which nothing is held. Holds what ought to hold."""

    bus: Bus
    in_step: InStep = field(default_factory=lambda: begun(*EVERY))
    now: float = 0.0
    out: list[Fetched] = field(default_factory=list)
    held: dict[TopicPartition, deque[Fetched]] = field(default_factory=lambda: defaultdict(deque))

    def fetch(self, partition: TopicPartition, number: int) -> None:
        if partition in self.in_step.empty:
            fetched = self.bus.fetch(partition, number)
            if fetched:
                self.in_step.add(partition, fetched)
                self.held[partition] += fetched

    def take(self, at_most: int = 10_000) -> None:
        taken = self.in_step.take(at_most, self.bus.is_at_end, self.now)
        assert len(taken) <= at_most
        for one in taken:
            self.hand_on(one)
        self.out += taken
        left = list(chain.from_iterable(self.held.values()))
        assert self.in_step.held_bytes == len(left) * (RECORD_OVERHEAD_BYTES + len(VALUE))
        assert self.in_step.holds_any == bool(left)

    def hand_on(self, one: Fetched) -> None:
        """It is the next of its partition, and none that was there to compare came earlier."""
        partition = TopicPartition(one.topic, one.partition)
        assert self.held[partition].popleft() == one
        others = [
            queue[0]
            for other, queue in self.held.items()
            if queue and other != partition and other.partition == partition.partition
        ]
        assert all((one.timestamp, one.topic) <= (other.timestamp, other.topic) for other in others)


stamps = st.lists(st.integers(0, 30), max_size=12)
some_stamps: st.SearchStrategy[Stamps] = st.fixed_dictionaries(dict.fromkeys(EVERY, stamps))
in_order: st.SearchStrategy[Stamps] = st.fixed_dictionaries({partition: stamps.map(sorted) for partition in EVERY})
steps = st.lists(
    st.one_of(
        st.tuples(st.just("fetch"), st.sampled_from(EVERY), st.integers(0, 5)),
        st.tuples(st.just("take"), st.integers(1, 6)),
        st.tuples(st.just("wait"), st.floats(0, PATIENCE)),
    ),
    max_size=60,
)


def go(reader: Reader, given_steps: Sequence[tuple[Any, ...]]) -> None:
    for name, *how in given_steps:
        if name == "wait":
            reader.now += how[0]
        else:
            getattr(reader, name)(*how)


def read_to_the_end(reader: Reader) -> None:
    while not all(map(reader.bus.is_at_end, EVERY)) or reader.in_step.holds_any:
        for partition in EVERY:
            reader.fetch(partition, 3)
        reader.take()


@given(some_stamps, steps)
def test_all_that_goes_in_comes_out_once_each_partition_in_the_order_of_its_offsets(
    given_stamps: Stamps, given_steps: Sequence[tuple[Any, ...]]
) -> None:
    reader = Reader(Bus(given_stamps))
    go(reader, given_steps)
    read_to_the_end(reader)
    found: dict[TopicPartition, list[int]] = {partition: [] for partition in EVERY}
    for one in reader.out:
        found[TopicPartition(one.topic, one.partition)].append(one.offset)
    assert found == {partition: list(range(len(given_stamps[partition]))) for partition in EVERY}


@given(in_order, steps)
def test_while_nobody_is_given_up_a_partition_number_comes_out_in_the_order_of_its_time(
    given_stamps: Stamps, given_steps: Sequence[tuple[Any, ...]]
) -> None:
    reader = Reader(Bus(given_stamps))
    go(reader, [step for step in given_steps if step[0] != "wait"])
    read_to_the_end(reader)
    for number in range(2):
        instants = [one.timestamp for one in reader.out if one.partition == number]
        assert all(before <= after for before, after in pairwise(instants))


@given(some_stamps, steps)
def test_what_is_held_waits_no_longer_than_its_patience_though_no_end_is_ever_known(
    given_stamps: Stamps, given_steps: Sequence[tuple[Any, ...]]
) -> None:
    reader = Reader(Bus(given_stamps))
    go(reader, given_steps)
    for _ in range(len(EVERY) + 1):  # one after the other may run dry, and is waited for anew
        reader.in_step.take(10_000, lambda _partition: False, reader.now)
        reader.now += PATIENCE
    assert not reader.in_step.holds_any


def test_a_record_waits_for_a_topic_that_was_never_heard_of_and_not_for_one_that_is_at_its_end() -> None:
    bus = Bus({A: [5], B: []})
    in_step = begun(A, B)
    in_step.add(A, bus.fetch(A, 1))
    assert in_step.take(9, bus.is_at_end, now=0) == []
    assert in_step.missing == [B]
    bus.fetch(B, 1)
    assert stamps_of(in_step.take(9, bus.is_at_end, now=0)) == [("a", 5)]
    assert in_step.missing == []


def test_a_topic_far_ahead_is_held_until_the_one_behind_has_come_as_far() -> None:
    bus = Bus({A: [1, 2, 3, 90], B: [50, 80]})
    in_step = begun(A, B)
    in_step.add(B, bus.fetch(B, 2))
    in_step.add(A, bus.fetch(A, 2))
    assert stamps_of(in_step.take(9, bus.is_at_end, now=0)) == [("a", 1), ("a", 2)]
    assert (in_step.empty, in_step.missing) == ([A], [A])
    in_step.add(A, bus.fetch(A, 2))
    assert stamps_of(in_step.take(9, bus.is_at_end, now=0)) == [("a", 3), ("b", 50), ("b", 80), ("a", 90)]


def test_a_silent_topic_is_waited_for_once_until_it_is_heard_of_again() -> None:
    bus = Bus({A: [1, 7, 8, 9], B: [2, 3]})
    in_step = begun(A, B)

    def taken(now: float) -> list[tuple[str, int]]:
        return stamps_of(in_step.take(9, bus.is_at_end, now))

    in_step.add(A, bus.fetch(A, 2))
    assert [taken(now) for now in (0, PATIENCE - 0.1, PATIENCE)] == [[], [], [("a", 1), ("a", 7)]]
    in_step.add(A, bus.fetch(A, 1))
    assert taken(PATIENCE) == [("a", 8)]
    in_step.add(B, bus.fetch(B, 1))
    in_step.add(A, bus.fetch(A, 1))
    assert taken(PATIENCE) == [("b", 2)]
    assert taken(PATIENCE) == []
    in_step.add(B, bus.fetch(B, 1))
    assert taken(PATIENCE) == [("b", 3), ("a", 9)]


def test_partition_numbers_do_not_wait_for_each_other() -> None:
    here, there = TopicPartition("a", 0), TopicPartition("b", 1)
    bus = Bus({here: [9], there: [1]})
    in_step = begun(here, there)
    in_step.add(here, bus.fetch(here, 1))
    assert stamps_of(in_step.take(9, bus.is_at_end, now=0)) == [("a", 9)]


def test_a_partition_number_with_much_keeps_no_other_waiting() -> None:
    numbers = [TopicPartition("a", number) for number in range(3)]
    in_step = begun(*numbers)
    for partition in numbers:
        in_step.add(partition, records(partition, *range(10)))
    turns = [in_step.take(5, lambda _partition: True, now=0) for _ in range(3)]
    assert {one.partition for one in chain.from_iterable(turns)} == {0, 1, 2}


def test_with_a_new_assignment_what_was_held_is_forgotten() -> None:
    in_step = begun(A, B)
    in_step.add(A, records(A, 1, 2))
    assert in_step.holds(A)
    in_step.begin([A, C])
    assert (in_step.holds(A), in_step.holds(B), in_step.holds_any, in_step.held_bytes) == (False, False, False, 0)
    assert set(in_step.empty) == {A, C}
