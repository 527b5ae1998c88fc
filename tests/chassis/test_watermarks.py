"""A tick may be judged once every topic has been read up to its instant: this is how that is known."""

from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import TopicPartition

from chassis.clock import RealTime, real_now
from chassis.consume.watermarks import NEVER, Watermarks, arrival
from tests.chassis.consumer import FakeConsumer, Holder

REPORTS, EVENTS = TopicPartition("reports", 3), TopicPartition("events", 3)
MARGIN = timedelta(milliseconds=50)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def holder() -> Holder:
    return Holder(FakeConsumer())


@pytest.fixture
def progress(holder: Holder) -> Watermarks:
    """Two topics, of which this process has partition 3, each to be read from offset 10 on."""
    progress = Watermarks(RealTime(), MARGIN, holder)
    progress.assigned({REPORTS: 10, EVENTS: 10})
    return progress


@pytest.fixture
def consumer(progress: Watermarks, holder: Holder) -> FakeConsumer:
    """It has seen both topics end at offset 10: the reports a second ago, the events two; and both again just now."""
    assert holder.consumer is not None
    consumer = holder.consumer
    consumer.fetched(REPORTS, end=10, seconds_ago=1)
    consumer.fetched(EVENTS, end=10, seconds_ago=2)
    progress.watermark()
    consumer.fetched(REPORTS, end=10, seconds_ago=0.1)
    consumer.fetched(EVENTS, end=10, seconds_ago=0.1)
    return consumer


def test_a_partition_is_read_to_where_its_slowest_topic_is(progress: Watermarks, consumer: FakeConsumer) -> None:
    assert progress.watermark() == {3: consumer.ago(2) - MARGIN}


def test_nothing_has_been_read_before_the_first_fetch(progress: Watermarks, consumer: FakeConsumer) -> None:
    consumer.states[EVENTS].highwater = consumer.states[EVENTS].polled_ms = None
    assert progress.watermark() == {3: NEVER}
    assert not progress.caught_up_since(consumer.ago(60))


def test_one_answer_proves_nothing_it_may_have_lain_about_since_before_the_last_record_came(
    progress: Watermarks, holder: Holder
) -> None:
    """A process that is frozen between the answer to its fetch and the reading of it takes the answer for fresh."""
    holder.consumer = consumer = FakeConsumer()
    for partition in (REPORTS, EVENTS):
        consumer.fetched(partition, end=10, seconds_ago=0)
    assert progress.watermark() == {3: NEVER}
    assert progress.watermark() == {3: NEVER}, "looked at twice, it is still one answer"


def test_a_record_on_the_bus_that_was_not_handed_on_holds_the_clock(
    progress: Watermarks, consumer: FakeConsumer
) -> None:
    consumer.fetched(EVENTS, end=11, seconds_ago=0, position=10)
    assert progress.watermark() == {3: NEVER}
    assert progress.behind() == 1


def test_a_backlog_is_read_to_just_before_its_last_record_that_was_handed_on(
    progress: Watermarks, consumer: FakeConsumer
) -> None:
    """Others may have come at the very same instant: at a virtual clock's step a whole backlog does."""
    consumer.fetched(EVENTS, end=500, seconds_ago=0, position=12)
    progress.dispatched([consumer.record(EVENTS, 10, 100), consumer.record(EVENTS, 11, 90)])
    assert progress.watermark() == {3: consumer.ago(90) - MOMENT}
    assert progress.behind() == 488


def test_once_all_is_handed_on_the_last_fetch_counts_again(progress: Watermarks, consumer: FakeConsumer) -> None:
    progress.dispatched([consumer.record(EVENTS, offset, 90) for offset in (10, 11)])
    consumer.fetched(EVENTS, end=12, seconds_ago=0.05)
    assert progress.watermark() == {3: consumer.ago(2) - MARGIN}
    progress.dispatched([consumer.record(EVENTS, offset, 0.4) for offset in (12, 13)])
    progress.dispatched([consumer.record(REPORTS, offset, 0.3) for offset in (10, 11)])
    for partition, end in ((REPORTS, 12), (EVENTS, 14)):
        consumer.fetched(partition, end=end, seconds_ago=0.01)
    assert progress.watermark() == {3: consumer.ago(0.1) - MARGIN}


def test_a_record_between_the_consumer_and_the_workers_holds_the_clock(
    progress: Watermarks, consumer: FakeConsumer
) -> None:
    consumer.fetched(EVENTS, end=11, seconds_ago=0)
    for _ in range(3):
        assert progress.watermark() == {3: NEVER}


def test_offsets_without_records_are_passed_once_another_fetch_finds_them_still_so(
    progress: Watermarks, consumer: FakeConsumer
) -> None:
    consumer.fetched(EVENTS, end=11, seconds_ago=0.09)
    assert progress.watermark() == {3: NEVER}
    consumer.fetched(EVENTS, end=11, seconds_ago=0.05)
    assert progress.watermark() == {3: consumer.ago(1) - MARGIN}


def test_offsets_without_records_are_not_passed_while_a_fetch_is_handed_on(
    progress: Watermarks, consumer: FakeConsumer
) -> None:
    progress.dispatching = True
    for seconds_ago in (0.09, 0.05, 0.01):
        consumer.fetched(EVENTS, end=11, seconds_ago=seconds_ago)
        assert progress.watermark() == {3: NEVER}


