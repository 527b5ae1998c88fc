"""Stories told side by side: many cases live through the same weeks on one stack, since its clock is what takes time.

A story is written as if it were alone. All it can ask for is that the clock shows an instant and that something has
been told by then; whoever asked for the earliest instant goes on first, and all who asked for that one together.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from datetime import UTC, datetime
from types import coroutine
from typing import Any, NamedTuple, Protocol, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from afterward.stack.topics import end_offsets
from schemas.envelope import Envelope, read
from schemas.message import Report
from schemas.topic import PARTITIONS
from tests.journeys.stack import EVENT_TOPICS


class Wish(NamedTuple):
    """What a story waits for: the clock shows an instant, these reports were told then, and all is quiet again."""

    at: datetime
    reports: tuple[Report, ...]


@coroutine
def given(at: datetime, *reports: Report) -> Generator[Wish, None, None]:
    """Tells reports at an instant; goes on once all that follows from them has been said and heard."""
    yield Wish(at.astimezone(UTC), reports)


class Hears(Protocol):
    """Whoever wants to know what is said."""

    def hear(self, event: Envelope) -> None: ...


Listen = Callable[[Hears], Awaitable[None]]
"""Lets somebody hear everything that is on the bus by now."""


class Heard:
    """All that has been said on the bus so far, each event once, in the order in which it was said of its subject."""

    def __init__(self) -> None:
        self._by_subject: dict[str, dict[str, Envelope]] = defaultdict(dict)

    def hear(self, event: Envelope) -> None:
        """One more event, or one that was heard before."""
        self._by_subject[event.subject].setdefault(event.id, event)

    def about(self, subject: str) -> list[Envelope]:
        """What was said about somebody or something."""
        return list(self._by_subject[subject].values())

    def all(self) -> list[Envelope]:
        """What was said about everybody and everything."""
        return [event for events in self._by_subject.values() for event in events.values()]


Story = Callable[[str, Heard], Coroutine[Wish, None, None]]
"""(its name, what will be heard) → the story."""


class Stage(Protocol):
    """What stories need of a stack."""

    def now(self) -> datetime: ...
    async def until(self, instant: datetime) -> None: ...
    async def tell(self, *reports: Report) -> None: ...


class Published:
    """Stories on their way, and how each that is over has ended."""

    def __init__(self, stories: Mapping[str, Story]) -> None:
        self.heard = Heard()
        self._stories = {name: story(name, self.heard) for name, story in stories.items()}
        self._wishes: dict[str, Wish] = {}
        self._ends: dict[str, Exception | None] = {}

    def end_of(self, name: str) -> None:
        """Raises what ended a story before its last line."""
        if (error := self._ends[name]) is not None:
            raise error

    async def tell(self, stage: Stage, listen: Listen) -> Self:
        """Tells all stories to their ends. One that fails does not end the others."""
        for name in self._stories:
            self._go_on(name, stage.now())
        while self._wishes:
            at = min(wish.at for wish in self._wishes.values())
            now = {name: self._wishes.pop(name) for name, wish in [*self._wishes.items()] if wish.at == at}
            await stage.until(at)
            if reports := [report for wish in now.values() for report in wish.reports]:
                await stage.tell(*reports)
            await listen(self.heard)
            for name in now:
                self._go_on(name, at)
        return self

    def _go_on(self, name: str, now: datetime) -> None:
        """A story goes on to its next wish, or ends."""
        try:
            wish = self._stories[name].send(None)
            assert wish.at >= now, f"{wish.at} is over: the clock shows {now}, and never goes back"
            self._wishes[name] = wish
        except StopIteration:
            self._ends[name] = None
        except Exception as error:  # whatever it is, it is raised where the story is asked for
            self._ends[name] = error


class Listener:
    """Reads on, from where it was, to the ends of some topics: of all events, unless told otherwise."""

    def __init__(self, bootstrap_servers: str, topics: Sequence[str] = EVENT_TOPICS) -> None:
        self._servers = bootstrap_servers
        self._partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap_servers,
            enable_auto_commit=False,
            fetch_max_wait_ms=50,
            isolation_level="read_committed",
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        await self._consumer.seek_to_beginning(*self._partitions)
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self._consumer.stop()

    async def listen(self, who: Hears) -> None:
        """Hears everything that has been said by now."""
        for partition, end in (await end_offsets(self._servers, self._partitions)).items():
            while await self._consumer.position(partition) < end:
                for records in (await self._consumer.getmany(timeout_ms=100)).values():
                    for record in records:
                        who.hear(read(record.value, record.headers))
