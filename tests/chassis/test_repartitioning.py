"""The move to topics with more partitions: docs/operations/more-partitions.md, as far as it is the database's."""

from collections.abc import Mapping
from typing import Any

import pytest

from chassis.ids import partition_of
from chassis.process.metrics import Metrics
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.store import migrate as migrating
from chassis.store.connection import Connection, connect, sql
from chassis.store.engine import Batch, Engine
from chassis.store.migrate import migrate
from chassis.store.quota import LIMITS
from chassis.store.upgrading import fitting
from chassis.store.upgrading.fitting import DoesNotFit
from chassis.store.upgrading.repartitioning import repartition
from schemas.topic import PARTITIONS
from tests.chassis.engine_fixture import MIGRATIONS, SERVICE, EngineFixture, judge_all, raw, record
from tests.chassis.toy import COUNTED_PATIENT, PATIENT, WARD, reading
from tests.outbox import ALL_SENT

MORE = 2 * PARTITIONS
NEXT = ("treatment.reports.v2", "treatment.events.v2", "treatment.rejections.v2")
KEYS = tuple(f"case-{number}" for number in range(40))


async def live(fixture: EngineFixture) -> None:
    """Many cases, each judged three times over; a record of one is parked, and one that nobody can read."""
    for at in (1, 2, 3):
        await fixture.take(*(record(reading(key, at)) for key in KEYS))
    await fixture.take(raw(b"not JSON", b"case-0"))
    await fixture.connection.execute(
        "UPDATE parked SET kind = 'patient', key = 'case-0', reason = 'rule_raised:X' WHERE reason = 'not_json'"
    )
    await fixture.take(raw(b"nor is this JSON"))
    await fixture.connection.execute(
        "INSERT INTO wakes (kind, key, partition) SELECT 'patient', key, partition FROM state; "
        "INSERT INTO read_offset (topic, partition, next_offset) VALUES ('treatment.reports.v1', 1, 9)"
    )


