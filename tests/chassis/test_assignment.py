"""Where a group goes on reading, and that records which nobody has read cannot vanish in silence."""

import logging

import pytest
from aiokafka import TopicPartition

from chassis.clock import RealTime
from chassis.consume.assignment import Assignment
from chassis.consume.watermarks import Watermarks
from tests.chassis.consumer import FakeConsumer, Holder
from tests.chassis.test_watermarks import EVENTS, MARGIN, REPORTS

BOTH = [REPORTS, EVENTS]


class Settled:
    """A process that has nothing in hand."""

    async def settled(self) -> None:
        return None


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """An element for each time the process would have ended itself."""
    ends: list[bool] = []
    monkeypatch.setattr("chassis.process.shutdown.end_process", lambda: ends.append(True))
    return ends


@pytest.fixture
def consumer() -> FakeConsumer:
    """A group that has read the reports up to 10, of which the bus keeps those from 5 on, and no event."""
    return FakeConsumer(beginnings={REPORTS: 5, EVENTS: 2}, commits={REPORTS: 10})


@pytest.fixture
def progress(consumer: FakeConsumer) -> Watermarks:
    return Watermarks(RealTime(), MARGIN, Holder(consumer))


@pytest.fixture
def assignment(progress: Watermarks, consumer: FakeConsumer) -> Assignment:
    return Assignment(progress, Settled(), Holder(consumer), settle_seconds=1)


async def test_a_group_goes_on_where_it_stopped_and_a_new_one_begins_at_the_beginning(
    assignment: Assignment, progress: Watermarks, consumer: FakeConsumer, stopped: list[bool]
) -> None:
    await assignment.on_partitions_assigned(BOTH)
    assert progress.known.is_set()
    assert progress.gaps([consumer.record(REPORTS, 10, 0), consumer.record(EVENTS, 2, 0)]) == {}
    assert progress.gaps([consumer.record(REPORTS, 11, 0), consumer.record(EVENTS, 3, 0)]) == {REPORTS: 10, EVENTS: 2}
    assert not stopped


async def test_a_group_that_retention_has_overtaken_stops_with_a_clear_message(
    assignment: Assignment,
    progress: Watermarks,
    consumer: FakeConsumer,
    stopped: list[bool],
    caplog: pytest.LogCaptureFixture,
) -> None:
    consumer.commits[REPORTS] = 4
    with caplog.at_level(logging.CRITICAL):
        await assignment.on_partitions_assigned(BOTH)
    assert stopped
    assert not progress.known.is_set(), "nothing may be judged, let alone committed"
    assert "reports[3]: this group has read up to offset 4, but the bus keeps only what begins at 5" in caplog.text


async def test_records_deleted_under_a_running_service_stop_it(
    assignment: Assignment, progress: Watermarks, consumer: FakeConsumer, stopped: list[bool]
) -> None:
    await assignment.on_partitions_assigned(BOTH)
    consumer.beginnings[REPORTS] = 20
    assert not await assignment.follows_on([consumer.record(REPORTS, 20, 0)])
    assert stopped


async def test_a_gap_that_compaction_or_a_transaction_left_is_harmless(
    assignment: Assignment, consumer: FakeConsumer, stopped: list[bool]
) -> None:
    await assignment.on_partitions_assigned(BOTH)
    assert await assignment.follows_on([consumer.record(REPORTS, 20, 0)])
    assert not stopped


async def test_a_service_that_cannot_learn_where_it_begins_stops(
    assignment: Assignment, consumer: FakeConsumer, stopped: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(partition: TopicPartition) -> int:
        raise OSError(partition.topic)

    monkeypatch.setattr(consumer, "committed", broken)
    await assignment.on_partitions_assigned(BOTH)
    assert stopped


async def test_whoever_says_where_to_read_on_is_believed_whatever_the_group_has_committed(
    progress: Watermarks, consumer: FakeConsumer, stopped: list[bool]
) -> None:
    consumer.commits[REPORTS] = 900

    async def read_up_to(assigned: object, beginnings: object) -> dict[TopicPartition, int]:
        assert (assigned, beginnings) == (BOTH, consumer.beginnings)
        assert consumer.paused == set(BOTH), "nothing is fetched from where the group has committed"
        return {REPORTS: 7}

    given = Assignment(progress, Settled(), Holder(consumer), 1, read_up_to)
    await given.on_partitions_assigned(BOTH)
    assert (consumer.seeks, consumer.paused) == ({REPORTS: 7, EVENTS: 2}, set())
    assert progress.gaps([consumer.record(REPORTS, 7, 0), consumer.record(EVENTS, 2, 0)]) == {}
    assert not stopped


async def test_a_store_that_does_not_say_how_far_was_read_has_the_partitions_given_back(
    progress: Watermarks, consumer: FakeConsumer, stopped: list[bool]
) -> None:
    async def silent(_assigned: object, _beginnings: object) -> dict[TopicPartition, int]:
        raise ConnectionRefusedError

    given_back: list[str] = []
    assignment = Assignment(progress, Settled(), Holder(consumer), 1, silent)
    assignment.give_back = given_back.append
    await assignment.on_partitions_assigned(BOTH)
    assert given_back == ["nobody has said how far has been read (ConnectionRefusedError)"]
    assert (progress.known.is_set(), consumer.paused, stopped) == (False, set(BOTH), [])


async def test_a_bus_that_begins_anew_under_a_running_service_stops_it(
    assignment: Assignment, consumer: FakeConsumer, stopped: list[bool], caplog: pytest.LogCaptureFixture
) -> None:
    """Its client goes to the beginning by itself; what is there now would be taken for what was read long ago."""
    await assignment.on_partitions_assigned(BOTH)
    assert not await assignment.follows_on([consumer.record(REPORTS, 3, 0)])
    assert stopped
    assert "reports[3]: offset 3 comes after everything before 10 had been read" in caplog.text


async def test_being_given_nothing_is_an_assignment_too(
    assignment: Assignment, progress: Watermarks, stopped: list[bool]
) -> None:
    await assignment.on_partitions_assigned([])
    assert progress.known.is_set()
    assert list(progress.partitions) == []
    assert not stopped
