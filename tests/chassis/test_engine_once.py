"""What a record causes inside a service happens exactly once, however often it comes and to whomever."""

import asyncio

import pytest

from chassis.ids import seen_hash
from chassis.store.connection import Connection
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import EngineFixture, new_id, raw, record
from tests.chassis.toy import IMPOSSIBLE_C, hour, reading


async def test_the_same_message_twice_in_one_batch_is_judged_once(fixture: EngineFixture) -> None:
    twice = record(reading("c-1", 0), id=new_id())
    await fixture.take(twice, twice)
    assert await fixture.names() == ["VitalSignsRecorded c-1"]
    assert (await fixture.state("c-1"))["version"] == 1


async def test_the_same_message_in_two_batches_is_judged_once(fixture: EngineFixture) -> None:
    again = record(reading("c-1", 0), id=new_id())
    await fixture.take(again)
    before = await fixture.state("c-1")
    await fixture.take(again)
    assert await fixture.state("c-1") == before
    assert await fixture.names() == ["VitalSignsRecorded c-1"]


async def test_the_same_id_about_another_case_is_another_message(fixture: EngineFixture) -> None:
    id_ = new_id()
    await fixture.take(record(reading("c-1", 0), id=id_), record(reading("c-2", 0), id=id_))
    assert await fixture.names() == ["VitalSignsRecorded c-1", "VitalSignsRecorded c-2"]


async def test_an_id_in_capitals_is_the_same_id(fixture: EngineFixture) -> None:
    id_ = "a1b2c3d4-0000-4000-8000-00000000abcd"
    await fixture.take(record(reading("c-1", 0), id=id_), record(reading("c-1", 0), id=id_.upper()))
    assert len(await fixture.emitted()) == 1


async def test_a_message_that_comes_to_two_engines_at_once_is_judged_once(make_engine: MakeEngine) -> None:
    one, two = await make_engine(), await make_engine()
    shared = [record(reading(f"c-{number}", 0)) for number in range(50)]
    await asyncio.gather(one.take(*shared), two.take(*reversed(shared)))
    assert len(await one.emitted()) == 50


async def test_a_case_that_two_engines_hear_of_first_at_once_keeps_what_both_heard(make_engine: MakeEngine) -> None:
    fixtures = [await make_engine() for _ in range(4)]
    await asyncio.gather(*(fixture.take(record(reading("c-1", number))) for number, fixture in enumerate(fixtures)))
    assert len(await fixtures[0].emitted()) == 4
    state = await fixtures[0].state("c-1")
    assert state["version"] == 4
    assert len(state["seen"]) == 4 * 16


async def test_the_row_of_an_unknown_case_is_made_before_it_is_locked(make_engine: MakeEngine) -> None:
    slow, fast = await make_engine(), await make_engine()
    async with slow.connection.transaction():
        await slow.take(record(reading("c-1", 0)))
        waiting = asyncio.create_task(fast.take(record(reading("c-1", 1))))
        while not await slow.connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not waiting.done(), "the second engine overtook a judgement that was not committed"
    await waiting
    assert [envelope.sequence for envelope in await fast.emitted()] == [1000, 2000]


async def test_a_row_that_only_seems_to_exist_is_made_all_the_same(fixture: EngineFixture) -> None:
    """As when its name has the hash of another's, or the store was set back."""
    fixture.engine._made[hash(("patient", "c-1"))] = None
    await fixture.take(record(reading("c-1", 0)), record(reading("c-2", 0)))
    assert await fixture.names() == ["VitalSignsRecorded c-1", "VitalSignsRecorded c-2"]


async def test_a_rejection_is_said_once_under_one_id_however_often_the_report_comes(make_engine: MakeEngine) -> None:
    one, two = await make_engine(), await make_engine()
    refused = record(reading("c-1", 0, IMPOSSIBLE_C))
    await one.take(refused, refused)
    await asyncio.gather(one.take(refused), two.take(refused))
    (emitted,) = await one.emitted()
    assert emitted.type == "afterward.ReportRejected.v1"
    assert emitted.data["code"] == "implausible"
    assert emitted.data["at"] == "temperature_c"
    topics = await one.connection.fetch("SELECT topic FROM archive")
    assert [row["topic"] for row in topics] == ["treatment.rejections.v1"]


async def test_the_sequence_of_a_case_only_grows(fixture: EngineFixture) -> None:
    for number in range(5):
        await fixture.take(record(reading("c-1", number)), record(reading("c-1", number, IMPOSSIBLE_C)))
    await fixture.until(hour(200))
    sequences = [envelope.sequence for envelope in await fixture.emitted()]
    assert sequences == sorted(set(sequences), key=lambda number: number or 0)
    assert len(sequences) == 11


