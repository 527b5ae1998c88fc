"""What is removed when it was kept for its time, and what is not: whatever a case, the bus or a hold still needs."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from chassis.ids import partition_of
from chassis.store.connection import Connection, columns, sql
from chassis.store.keeping import persons
from chassis.store.keeping.persons import Person
from chassis.store.keeping.retaining import Kept, Removed, retain
from chassis.store.migrate import migrate
from schemas.topic import PARTITIONS
from tests.chassis.engine_fixture import MIGRATIONS, SERVICE
from tests.chassis.toy import PATIENT
from tests.outbox import ALL_SENT

NOW = datetime(2020, 12, 10, tzinfo=UTC)
A_MONTH = timedelta(days=31)
MONTHS = ("2020-08-15", "2020-09-15", "2020-10-15", "2020-12-05")
STATE = """
INSERT INTO archive (id, recorded_at, topic, key, partition, event_id, message)
SELECT nth, recorded_at, 't', 'c-' || nth, 0, gen_random_uuid(), 'x'
FROM unnest($1::timestamptz[]) WITH ORDINALITY AS event (recorded_at, nth)
"""
CASES = """
INSERT INTO state (kind, key, partition, judged)
SELECT 'patient', 'c-' || nth, 0, '2020-08-20' FROM generate_series(1, 4) AS nth
"""
PARK = """
INSERT INTO parked (digest, reason, parked_at, kind, key, topic, partition, record_key, headers, value)
SELECT convert_to(value, 'UTF8'), 'not_json', at, kind, key, 't', 0, 'k', '[]', convert_to(value, 'UTF8')
FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[]) AS one (at, kind, key, value)
"""
ACCESS = """
INSERT INTO access_log (at, who, means, what, outcome, cases)
SELECT at, 'she', 'token', 'GET /v1/cases/' || one, 'answered', ARRAY[one]
FROM unnest($1::timestamptz[], $2::text[]) AS asked (at, one)
"""


@pytest.fixture
async def dsn(database: str, connection: Connection) -> str:
    """A database with an event of one case in each of four months, all of them over, and all of it on the bus."""
    await migrate(database, SERVICE, [PATIENT], MIGRATIONS)
    days = [datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in MONTHS]
    for day in days:
        await connection.fetchval(sql("make_archive_month"), day)
    await connection.execute(STATE, days)
    await connection.execute(CASES)
    await connection.execute("UPDATE shard_stated SET last = 4 WHERE shard = 0")
    await connection.execute(ALL_SENT)
    return database


async def months(connection: Connection) -> list[str]:
    """The months in which something is archived."""
    rows = await connection.fetch("SELECT to_char(recorded_at, 'YYYY_MM') AS month FROM archive ORDER BY id")
    return [row["month"] for row in rows]


async def run(dsn: str, service: str = SERVICE, **kept: timedelta) -> Removed:
    return await retain(dsn, service, Kept(**kept), NOW, NOW)


async def test_months_go_whole_when_they_are_old_and_what_is_left_can_be_said_again(
    dsn: str, connection: Connection
) -> None:
    assert await run(dsn) == Removed()
    done = await run(dsn, archive=A_MONTH)
    assert done == Removed(months=("archive_2020_08", "archive_2020_09", "archive_2020_10"))
    assert await months(connection) == ["2020_12"]
    assert await connection.fetchval(sql("republish"), None) == 1
    assert await connection.fetchval("SELECT count(*) FROM outbox") == 1
    assert await connection.fetchval("SELECT removed FROM retention WHERE what = 'archive_months'") == 3


@pytest.mark.parametrize(
    ("needs", "why"),
    [
        ("UPDATE shard_sent SET acknowledged = 1 WHERE shard = 0", "the bus has not acknowledged"),
        ("UPDATE shard_sent SET again = 1 WHERE shard = 0", "it is being said again"),
        ("UPDATE state SET due = '2020-12-24' WHERE key = 'c-2'", "a case in it is open"),
        ("UPDATE state SET blocked = true WHERE key = 'c-2'", "a case in it is open"),
        ("UPDATE state SET judged = '2020-11-24' WHERE key = 'c-2'", "a case in it is open"),
        ("INSERT INTO hold VALUES ('p', '{c-2}', now(), 'me', 'a court asks')", "a hold protects"),
    ],
)
async def test_a_month_that_something_needs_stays_and_every_later_one(
    needs: str, why: str, dsn: str, connection: Connection
) -> None:
    await connection.execute(needs)
    done = await run(dsn, archive=A_MONTH)
    assert done.months == ("archive_2020_08",)
    assert done.why_not.startswith("archive_2020_09: ")
    assert why in done.why_not
    assert await months(connection) == ["2020_09", "2020_10", "2020_12"]


async def test_what_stands_on_a_compacted_topic_is_kept_whole(dsn: str, connection: Connection) -> None:
    done = await run(dsn, "directory", archive=A_MONTH)
    assert done.months == ()
    assert "compacted" in done.why_not
    assert len(await months(connection)) == len(MONTHS)


async def test_parked_records_and_audit_go_but_for_what_a_case_or_a_hold_needs(
    dsn: str, connection: Connection
) -> None:
    old, new = NOW - 2 * A_MONTH, NOW - timedelta(days=1)
    parked = [
        (old, None, None, "nobody's"),
        (new, None, None, "new"),
        (old, "patient", "c-1", "behind a case"),
        (old, None, None, "about c-2."),
        (old, None, None, "about c-22"),
    ]
    await connection.execute(PARK, *columns(parked, 4))
    await connection.execute(ACCESS, [old, old, new], ["c-1", "c-2", "c-1"])
    await persons.hold(connection, Person("p-2", {"case": ["c-2"]}), "me", "a court asks")
    done = await run(dsn, parked=A_MONTH, audit=A_MONTH)
    assert (done.parked, done.audit) == (2, 1)
    left = [row["value"].decode() for row in await connection.fetch("SELECT value FROM parked ORDER BY id")]
    assert left == ["new", "behind a case", "about c-2."]
    assert [row["cases"] for row in await connection.fetch("SELECT cases FROM access_log ORDER BY id")] == [
        ["c-2"],
        ["c-1"],
    ]


async def test_an_erasure_waits_for_the_bus_and_leaves_who_has_read_but_not_of_whom(
    dsn: str, connection: Connection
) -> None:
    shard = partition_of("c-1", PARTITIONS)
    await connection.execute("UPDATE archive SET partition = $1", shard)
    await connection.execute("UPDATE shard_sent SET acknowledged = 0 WHERE shard = $1", shard)
    await connection.execute(ACCESS, [NOW, NOW], ["c-1", "c-10"])
    await connection.execute("INSERT INTO erasure (asked_by, why, keys) VALUES ('me', 'she asks', '{c-1}')")
    assert (await run(dsn)).unfinished == 1
    assert len(await months(connection)) == len(MONTHS)
    await connection.execute("UPDATE shard_sent SET acknowledged = 4 WHERE shard = $1", shard)
    assert await run(dsn) == Removed(erasures=1)
    assert await months(connection) == ["2020_09", "2020_10", "2020_12"]
    rows = await connection.fetch("SELECT what, cases FROM access_log ORDER BY id")
    assert [(row["what"], row["cases"]) for row in rows] == [
        ("GET /v1/cases/erased-1", ["erased-1"]),
        ("GET /v1/cases/c-10", ["c-10"]),
    ]
    left = await connection.fetchrow("SELECT * FROM erasure")
    assert (left["keys"], left["asked_by"], left["why"]) == ([], "me", "she asks")
    assert await run(dsn) == Removed()


async def test_nobody_changes_the_record_of_access_in_passing(dsn: str, connection: Connection) -> None:
    await connection.execute(ACCESS, [NOW], ["c-1"])
    for change in ("DELETE FROM access_log", "UPDATE access_log SET who = 'x'", "TRUNCATE access_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(change)
