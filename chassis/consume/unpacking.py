"""What the client cannot unpack is passed over by its place, and never stops its partition.

aiokafka raises where it meets a batch that it cannot unpack (an unknown codec, a compressed payload that is cut, a
checksum that is wrong, a header that is no text), fetches the same bytes again and raises again, for ever; the good
records before it in the same answer are lost each time. Here such a batch is asked for again a few times, since it may
have been spoilt on its way; then a record that has neither key nor value takes its place, says which offsets it stands
for (`chassis.consume.reader.Unread`), and the position goes on behind them.

What this needs of aiokafka's fetcher and does not find in its interface stands in `chassis.consume.library_internals`.
"""

from collections import Counter, OrderedDict
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.consumer.fetcher import Fetcher, FetchError, FetchResult, PartitionRecords
from aiokafka.errors import RecordTooLargeError

from chassis.consume.codecs import bound_codecs
from chassis.consume.library_internals import (
    Unpacking,
    assignment_of,
    backoff_of,
    batches_of,
    error_of,
    fetched_by,
    fetcher_of,
    keep_fetched,
    unpack_by,
)
from chassis.consume.reader import Unread

TRIES = 3
"""So often a batch is fetched and cannot be unpacked before it is passed over."""
LOG_APPEND_TIME = 1


class NoMarker(Exception):
    """A batch that says that it is a marker of the bus's own, and is not: its records would be left out unseen."""


def pass_over_unreadable(consumer: AIOKafkaConsumer) -> None:
    """From now on a started consumer gives out a record in place of what it cannot unpack. Can be said again."""
    fetcher = fetcher_of(consumer)
    if type(fetched_by(fetcher)) is not Fetched:
        bound_codecs()
        keep_fetched(fetcher, Fetched(fetcher))


class Fetched(OrderedDict[TopicPartition, Any]):
    """What a fetcher has in hand, by partition; every answer that is put in can be unpacked to its end."""

    def __init__(self, fetcher: Fetcher) -> None:
        super().__init__()
        self._fetcher = fetcher
        self._failed: Counter[tuple[TopicPartition, int]] = Counter()
        for partition, answer in fetched_by(fetcher).items():
            self[partition] = answer

    def __setitem__(self, partition: TopicPartition, answer: Any) -> None:
        if type(answer) is FetchResult:
            unpack_by(answer, partial(_PassingOver, fetched=self))
        elif type(answer) is FetchError and isinstance(error_of(answer), RecordTooLargeError):
            answer = self._cut_off(partition, answer)
        super().__setitem__(partition, answer)

    def _cut_off(self, partition: TopicPartition, answer: FetchError) -> FetchResult:
        """An answer that ends within its first batch. aiokafka goes on at the next offset, and says nothing of it."""
        error = error_of(answer)
        place = error.args[2]
        only = _Place(stand_in(partition, place, place, error, 0), place + 1)
        return FetchResult(
            partition, assignment=assignment_of(self._fetcher), partition_records=only, backoff=backoff_of(answer)
        )

    def failed(self, partition: TopicPartition, place: int) -> bool:
        """Takes note that a batch could not be unpacked; whether that has been so often enough."""
        self._failed[partition, place] += 1
        if self._failed[partition, place] < TRIES:
            return False
        del self._failed[partition, place]
        return True

    def end(self, partition: TopicPartition) -> int | None:
        """The offset after the last record of a partition, as far as the last answer knew."""
        end: int | None = assignment_of(self._fetcher).state_value(partition).highwater
        return end


class _Place:
    """The records of an answer, where there is one that stands for others."""

    def __init__(self, record: Any, next_fetch_offset: int) -> None:
        self.next_fetch_offset = next_fetch_offset
        self._left = [record]

    def __iter__(self) -> "_Place":
        return self

    def __next__(self) -> Any:
        if not self._left:
            raise StopIteration
        return self._left.pop()


class _Batches:
    """The batches of an answer. `at_hand`: the one that is being unpacked; None while there is none that can be."""

    def __init__(self, batches: Any) -> None:
        self._batches = batches
        self._next: Any = None
        self.at_hand: Any = None

    def has_next(self) -> bool:
        return self._next is not None or self._batches.has_next()

    def next_batch(self) -> Any:
        """Raises whatever is wrong with the frame of a batch, and NoMarker."""
        self.at_hand, found = None, self._next
        self._next = None
        batch = self.at_hand = self._batches.next_batch() if found is None else found
        if batch.is_control_batch and not (batch.is_transactional and batch.producer_id >= 0):
            raise NoMarker
        return batch

    def next_begins(self) -> int | None:
        """The offset at which the next batch begins, where there is one and it says so."""
        try:
            if self._next is None and self._batches.has_next():
                self._next = self._batches.next_batch()
        except Exception:  # it is the next one to be passed over
            return None
        return getattr(self._next, "base_offset", None)


class _PassingOver(Unpacking):
    """The records of an answer, one after the other, whatever its batches hold."""

    def __init__(self, given: PartitionRecords, fetched: Fetched) -> None:
        super().__init__(given, _Batches(batches_of(given)))
        self._fetched = fetched

    def in_place_of(self, error: Exception) -> Any:
        """The record in place of what is left of a batch. Raises StopIteration where it is to be fetched again."""
        place = self.next_fetch_offset
        if not self._fetched.failed(self.partition, place):
            self.end()
            raise StopIteration
        self.next_fetch_offset = after = self._after(place)
        self.unpack_on()
        return stand_in(self.partition, place, after - 1, error, self._received_at())

    def _after(self, place: int) -> int:
        """The offset behind the batch at hand. What a batch says of itself holds if its checksum does."""
        batch = self.batches.at_hand
        if batch is None:
            return place + 1
        end = self._fetched.end(self.partition)
        if not _is_whole(batch):
            following = self.batches.next_begins()
            if following is not None and following > place:
                end = following
        claimed = int(batch.next_offset)
        return claimed if place < claimed and (end is None or claimed <= end) else place + 1

    def _received_at(self) -> int:
        """When the batch came, in milliseconds; 0: long ago, where nobody knows. Later ones have not come before it."""
        batch = self.batches.at_hand
        return int(getattr(batch, "max_timestamp", 0)) if batch is not None and _is_whole(batch) else 0


def _is_whole(batch: Any) -> bool:
    try:
        return bool(batch.validate_crc())
    except Exception:  # not even that much of it
        return False


def stand_in(partition: TopicPartition, first: int, last: int, error: Exception, timestamp: int) -> Any:
    """The record that stands for offsets nobody could unpack: it says the error's name, nothing of what they hold."""
    header = Unread(first, last, type(error).__name__).header
    place = partition.topic, partition.partition, last
    return ConsumerRecord(*place, timestamp, LOG_APPEND_TIME, None, None, None, -1, -1, (header,))
