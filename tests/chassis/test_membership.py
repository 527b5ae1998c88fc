"""In the group while the store answers, under its name; out of it else. The subscriber is FastStream's, played."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.errors import InconsistentGroupProtocolError, KafkaConnectionError

from chassis.clock import RealTime
from chassis.consume import membership as joining
from chassis.consume.membership import Membership, assignor_of
from chassis.consume.watermarks import Watermarks
from chassis.process.outages import Outage
from tests.chassis.consumer import Holder
from tests.chassis.fake_engine import until

SILENT_SECONDS = 0.3


@dataclass
class Subscriber:
    """A subscriber that notes when it was started and stopped, and under which name it joined."""

    story: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    async def join(self, assignor: type[Any]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.story.append(f"in as {assignor.name}")

    async def stop(self) -> None:
        self.story.append("out")


@dataclass
class Database:
    """A process whose store answers, or does not; and how often it has made itself ready."""

    name: str = "one"
    failure: Exception | None = None
    asked: int = 0
    readied: int = 0

    async def store_id(self) -> str:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return self.name

    async def before_joining(self) -> None:
        self.readied += 1


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "TRY_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(joining, "REFUSED_PAUSE_SECONDS", 0)
    for name in ("BUS", "STORE"):
        monkeypatch.setattr(joining, name, Outage(f"the {name.lower()}"))


@pytest.fixture
def subscriber() -> Subscriber:
    return Subscriber()


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def progress() -> Watermarks:
    return Watermarks(RealTime(), timedelta(), Holder(None))


@pytest.fixture
def membership(subscriber: Subscriber, database: Database, progress: Watermarks) -> Membership:
    return Membership("treatment", subscriber, database, progress, SILENT_SECONDS)


@asynccontextmanager
async def running(membership: Membership) -> AsyncIterator[None]:
    job = asyncio.create_task(membership.run())
    yield
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)


def given(caplog: pytest.LogCaptureFixture, what: Callable[[str], bool]) -> int:
    return sum(what(message) for message in caplog.messages)


async def test_a_process_joins_once_its_store_has_answered_and_under_its_name(
    membership: Membership, subscriber: Subscriber, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.failure = OSError("wrong password")
    async with running(membership):
        await until(lambda: database.asked > 5)
        assert subscriber.story == []
        assert membership.outside == "the database does not answer (OSError)"
        database.failure = None
        await until(lambda: bool(subscriber.story))
        assert subscriber.story == ["in as afterward-one"]
        assert database.readied == 1
        assert not membership.outside
    assert [message.partition(" (")[0] for message in caplog.messages] == [
        "the store fails",
        "the store answers again, after 0 s",
    ], "one line when it goes and one when it is back, however often it was asked"


async def test_it_gives_its_partitions_back_when_the_store_is_silent_and_joins_again_when_it_answers(
    membership: Membership, subscriber: Subscriber, database: Database, progress: Watermarks
) -> None:
    async with running(membership):
        await until(lambda: bool(subscriber.story))
        progress.assigned({})
        database.failure = TimeoutError()
        await until(lambda: "out" in subscriber.story)
        assert not progress.known.is_set(), "what was read ahead is void"
        assert membership.outside is not None
        database.failure = None
        await until(lambda: len(subscriber.story) == 3)
    assert subscriber.story == ["in as afterward-one", "out", "in as afterward-one"]


async def test_a_short_silence_is_nothing(membership: Membership, subscriber: Subscriber, database: Database) -> None:
    async with running(membership):
        await until(lambda: bool(subscriber.story))
        for _ in range(3):
            asked, database.failure = database.asked, OSError()
            await until(lambda asked=asked: database.asked > asked)  # type: ignore[misc]
            asked, database.failure = database.asked, None
            await until(lambda asked=asked: database.asked > asked + 1)  # type: ignore[misc]
    assert subscriber.story == ["in as afterward-one"]


async def test_a_store_that_has_become_another_one_is_another_group(
    membership: Membership, subscriber: Subscriber, database: Database
) -> None:
    async with running(membership):
        await until(lambda: bool(subscriber.story))
        database.name = "two"
        await until(lambda: len(subscriber.story) == 3)
    assert subscriber.story == ["in as afterward-one", "out", "in as afterward-two"]


async def test_what_cannot_be_read_is_given_back_at_once(membership: Membership, subscriber: Subscriber) -> None:
    async with running(membership):
        await until(lambda: bool(subscriber.story))
        membership.give_back("nobody has said how far has been read (OSError)")
        await until(lambda: len(subscriber.story) == 3)
    assert subscriber.story == ["in as afterward-one", "out", "in as afterward-one"]


async def test_a_bus_that_is_not_there_yet_is_waited_for(
    membership: Membership, subscriber: Subscriber, caplog: pytest.LogCaptureFixture
) -> None:
    subscriber.failures = [KafkaConnectionError("no brokers")] * 5
    async with running(membership):
        await until(lambda: "in as afterward-one" in subscriber.story)
    assert given(caplog, lambda line: line.startswith("the bus fails (group: KafkaConnectionError")) == 1


@pytest.mark.parametrize("at_start", [True, False], ids=["when it joins", "when it joins again"])
async def test_whoever_is_refused_says_so_once_with_what_to_do_and_is_let_in_later(
    at_start: bool,
    membership: Membership,
    subscriber: Subscriber,
    progress: Watermarks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    refusals: list[Exception] = [InconsistentGroupProtocolError()] * 3
    subscriber.failures = list(refusals) if at_start else []
    with caplog.at_level(logging.WARNING):
        async with running(membership):
            await until(lambda: "in as afterward-one" in subscriber.story)
            for _ in range(0 if at_start else 3):
                await membership.refused()
            assert (
                membership.outside == "group treatment has members that do not belong to this stack: they have to end"
            )
            membership.fetched()
            assert membership.outside is not None, "it has been given nothing yet"
            progress.assigned({})
            membership.fetched()
            assert membership.outside is None
    [refused, let_in] = caplog.messages
    assert refused.startswith("group treatment has members that do not belong to this stack")
    assert "(its database is one)" in refused
    assert "End them, or give them a group of their own" in refused
    assert let_in == "group treatment takes this process in again"


def test_only_processes_of_one_store_give_the_same_name() -> None:
    assert assignor_of("a").name == assignor_of("a").name != assignor_of("b").name
