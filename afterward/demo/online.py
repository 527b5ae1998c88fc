"""Publishes the story of online care to a running stack: its clock moves by minutes, as its deadlines do.

A report comes to the bus when the stack's clock stands at some instant, and a deadline (C3: 15 minutes) is kept by what
had come by then. So the clock stands still, what was written in the last ten minutes is published, and it moves on;
nobody has to have read it by then, for a record keeps the instant at which it came. What is reported of those whom the
demo shows has its own instants. The services are waited for once a day.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from aiokafka import AIOKafkaProducer

from afterward.context.idle import wait_until_idle
from afterward.context.target import Target
from afterward.demo.listener import Listener
from afterward.demo.run import AfterDay, publish
from afterward.stack.clients import started
from story.online import END, KNOWN, Publication
from story.publication import SHANGHAI

STEP = timedelta(minutes=10)

Step = tuple[datetime, Sequence[Publication]]


def steps(publications: Sequence[Publication]) -> Iterator[Step]:
    """What the clock shows, each time later, and what is published then, in the order in which it was written."""
    return ((at, list(due)) for at, due in groupby(sorted(publications, key=_place), key=_published_at))


async def publish_online(
    target: Target, publications: Sequence[Publication], listener: Listener, after_day: AfterDay
) -> int:
    """Publishes every report at its step, to the end. Returns how many. Raises NotIdle, NotThere."""
    clock, count = target.virtual_clock, 0
    async with started(AIOKafkaProducer(**target.bus.options(), acks="all", linger_ms=0)) as producer:
        for day, of_the_day in groupby(steps(publications), key=_day):
            for at, reports in of_the_day:
                clock.step_to(at, 0)
                count += await publish(producer, reports)
            await wait_until_idle(target)
            after_day(day, count, listener)
    clock.step_to(END, 0)
    await wait_until_idle(target)
    await listener.caught_up()
    return count


def _day(step: Step) -> date:
    return step[0].astimezone(SHANGHAI).date()


def _place(publication: Publication) -> tuple[datetime, Publication]:
    return _published_at(publication), publication


def _published_at(publication: Publication) -> datetime:
    """The end of the ten minutes in which it was written, or the very instant."""
    written_at = publication.publish_at
    return (
        written_at
        if publication.key in KNOWN
        else written_at + (datetime.min.replace(tzinfo=SHANGHAI) - written_at) % STEP
    )