async def events(connection: Connection) -> Mapping[str, list[tuple[str, bytes]]]:
    """By key what is archived of it, in the order of its numbers."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    for row in await connection.fetch("SELECT key, topic, message FROM archive ORDER BY id"):
        found.setdefault(row["key"], []).append((row["topic"], row["message"]))
    return found


async def moved(fixture: EngineFixture) -> None:
    await live(fixture)
    await fixture.connection.execute(ALL_SENT)
    assert await repartition(fixture.connection, SERVICE, MORE, NEXT)


async def test_every_row_and_event_lies_in_the_partition_of_its_key(fixture: EngineFixture) -> None:
    await moved(fixture)
    for table in ("state", "wakes", "parked", "archive"):
        rows = await fixture.connection.fetch(f"SELECT key, partition FROM {table} WHERE key IS NOT NULL")
        assert rows, table
        assert all(row["partition"] == partition_of(row["key"], MORE) for row in rows), table
    assert {row["partition"] for row in await fixture.connection.fetch("SELECT partition FROM state")} > set(range(7))
    assert not await repartition(fixture.connection, SERVICE, MORE, NEXT), "it has been moved"


async def test_events_keep_their_order_for_each_key_and_get_the_names_of_the_next_version(
    fixture: EngineFixture,
) -> None:
    await live(fixture)
    await fixture.connection.execute(ALL_SENT)
    before = await events(fixture.connection)
    assert await repartition(fixture.connection, SERVICE, MORE, NEXT)
    after = await events(fixture.connection)
    assert after == {key: [(topic.replace(".v1", ".v2"), stated) for topic, stated in of] for key, of in before.items()}
    assert sum(map(len, after.values())) >= 3 * len(KEYS)
    doubled = "SELECT count(*) FROM (SELECT FROM archive GROUP BY partition, id HAVING count(*) > 1) AS twice"
    assert await fixture.connection.fetchval(doubled) == 0
    assert {row["topic"] for row in await fixture.connection.fetch("SELECT topic FROM parked")} == {NEXT[0]}
    assert await fixture.connection.fetchval("SELECT count(*) FROM read_offset") == 0


async def test_nothing_is_sent_again_until_it_is_asked_for_and_then_all_of_it_in_order(fixture: EngineFixture) -> None:
    await moved(fixture)
    connection, shards = fixture.connection, list(range(MORE))
    assert await connection.fetchval("SELECT count(*) FROM outbox") == 0
    archived = await connection.fetchval("SELECT count(*) FROM archive")
    assert await connection.fetchval(sql("republish"), None) == archived
    rows = await connection.fetch(sql("read_shards"), shards)
    after = [row["acknowledged"] if row["again"] is None else row["again"] for row in rows]
    sent = await connection.fetch(sql("read_unsent"), [row["shard"] for row in rows], after, 1_000)
    stated: dict[str, list[tuple[str, bytes]]] = {}
    for row in sent:
        assert row["shard"] == partition_of(row["key"], MORE)
        stated.setdefault(row["key"], []).append((row["topic"], row["message"]))
    assert stated == await events(connection)


async def test_the_next_version_goes_on_where_the_cases_are(fixture: EngineFixture) -> None:
    await moved(fixture)
    connection = fixture.connection
    stood = {row["key"]: row["version"] for row in await connection.fetch("SELECT key, version FROM state")}
    highest = await connection.fetchval("SELECT max(id) FROM archive")
    engine = Engine(SERVICE, (PATIENT,), fixture.reader, fixture.clock, MORE, Metrics(SERVICE), LIMITS)
    await judge_all(engine, connection, Batch([record(reading(key, 5)) for key in KEYS[1:]], (), {}))
    rows = await connection.fetch("SELECT key, version, partition FROM state")
    assert all(row["version"] > stood[row["key"]] for row in rows if row["key"] != KEYS[0])
    new = await connection.fetch("SELECT key, partition FROM archive WHERE id > $1", highest)
    assert len(new) == len(KEYS) - 1
    assert all(row["partition"] == partition_of(row["key"], MORE) for row in new)
    assert await connection.fetchval("SELECT count(*) FROM outbox") == len(new)


@pytest.mark.parametrize("left", ["events", "parked records on their way", "lost words"])
async def test_what_has_not_come_to_rest_is_refused_and_nothing_is_touched(fixture: EngineFixture, left: str) -> None:
    await live(fixture)
    if left != "events":
        await fixture.connection.execute(ALL_SENT)
    if left == "parked records on their way":
        await fixture.connection.execute("UPDATE parked SET replay = true")
    if left == "lost words":
        await fixture.connection.execute("INSERT INTO lost_word VALUES ('patient', 'c-1', 'a thing', 1, 5, 'x')")
    before = await fixture.connection.fetch("SELECT key, partition FROM state ORDER BY key")
    with pytest.raises(DoesNotFit, match=f"there are still .* {left}|there are still [0-9]+ {left}"):
        await repartition(fixture.connection, SERVICE, MORE, NEXT)
    assert await fixture.connection.fetch("SELECT key, partition FROM state ORDER BY key") == before
    with pytest.raises(DoesNotFit, match="this code is older than its database"):
        await repartition(fixture.connection, SERVICE, PARTITIONS - 1, NEXT)


async def test_migrating_moves_a_database_and_a_service_of_the_other_version_refuses_it(
    database: str, dsn: str, fixture: EngineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds: Any = [COUNTED_PATIENT, WARD]
    await live(fixture)
    await fixture.connection.execute(ALL_SENT)
    with monkeypatch.context() as later:
        later.setattr(fitting, "PARTITIONS", MORE)
        with pytest.raises(DoesNotFit, match=f"has {PARTITIONS} partitions, and this code {MORE}"):
            await Service(SERVICE, kinds, Settings(database_dsn=database)).connect()
        later.setattr(migrating, "PARTITIONS", MORE)
        assert await migrate(database, SERVICE, kinds, MIGRATIONS) == [f"moved to {MORE} partitions"]
        assert await migrate(database, SERVICE, kinds, MIGRATIONS) == []
        (await Service(SERVICE, kinds, Settings(database_dsn=database)).connect()).terminate()
    with pytest.raises(DoesNotFit, match=f"has {MORE} partitions, and this code {PARTITIONS}"):
        await Service(SERVICE, kinds, Settings(database_dsn=database)).connect()
    connection = await connect(database, 30)
    assert await connection.fetchval("SELECT count(*) FROM shard_stated") == MORE
    connection.terminate()
