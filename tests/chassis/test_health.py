"""Health is progress: what is left to do, and whether anything still moves."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest

from chassis.process.health import BUS_SILENT_SECONDS, Health, StoreProbe, what_is_wrong
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.store.connection import Connection, connect
from tests.chassis.engine_fixture import SERVICE, EngineFixture, raw, record
from tests.chassis.toy import PATIENT, hour, reading
from tests.outbox import ALL_SENT


class Probe:
    """Health of a fixture's service, with everything around the database as a test says."""

    def __init__(self, fixture: EngineFixture, dsn: str) -> None:
        self.dsn, self.connected = dsn, 0
        self.partitions, self.busy, self.caught_up, self.work = [0, 1], False, True, 0
        self.unanswered, self.outside = 0.0, None
        self.store = StoreProbe(self.connect, fixture.clock)
        self.health = Health(self, self, self)

    outside: str | None

    async def connect(self) -> Connection:
        self.connected += 1
        return await connect(self.dsn, 30)

    def behind(self) -> int:
        return 3

    def caught_up_since(self, real: datetime) -> bool:
        return self.caught_up

    def unanswered_seconds(self) -> float:
        return self.unanswered

    async def figures(self) -> dict[str, Any]:
        return asdict(await self.store.backlog())

    async def left(self) -> str:
        return (await self.store.backlog()).left

    async def idle(self) -> bool:
        answer = await self.health.idle(hour(0))
        return bool(answer["idle"])


@pytest.fixture
async def probe(fixture: EngineFixture, dsn: str) -> Probe:
    return Probe(fixture, dsn)


async def test_a_service_with_nothing_to_do_is_idle(probe: Probe) -> None:
    assert await probe.idle()


async def test_a_service_is_not_idle_while_anything_is_left(probe: Probe, fixture: EngineFixture) -> None:
    await fixture.take(record(reading("c-1", 0)))
    assert not await probe.idle(), "an event waits for the bus"
    assert (await probe.health.idle(hour(0)))["busy"] == "1 events in the outbox"
    await fixture.connection.execute(ALL_SENT)
    assert await probe.idle()
    fixture.clock.instant = hour(24)
    assert not await probe.idle(), "a row is due"
    await fixture.until(hour(24))
    await fixture.connection.execute(ALL_SENT)
    await fixture.connection.execute("INSERT INTO wakes (kind, key, partition) VALUES ('patient', 'c-1', 0)")
    assert not await probe.idle(), "a row was woken"
    await fixture.connection.execute("DELETE FROM wakes")
    await fixture.take(raw(b"not JSON"))
    assert await probe.idle(), "what is parked waits for an operator"
    await fixture.connection.execute("UPDATE parked SET replay = true")
    assert not await probe.idle(), "an operator asked for a replay"


@pytest.mark.parametrize(
    ("what", "busy"),
    [
        ({"busy": True}, "a batch is being judged"),
        ({"caught_up": False}, "topics not read to their ends, 3 records behind"),
        ({"caught_up": False, "partitions": []}, "no partitions"),
    ],
)
async def test_a_service_is_not_idle_while_records_are_on_their_way(
    probe: Probe, what: dict[str, object], busy: str
) -> None:
    for name, value in what.items():
        setattr(probe, name, value)
    assert await probe.health.idle(hour(0)) == {"idle": False, "work": 0, "busy": busy}


async def test_health_tells_the_figures_behind_it(probe: Probe, fixture: EngineFixture) -> None:
    await fixture.take(record(reading("c-1", 0)), raw(b"not JSON"))
    status, body = await probe.health.health()
    assert status == 200
    assert body["healthy"]
    assert (body["outbox"], body["parked"], body["blocked"], body["overdue"]) == (1, 1, 0, 0)
    assert body["next_due"] == hour(24)
    assert body["records_behind"] == 3


async def test_a_service_without_partitions_is_not_healthy(probe: Probe) -> None:
    probe.partitions = []
    assert (await probe.health.health())[0] == 503


async def test_a_service_whose_database_is_away_says_so(probe: Probe) -> None:
    probe.dsn = "postgresql://postgres@127.0.0.1:1/nothing"
    status, body = await probe.health.health()
    assert (status, body["healthy"], body["database"]) == (503, False, "ConnectionRefusedError")


async def test_probes_that_come_at_once_are_answered_one_after_the_other(probe: Probe) -> None:
    answers = await asyncio.gather(
        *(probe.health.health() for _ in range(10)), *(probe.health.idle(hour(0)) for _ in "ab")
    )
    assert len(answers) == 12
    assert all(answer[0] == 200 for answer in answers[:10] if isinstance(answer, tuple))
    assert probe.connected == 1
    probe.store.close()


async def test_what_a_service_counts_besides_its_backlog_is_told_by_its_health_and_its_metrics(
    fixture: EngineFixture, dsn: str
) -> None:
    await fixture.take(record(reading("c-1", 0)), record(reading("c-2", 0)))
    counts = {"at_unknown_places": "SELECT count(*) FROM state"}
    service = Service(SERVICE, [PATIENT], Settings.model_validate({"database_dsn": dsn}), counts)
    figures = await service.figures()
    service.store.close()
    service.metrics.show(figures, hour(0))
    assert (figures["at_unknown_places"], figures["outbox"]) == (2, 2)
    assert service.metrics.registry.get_sample_value("afterward_cases_at_unknown_places", {"service": SERVICE}) == 2


async def test_what_was_done_is_counted(fixture: EngineFixture) -> None:
    twice = record(reading("c-1", 0))
    await fixture.take(twice, twice, raw(b"not JSON"))
    given = fixture.engine.metrics
    (records,) = (metric for metric in given.registry.collect() if metric.name == "afterward_records")
    assert records.samples[0].value == 3
    assert given.work == 4, "three records and one event"


async def test_a_service_whose_bus_does_not_answer_or_whose_group_refuses_it_is_not_healthy(probe: Probe) -> None:
    status, body = await probe.health.health()
    assert (status, body["healthy"]) == (200, True)
    probe.unanswered, probe.outside = BUS_SILENT_SECONDS + 1, "refused"
    status, body = await probe.health.health()
    assert (status, body["healthy"]) == (503, False)
    assert (body["bus"], body["group"]) == ("no fetch was answered for 11 s", "refused")
    assert what_is_wrong(BUS_SILENT_SECONDS, None) == {}
