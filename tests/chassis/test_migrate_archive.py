"""A database of the time when unsent events stood in a table goes on: what was unsent is sent, nothing is lost."""

from typing import Any

import pytest

from chassis.store import migrate as migrating
from chassis.store.connection import Connection, connect, sql
from chassis.store.migrate import migrate, migrations
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import MIGRATIONS, SERVICE, record
from tests.chassis.fake_producer import FakeProducer, all_sent, relay_of, running
from tests.chassis.toy import COUNTED_PATIENT, WARD, reading

BEFORE = [one for one in migrations("chassis") if one.name < "chassis/0015"]
TOY = migrations(MIGRATIONS)
_ARCHIVED = """
INSERT INTO archive (recorded_at, topic, key, partition, event_id, message)
SELECT $1::text::timestamptz + number * interval '1 minute', 't', 'c-' || number % 4, number % 4, gen_random_uuid(),
       convert_to($2 || number, 'UTF8')
FROM generate_series(1, $3) AS number
"""
_UNSENT = """
INSERT INTO outbox (shard, id, recorded_at)
SELECT partition, id, recorded_at FROM archive WHERE convert_from(message, 'UTF8') = ANY ($1::text[])
"""


async def _not_yet(*_given: object) -> bool:
    """No migration of that time knew of other numbers of partitions."""
    return False


@pytest.fixture
async def old(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """As a service of that time left it: three months, the first of them detached, and some events unsent.

    Then `make_engine` brings it up to date.
    """
    with monkeypatch.context() as before:
        before.setattr(migrating, "migrations", {"chassis": BEFORE, MIGRATIONS: TOY}.__getitem__)
        before.setattr(migrating, "repartition", _not_yet)
        await migrate(database, SERVICE, [COUNTED_PATIENT, WARD], MIGRATIONS)
    connection = await connect(database, 30)
    for month in ("2020-08", "2020-09", "2020-10"):
        await connection.execute(f"SELECT make_archive_month('{month}-15')")
        await connection.execute(_ARCHIVED, f"{month}-15T00:00Z", f"{month}/", 12)
    await connection.execute("ALTER TABLE archive DETACH PARTITION archive_2020_08")
    await connection.execute(_UNSENT, ["2020-09/11", "2020-10/3", "2020-10/7", "2020-10/9"])  # of the shards 3 and 1
    await connection.close()
    return database


async def shards(connection: Connection) -> list[tuple[Any, ...]]:
    """Shard, last number, acknowledged, said again after."""
    rows = await connection.fetch(sql("read_shards"), list(range(6)))
    return sorted((row["shard"], row["last"], row["acknowledged"], row["again"]) for row in rows)


async def test_what_was_unsent_is_sent_and_what_comes_is_numbered_above_all_there_was(
    old: str, make_engine: MakeEngine
) -> None:
    fixture = await make_engine()
    assert await shards(fixture.connection) == [
        (0, 36, 36, None),
        (1, 36, 36, 32),  # before 2020-10/9, which is the 33rd
        (2, 36, 36, None),
        (3, 36, 36, 22),  # before 2020-09/11, which is the 23rd
        (4, 36, 36, None),
        (5, 36, 36, None),
    ]
    await fixture.take(record(reading("c-1", 0)))
    fake_producer = FakeProducer()
    async with running(relay_of(old, fake_producer)):
        await all_sent(fixture)
    sent = [message.decode() for message in fake_producer.sent]
    old_ones = [message for message in sent if message[0] != "{"]
    assert old_ones == ["2020-10/9", "2020-09/11", "2020-10/3", "2020-10/7", "2020-10/11"]
    assert len(sent) == 6, "from the oldest unsent one on, in order; and the new one"
    new = await fixture.connection.fetchval("SELECT id FROM archive WHERE recorded_at > '2020-10-16' OR id > 36")
    assert new == 37


async def test_a_month_that_was_detached_before_is_attached_again_as_it_is(old: str, make_engine: MakeEngine) -> None:
    fixture = await make_engine()
    await fixture.connection.execute(
        "ALTER TABLE archive ATTACH PARTITION archive_2020_08 "
        "FOR VALUES FROM ('2020-08-01 00:00+00') TO ('2020-09-01 00:00+00')"
    )
    await fixture.connection.execute("UPDATE shard_sent SET again = NULL")
    assert await fixture.connection.fetchval(sql("republish"), None) == 36
    fake_producer = FakeProducer()
    async with running(relay_of(old, fake_producer)):
        await all_sent(fixture)
    of_one = [message.decode() for message in fake_producer.sent if int(message.rpartition(b"/")[2]) % 4 == 1]
    assert of_one == [f"2020-{month}/{number}" for month in ("08", "09", "10") for number in (1, 5, 9)]
    assert len(fake_producer.sent) == 36


async def test_the_runbooks_questions_find_what_must_not_be_detached(old: str, make_engine: MakeEngine) -> None:
    fixture = await make_engine()
    asked = "SELECT count(*) FROM outbox JOIN {} AS month ON month.partition = outbox.shard AND month.id = outbox.id"
    left = [await fixture.connection.fetchval(asked.format(f"archive_2020_{month}")) for month in ("09", "10")]
    assert left == [1, 4]
