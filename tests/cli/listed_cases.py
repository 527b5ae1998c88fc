"""Four services' databases, with a case for every work list."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from importlib import import_module
from typing import Any

import asyncpg

from afterward.stack.postgres import Postgres
from chassis.store.connection import connect
from chassis.store.migrate import migrate
from schemas.message import Message
from tests.chassis.engine_fixture import Now
from tests.domain.followup import journeys as followup
from tests.domain.intake import journeys as intake
from tests.domain.primarycare import journeys as primarycare
from tests.domain.treatment import journeys as treatment
from tests.services.alone import WORKERS, Alone

NOW = followup.at(6, 1)
"""1:00 on 23 October 2020: day 5 has just been missed."""
SERVICES = ("intake", "treatment", "followup", "primarycare")
NEIGHBOUR = "case-18"
"""Discharged with the child, and as silent; lives in another district."""
EARLY: Mapping[str, Any] = {
    "collected_at": intake.at("09-10T09:00"),
    "resulted_at": intake.at("09-10T12:00"),
    "setting": "hospital",
}
"""Of a positive that was collected days before the arrival."""


async def tell_all(postgres: Postgres) -> None:
    """Makes the databases, and tells each service of its cases up to NOW."""
    await postgres.start()
    for service, tell, begin in (
        ("intake", _intake, intake.at("09-15T10:00")),
        ("treatment", _treatment, treatment.at("09-15T16:00")),
        ("primarycare", _primarycare, primarycare.at("10-17T10:30")),
        ("followup", _followup, followup.at(0, 11)),
    ):
        async with _alone(postgres, service, begin) as alone:
            await tell(alone)


async def _intake(alone: Alone) -> None:
    await alone.tell(intake.arrived(), intake.recorded())
    await alone.tell(*_of("stray", intake.recorded()), first_sequence=10)
    await alone.tell(*_of("early", intake.arrived(), intake.recorded(**EARLY)), first_sequence=20)
    twin = intake.arrived(person_ref="pseudonym-1")
    for number in (1, 2):
        await alone.tell(*_of(f"twin-{number}", twin, intake.recorded()), first_sequence=20 + 10 * number)
    await alone.until(NOW)


async def _treatment(alone: Alone) -> None:
    strange = treatment.result("r-strange", "09-15T09:00", test="718-7")
    await alone.tell(treatment.imported(), strange)
    await alone.tell(*_of("stray", strange), first_sequence=10)


async def _primarycare(alone: Alone) -> None:
    ill = primarycare.needing(medicines_last_until="2020-10-25")
    await alone.tell(primarycare.discharged(ill, primary_institution_id=primarycare.CENTRE))
    homeless = primarycare.discharged(residence={"jurisdiction": "CN-SH", "district": None}, district=None)
    await alone.tell(*_of("no-district", homeless))
    await alone.until(primarycare.at("10-22T08:20"))
    await alone.tell(primarycare.raised(), first_sequence=10)
    await alone.until(NOW)


async def _followup(alone: Alone) -> None:
    elsewhere = followup.HOME.model_copy(update={"district": "Minhang"})
    await alone.tell(followup.discharged(), *_of(NEIGHBOUR, followup.discharged(residence=elsewhere)))
    for day in range(1, 5):
        await alone.until(followup.at(day, 21))
        logs = followup.logs(day, day)
        await alone.tell(*logs, *_of(NEIGHBOUR, *logs), first_sequence=10 * day)
    wobbly = followup.discharged(residence=None, jurisdiction=None, district=None)
    report = followup.log(5, symptoms=("wobbly [legs]",))
    await alone.until(followup.at(5, 10))
    await alone.tell(*_of("nowhere", wobbly, report), first_sequence=60)
    await alone.until(NOW)


def _of(case_id: str, *messages: Message) -> list[Message]:
    return [message.model_copy(update={"case_id": case_id}) for message in messages]


@asynccontextmanager
async def _alone(postgres: Postgres, service: str, begin: datetime) -> AsyncIterator[Alone]:
    """A service with a database of its own."""
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute(f"CREATE DATABASE {service}")
    await admin.close()
    kinds = import_module(f"services.{service}.routes").AGGREGATES
    await migrate(postgres.dsn(service), service, kinds)
    connections = [await connect(postgres.dsn(service), 30) for _ in range(WORKERS)]
    yield Alone(service, kinds, connections, Now(begin))
    for connection in connections:
        await connection.close()
