"""What nobody can judge is kept, but not without bound: whoever goes wild fills no disk."""

import json

import msgspec

from chassis.consume.reader import Record
from chassis.store.connection import sql
from chassis.store.parked import KEPT_BYTES
from chassis.store.quota import Limits
from schemas.envelope import HEADERS, Headers
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import EngineFixture, raw, record
from tests.chassis.test_engine_parking import replay
from tests.chassis.toy import RAISING_C, Defect, reading


def garbage(number: int, weight: int, headers: Headers = HEADERS) -> Record:
    """What no service can judge, as heavy as that."""
    return raw(b"%d" % number + b"x" * (weight - len(str(number))), headers=headers)


async def weights(fixture: EngineFixture) -> list[tuple[int, bool]]:
    """What is kept of each parked record, and whether it was cut."""
    rows = await fixture.connection.fetch("SELECT octet_length(value) AS kept, cut FROM parked ORDER BY id")
    return [(row["kept"], row["cut"]) for row in rows]


async def test_of_heavy_records_beyond_a_number_only_the_beginning_is_kept(make_engine: MakeEngine) -> None:
    fixture = await make_engine(limits=Limits(parked_whole=2))
    heavy, light = 300_000, KEPT_BYTES
    await fixture.take(*(garbage(number, heavy) for number in range(3)), garbage(3, light))
    await fixture.take(garbage(4, heavy), garbage(5, light))
    whole, beginning = (heavy, False), (KEPT_BYTES, True)
    assert await weights(fixture) == [whole, whole, beginning, (light, False), beginning, (light, False)]

    await fixture.take(garbage(4, heavy))
    assert len(await weights(fixture)) == 6, "the same bytes are kept once, cut or not"


async def test_what_was_cut_is_not_put_back_in(make_engine: MakeEngine) -> None:
    fixture = await make_engine(limits=Limits(parked_whole=1))
    await fixture.take(garbage(0, 300_000), garbage(1, 300_000))
    asked = await fixture.connection.fetch(sql("ask_replay", "chassis.questions.sql"), True, [])
    assert len(asked) == 1
    await replay(fixture, asked[0]["id"])
    assert await weights(fixture) == [(300_000, False), (KEPT_BYTES, True)]


async def test_a_report_that_waits_behind_its_case_is_kept_whole_however_many_there_are(
    make_engine: MakeEngine,
) -> None:
    fixture = await make_engine(Defect().aggregate(), limits=Limits(parked_whole=0))
    await fixture.take(record(reading("c-1", 1, RAISING_C)))
    report = record(reading("c-1", 2))
    heavy = msgspec.structs.replace(report, value=(report.value or b"") + b" " * 100_000)
    await fixture.take(heavy)
    assert (await weights(fixture))[1] == (len(heavy.value or b""), False)


async def test_headers_that_no_envelope_has_are_not_kept(make_engine: MakeEngine) -> None:
    fixture = await make_engine()
    await fixture.take(garbage(0, 10, (("a", b"1"), ("b", b"x" * 1_000_000), ("c", b"2"))))
    kept = await fixture.connection.fetchval("SELECT headers FROM parked")
    assert json.loads(kept) == [["a", b"1".hex()]]
