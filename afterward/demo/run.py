"""Publishes the story to a running stack, day by day: its clock stands still until a day's reports have been judged."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from aiokafka import AIOKafkaProducer

from afterward.context.idle import wait_until_idle
from afterward.context.target import Target
from afterward.demo.listener import Listener
from afterward.seed import institutions
from afterward.stack.clients import started
from schemas.envelope import HEADERS, Envelope
from story import END, SEED, Publication, answer
from story.publication import SHANGHAI

EVENING = timedelta(hours=23, minutes=55)
"""When a day's reports are published, by the stack's clock: late enough for all of them, and not yet tomorrow."""
A_DAY = timedelta(days=1)

TimelineEvent = tuple[datetime, str, dict[str, object]]

AfterDay = Callable[[date, int, Listener], None]
"""(day, reports published so far, who listens): called after each day, for the live view."""


def before(publications: Sequence[Publication]) -> datetime:
    """The instant at which the stack's clock has to start: the midnight before the first report."""
    first = publications[0].publish_at.astimezone(SHANGHAI)
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


async def publish_all(
    target: Target,
    publications: Sequence[Publication],
    listener: Listener,
    after_day: AfterDay,
    *,
    clock_first: bool = False,
) -> int:
    """Publishes every report on its day, answers what people are asked for, and goes on to the end.

    `clock_first`: what is due by itself is judged before a day's reports, which takes longer. Otherwise the two race,
    and whether somebody is still called of whom a late report tells in that evening is left to chance.
    Returns how many reports were published. Raises NotIdle when the services do not come to rest, NotThere.
    """
    clock, count = target.virtual_clock, 0
    async with started(AIOKafkaProducer(**target.bus.options(), acks="all", linger_ms=5)) as producer:
        await _declare_institutions(producer)
        await wait_until_idle(target)
        for day, reports in _days(publications):
            clock.step_to(_midnight(day) + EVENING, 0)
            if clock_first:
                await wait_until_idle(target)
            count += await publish(producer, reports)
            count += await _answer(producer, target, listener)
            after_day(day, count, listener)
    clock.step_to(END + timedelta(hours=1), 0)
    await wait_until_idle(target)
    await listener.caught_up()
    return count


async def _answer(producer: AIOKafkaProducer, target: Target, listener: Listener) -> int:
    """Answers the calls, the linkages and the alerts of the day, and whoever is asked because one of them declined."""
    count = 0
    while True:
        await wait_until_idle(target)
        await listener.caught_up()
        answers = [given for event in listener.requests() if (given := answer(event, SEED))]
        count += await publish(producer, [given.publication for given in answers])
        if not any(given.asks_on for given in answers):
            return count


async def _declare_institutions(producer: AIOKafkaProducer) -> None:
    """Before the story begins: whom intake may send to, and who near home is notified."""
    for report in institutions():
        await producer.send_and_wait(report.topic, report.value, report.key, headers=list(HEADERS))


async def publish(producer: AIOKafkaProducer, publications: Sequence[Publication]) -> int:
    """Sends reports in their order, and returns how many once the bus has acknowledged them all."""
    waiting = [
        await producer.send(publication.topic, publication.value, publication.key.encode(), headers=list(HEADERS))
        for publication in publications
    ]
    for acknowledged in waiting:
        await acknowledged
    return len(waiting)


def _days(publications: Sequence[Publication]) -> Iterator[tuple[date, Sequence[Publication]]]:
    """The reports by the day on whose evening they are published; a day without any has a midnight all the same."""
    by_day = {day: list(due) for day, due in groupby(publications, key=_day)}
    day, last = min(by_day), max(by_day)
    while day <= last:
        yield day, by_day.get(day, [])
        day += A_DAY


def _day(publication: Publication) -> date:
    """The first evening by which the report has been written."""
    return (publication.publish_at.astimezone(SHANGHAI) + A_DAY - EVENING).date()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def child_events(listener: Listener) -> list[TimelineEvent]:
    """Every event about the child: (when, what, data), in the order in which it became true."""
    return in_time(listener.heard)


def declined_linkage(listener: Listener) -> list[TimelineEvent]:
    """What was said of one linkage that somebody declined and somebody else accepted: the first such; or nothing."""
    for events in listener.linkages.values():
        emitted = in_time(events)
        if {"LinkageDeclined", "LinkageAccepted"} <= {name for _, name, _ in emitted}:
            return emitted
    return []


def in_time(events: Sequence[Envelope]) -> list[TimelineEvent]:
    """Events as (when, what, data), in the order in which they became true."""
    return sorted(((event.time, event.type.split(".")[1], event.data) for event in events), key=lambda e: e[0])