def test_a_topic_that_was_made_anew_is_not_at_its_end_because_the_old_one_was_longer(
    progress: Watermarks, consumer: FakeConsumer
) -> None:
    consumer.fetched(EVENTS, end=4, seconds_ago=0, position=0)
    assert progress.watermark() == {3: NEVER}


def test_a_partition_that_is_not_ours_any_more_is_read_to_nowhere(progress: Watermarks, consumer: FakeConsumer) -> None:
    del consumer.states[EVENTS]
    assert progress.watermark() == {3: NEVER}
    assert progress.behind() == 0


def test_without_a_consumer_nothing_is_claimed(progress: Watermarks, holder: Holder) -> None:
    holder.consumer = None
    assert progress.watermark() == {3: NEVER}
    assert not progress.caught_up_since(NEVER)
    assert progress.behind() == 0
    assert progress.fetched() is None


def test_nothing_is_claimed_while_a_fetch_is_on_its_way(progress: Watermarks, consumer: FakeConsumer) -> None:
    assert progress.between_fetches() == ({3: consumer.ago(2) - MARGIN}, progress.generation)
    progress.dispatching = True
    assert progress.between_fetches() == ({}, progress.generation)


def test_caught_up_means_a_fetch_after_the_question(progress: Watermarks, consumer: FakeConsumer) -> None:
    assert progress.caught_up_since(consumer.ago(2))
    assert not progress.caught_up_since(consumer.ago(0.05))


def test_whoever_has_no_partitions_is_not_caught_up(consumer: FakeConsumer) -> None:
    assert not Watermarks(RealTime(), MARGIN, Holder(consumer)).caught_up_since(NEVER)


def test_a_new_assignment_voids_the_generation_before(progress: Watermarks) -> None:
    before = progress.generation
    progress.revoked()
    assert not progress.known.is_set()
    assert list(progress.partitions) == []
    progress.assigned({REPORTS: 0})
    assert progress.known.is_set()
    assert list(progress.partitions) == [3]
    assert progress.generation > before


def test_a_fetch_made_before_the_partitions_were_shared_out_anew_is_left_to_be_fetched_again(
    progress: Watermarks, consumer: FakeConsumer
) -> None:
    stale, fresh = consumer.record(EVENTS, 10, 1), consumer.record(REPORTS, 10, 1)
    consumer.fetched(EVENTS, end=11, seconds_ago=0, position=10)
    consumer.fetched(REPORTS, end=11, seconds_ago=0)
    assert progress.current([stale, fresh]) == [fresh]
    consumer.states[EVENTS].position = None
    assert progress.current([stale]) == []
    consumer.fetched(EVENTS, end=11, seconds_ago=0)
    assert progress.current([stale, fresh]) == [stale, fresh]
    del consumer.states[REPORTS]
    assert progress.current([stale, fresh]) == [stale]


def test_records_that_do_not_follow_on_are_a_gap(progress: Watermarks, consumer: FakeConsumer) -> None:
    assert progress.gaps([consumer.record(EVENTS, 10, 1), consumer.record(EVENTS, 15, 1)]) == {}
    assert progress.gaps([consumer.record(EVENTS, 12, 1), consumer.record(EVENTS, 13, 1)]) == {EVENTS: 10}


@pytest.mark.parametrize("timestamp", [-1, -(1 << 62), 1 << 62, 253_402_300_800_000])
def test_no_record_comes_after_now_or_without_a_time(timestamp: int) -> None:
    """Where the broker does not set it, a publisher may write any timestamp: none stops a service or its clock."""
    before = real_now()
    assert before <= arrival(timestamp) <= real_now()


def test_a_record_came_when_its_timestamp_says() -> None:
    assert arrival(1_602_892_800_123) == datetime(2020, 10, 17, 0, 0, 0, 123_000, tzinfo=UTC)


def test_a_bus_is_silent_since_its_last_answer_or_since_it_was_last_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    consumer = FakeConsumer()
    progress = Watermarks(RealTime(), MARGIN, Holder(consumer))
    monkeypatch.setattr("chassis.consume.watermarks.real_now", lambda: consumer.ago(30))
    assert progress.unanswered_seconds() == 0, "who has no partitions asks for nothing"
    progress.assigned({REPORTS: 0})
    monkeypatch.setattr("chassis.consume.watermarks.real_now", lambda: consumer.now)
    consumer.fetched(REPORTS, end=0, seconds_ago=40)
    assert progress.unanswered_seconds() == 30, "it has not been asked before"
    consumer.fetched(REPORTS, end=0, seconds_ago=12)
    assert progress.unanswered_seconds() == 12
    progress.dispatching = True
    assert progress.unanswered_seconds() == 0, "nobody asks while the workers are full"
    progress.dispatching = False
    assert progress.unanswered_seconds() == 0


def test_only_what_comes_before_what_was_handed_on_is_set_back(progress: Watermarks, consumer: FakeConsumer) -> None:
    """Offsets that seemed to hold no record are passed; should a record come of them all the same, nothing is lost."""
    consumer.fetched(REPORTS, end=16, seconds_ago=3)
    progress.caught_up_since(consumer.ago(10))
    consumer.fetched(REPORTS, end=16, seconds_ago=1)
    progress.caught_up_since(consumer.ago(10))
    assert REPORTS not in progress.waiting()
    assert progress.set_back([consumer.record(REPORTS, 10, 0)]) == {}
    assert progress.set_back([consumer.record(REPORTS, 9, 0)]) == {REPORTS: (9, 10)}
