"""What an older version could not know waits parked, and is judged by itself once a newer one has its partition."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from chassis.consume import reader
from chassis.consume.reader import Record
from chassis.store.connection import Connection, connect, sql
from chassis.store.known_now import AT_ONCE, KnownNow
from chassis.timers import record_of
from schemas.events.rejections import ReportRejected
from schemas.events.treatment import VitalSignsRecorded
from schemas.topic import PARTITIONS
from schemas.topics import registry
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import raw, record
from tests.chassis.toy import hour, reading

KNOWN_LATER = "afterward.VitalSignsReported.v1"
NEVER_KNOWN = "afterward.VitalSignsReported.v9"


class Held:
    """The partitions of a process. `generation`: which assignment it is."""

    def __init__(self, *partitions: int) -> None:
        self.partitions, self.generation = partitions or tuple(range(PARTITIONS)), 1

    def between_fetches(self) -> tuple[Mapping[int, datetime], int]:
        return dict.fromkeys(self.partitions, hour(0)), self.generation


@contextmanager
def before_the_upgrade(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The language is that of an older version, which has another major version of the report at most."""
    with monkeypatch.context() as patched:
        older = {name: known for name, known in registry().items() if name != KNOWN_LATER}
        patched.setattr(reader, "registry", lambda: older)
        yield


def never_known(case_id: str) -> Record:
    """A report of a version that no code here knows."""
    known = record(reading(case_id, 1), 2)
    return replace(known, value=(known.value or b"").replace(KNOWN_LATER.encode(), NEVER_KNOWN.encode()))


async def replays(connection: Connection) -> list[Any]:
    return list(await connection.fetch(sql("find_replays"), list(range(PARTITIONS)), 1000))


def known_now(dsn: str, held: Held) -> KnownNow:
    return KnownNow(lambda: connect(dsn, 30), held, registry().__contains__)


async def test_a_version_that_was_not_known_is_judged_after_the_upgrade_as_of_when_it_came(
    make_engine: MakeEngine, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with before_the_upgrade(monkeypatch):
        older = await make_engine()
    await older.take(record(reading("c-1", 1, 36.5), 2), never_known("c-2"))
    assert await older.parked() == [("unknown_type", None)] * 2
    answered = [envelope.type for envelope in await older.emitted()]
    assert answered == [ReportRejected.type_name()] * 2, "and its publisher knows"

    newer = await make_engine()
    await known_now(dsn, Held()).look()
    (asked,) = await replays(newer.connection)
    back = record_of(asked)
    assert back.received_at == hour(2)
    await newer.take(back)

    assert await newer.parked() == [("unknown_type", None)], "what nobody knows yet waits on"
    assert [envelope.type for envelope in await newer.emitted()][2:] == [VitalSignsRecorded.type_name()]
    assert (await newer.state("c-1"))["document"].startswith('[["c-1",[["2020-10-01T01:00:00Z",36.5')
    assert await replays(newer.connection) == []


async def test_each_assignment_is_looked_through_once_and_what_an_older_process_parks_meanwhile_by_the_next(
    make_engine: MakeEngine, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with before_the_upgrade(monkeypatch):
        older = await make_engine()
    newer, held = await make_engine(), Held()
    looking = known_now(dsn, held)
    await looking.look()
    await older.take(record(reading("c-1", 1, 36.5), 2))
    await looking.look()
    assert await replays(newer.connection) == []
    held.generation += 1
    await looking.look()
    assert len(await replays(newer.connection)) == 1


async def test_only_partitions_of_this_process_are_looked_through_and_all_of_what_is_there(
    make_engine: MakeEngine, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with before_the_upgrade(monkeypatch):
        older = await make_engine()
    given = [record(reading(f"c-{number}", 1, 36.5), 2) for number in range(4 * AT_ONCE)]
    await older.take(*given, raw(b"not JSON"))
    newer = await make_engine()
    await known_now(dsn, Held(1, 2)).look()
    wanted = sorted(one.offset for one in given if one.partition in {1, 2})
    assert len(wanted) > AT_ONCE
    assert sorted(row["record_offset"] for row in await replays(newer.connection)) == wanted
