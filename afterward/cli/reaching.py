"""Why a verb cannot use Kafka, in one line: its client says only that it cannot."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException

from afterward.cli.console import Failure
from chassis.bus_access import BusAccess
from chassis.bus_diagnosis import why_not
from chassis.failures import NOT_ALLOWED, of_bus


@asynccontextmanager
async def reaching(bus: BusAccess | str, topics: Iterable[str] = ()) -> AsyncIterator[None]:
    """Whatever the bus refuses within is a Failure that says which name, authority, password or topic it is.

    `topics`: those that are used. What is said nowhere is raised as it is.
    """
    access = bus if isinstance(bus, BusAccess) else BusAccess(bus)
    try:
        yield
    except (KafkaError, KafkaException, OSError) as error:
        if isinstance(error, NOT_ALLOWED):
            raise Failure(f"{access.bootstrap_servers}: {of_bus(error)}") from None
        if (why := await why_not(access, topics)) is not None:
            raise Failure(why) from None
        raise