async def test_an_event_names_its_cause_and_the_first_message_of_the_chain(fixture: EngineFixture) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    chain = "00000000-0000-4000-8000-00000000000c"
    given = record(reading("c-1", 0), correlationid=chain, traceparent=trace)
    await fixture.take(given, record(reading("c-1", 1), id="00000000-0000-4000-8000-00000000000a"))
    first, second = await fixture.emitted()
    assert (first.correlationid, first.traceparent) == (chain, trace)
    assert second.causationid == second.correlationid == "00000000-0000-4000-8000-00000000000a"


class Breaking:
    """A connection that fails at one statement, as if the process had been killed there."""

    def __init__(self, real: Connection, at: str) -> None:
        self._real, self._at = real, at

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    async def execute(self, statement: str, *arguments: object) -> object:
        if self._at in statement:
            raise ConnectionResetError(self._at)
        return await self._real.execute(statement, *arguments)

    async def fetch(self, statement: str, *arguments: object) -> object:
        if self._at in statement:
            raise ConnectionResetError(self._at)
        return await self._real.fetch(statement, *arguments)


@pytest.mark.parametrize("at", ["INSERT INTO state", "UPDATE state", "INSERT INTO archive", "INSERT INTO parked"])
async def test_a_crash_before_the_commit_leaves_nothing_and_doing_it_again_says_the_same(
    make_engine: MakeEngine, at: str
) -> None:
    fixture, control = await make_engine(), await make_engine()
    batch = [record(reading("c-1", 0)), record(reading("c-1", 1, IMPOSSIBLE_C)), record(reading("c-2", 0))]
    unknown = raw(b"not JSON")
    whole, fixture.connection = fixture.connection, Breaking(fixture.connection, at)
    with pytest.raises(ConnectionResetError):
        await fixture.take(*batch, unknown)
    fixture.connection = whole
    for table in ("state", "archive", "outbox", "parked"):
        assert await control.connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    await fixture.take(*batch, unknown)
    emitted = await fixture.emitted()
    assert len({envelope.id for envelope in emitted}) == 3
    await fixture.connection.execute("TRUNCATE state, archive, parked")
    await fixture.take(*batch, unknown)
    assert [envelope.id for envelope in await fixture.emitted()] == [envelope.id for envelope in emitted]


async def test_another_report_under_the_same_id_is_answered_once_and_its_case_goes_on(fixture: EngineFixture) -> None:
    id_ = new_id()
    first, another = record(reading("c-1", 0), id=id_), record(reading("c-1", 1, 39.0), id=id_)
    following = record(reading("c-1", 2))
    await fixture.take(first)
    for _ in range(2):
        await fixture.take(another, following)
    assert await fixture.names() == ["VitalSignsRecorded c-1", "ReportRejected c-1", "VitalSignsRecorded c-1"]
    answer = (await fixture.emitted())[1].data
    assert (answer["report_id"], answer["code"]) == (id_, "id_reused")
    assert "39" not in answer["reason"]
    await fixture.take(first)
    assert len(await fixture.emitted()) == 3, "the first is still a repetition"


async def test_each_other_content_has_an_answer_of_its_own_id(fixture: EngineFixture) -> None:
    id_ = new_id()
    hours = (0, 1, 2)
    await fixture.take(*(record(reading("c-1", number), id=id_) for number in hours for _ in range(2)))
    emitted = await fixture.emitted()
    assert [envelope.type.split(".")[1] for envelope in emitted] == ["VitalSignsRecorded", *["ReportRejected"] * 2]
    assert len({envelope.id for envelope in emitted}) == 3


async def test_a_report_that_was_refused_and_is_sent_again_corrected_must_have_an_id_of_its_own(
    fixture: EngineFixture,
) -> None:
    id_ = new_id()
    await fixture.take(record(reading("c-1", 0, IMPOSSIBLE_C), id=id_))
    for _ in range(2):
        await fixture.take(record(reading("c-1", 0, IMPOSSIBLE_C), id=id_), record(reading("c-1", 0), id=id_))
    codes = [envelope.data["code"] for envelope in await fixture.emitted()]
    assert codes == ["implausible", "id_reused"]
    assert len({envelope.id for envelope in await fixture.emitted()}) == 2


async def test_a_row_of_before_there_were_contents_goes_on_as_it_was(fixture: EngineFixture) -> None:
    """Of what it met then nobody knows what it said: whatever comes under such an id is a repetition."""
    old, new = new_id(), new_id()
    await fixture.take(record(reading("c-1", 0), id=new_id()))
    await fixture.connection.execute("UPDATE state SET seen = $1", seen_hash(old))
    await fixture.take(record(reading("c-1", 1, 39.0), id=old))
    assert len(await fixture.emitted()) == 1
    await fixture.take(record(reading("c-1", 2), id=new), record(reading("c-1", 3), id=new))
    assert (await fixture.names())[1:] == ["VitalSignsRecorded c-1", "ReportRejected c-1"]
