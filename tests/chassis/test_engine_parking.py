"""What cannot be judged is kept with its bytes, holds up its own case only, and goes back in, in order."""

from dataclasses import replace

from chassis.consume.reader import Wake
from chassis.decide.judge import AnyState, Clock, Emitted
from chassis.store.connection import sql
from chassis.timers import is_tick, record_of
from schemas.events.treatment import TreatmentRecorded
from schemas.topic import PARTITIONS
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import EngineFixture, new_id, raw, record
from tests.chassis.toy import (
    COUNTED_PATIENT,
    FEVER,
    PATIENT,
    RAISING_C,
    WARD,
    Conclusions,
    Defect,
    Facts,
    conclude,
    hour,
    reading,
)


async def replay(fixture: EngineFixture, *ids: int) -> None:
    """What an operator asks for, and the timers find."""
    await fixture.connection.execute("UPDATE parked SET replay = true WHERE $1 OR id = ANY ($2)", not ids, ids)
    rows = await fixture.connection.fetch(sql("find_replays"), list(range(PARTITIONS)), 100)
    ticks = [
        Wake(fixture.reader.aggregates[row["kind"]], row["key"], row["partition"], None, row["id"])
        for row in rows
        if is_tick(row)
    ]
    await fixture.take(
        *(record_of(row) for row in rows if not is_tick(row)), wakes=ticks, watermark=fixture.clock.instant
    )


async def test_a_rule_that_raises_parks_this_and_later_messages_of_that_case_only(make_engine: MakeEngine) -> None:
    fixture = await make_engine(Defect().aggregate())
    await fixture.take(
        record(reading("c-1", 0)),
        record(reading("c-1", 1, RAISING_C)),
        record(reading("c-2", 1)),
        record(reading("c-1", 2)),
    )
    await fixture.take(record(reading("c-1", 3)), record(reading("c-2", 3)))
    assert await fixture.names() == ["VitalSignsRecorded c-1", *["VitalSignsRecorded c-2"] * 2]
    assert await fixture.parked() == [
        ("rule_raised:ZeroDivisionError", "c-1"),
        ("case_is_parked", "c-1"),
        ("case_is_parked", "c-1"),
    ]
    assert (await fixture.state("c-1"))["blocked"]


async def test_replay_puts_the_messages_back_in_order_and_frees_the_case(make_engine: MakeEngine) -> None:
    defect = Defect()
    fixture = await make_engine(defect.aggregate())
    await fixture.take(*(record(reading("c-1", number, RAISING_C - number), number) for number in range(4)))
    assert await fixture.names() == []
    defect.mended = True
    await replay(fixture)
    assert [envelope.data["temperature_c"] for envelope in await fixture.emitted()] == [45.0, 44.0, 43.0, 42.0]
    assert await fixture.parked() == []
    assert not (await fixture.state("c-1"))["blocked"]
    await fixture.take(record(reading("c-1", 5)))
    assert len(await fixture.emitted()) == 5


async def test_replay_before_the_rule_is_mended_parks_again_and_forgets_the_request(make_engine: MakeEngine) -> None:
    fixture = await make_engine(Defect().aggregate())
    await fixture.take(record(reading("c-1", 0, RAISING_C)), record(reading("c-1", 1)))
    await replay(fixture)
    assert await fixture.parked() == [("rule_raised:ZeroDivisionError", "c-1")]
    assert (await fixture.state("c-1"))["blocked"]
    assert not await fixture.connection.fetchval("SELECT count(*) FROM parked WHERE replay")


async def test_a_case_is_not_freed_while_something_of_it_stays_parked(make_engine: MakeEngine) -> None:
    defect = Defect()
    fixture = await make_engine(defect.aggregate())
    await fixture.take(record(reading("c-1", 0, RAISING_C)), record(reading("c-1", 1)))
    defect.mended = True
    (last,) = await fixture.connection.fetch("SELECT id FROM parked ORDER BY id DESC LIMIT 1")
    await replay(fixture, last["id"])
    assert (await fixture.state("c-1"))["blocked"]
    await replay(fixture)
    assert not (await fixture.state("c-1"))["blocked"]


async def test_a_message_that_comes_together_with_a_replay_keeps_its_case_waiting(make_engine: MakeEngine) -> None:
    """Otherwise it would lie parked behind a case that goes on, and nobody would look."""
    defect = Defect()
    fixture = await make_engine(defect.aggregate())
    await fixture.take(record(reading("c-1", 0, RAISING_C)))
    defect.mended = True
    (row,) = await fixture.connection.fetch("SELECT *, parked.id FROM parked")
    await fixture.take(record_of(row), record(reading("c-1", 1)))
    assert await fixture.parked() == [("case_is_parked", "c-1")]
    assert (await fixture.state("c-1"))["blocked"]
    await replay(fixture)
    assert await fixture.parked() == []
    assert not (await fixture.state("c-1"))["blocked"]


async def test_what_raised_keeps_its_reason_when_it_is_delivered_again(make_engine: MakeEngine) -> None:
    fixture = await make_engine(Defect().aggregate())
    raising = record(reading("c-1", 0, RAISING_C))
    await fixture.take(raising, raising)
    await fixture.take(raising)
    assert await fixture.parked() == [("rule_raised:ZeroDivisionError", "c-1")]


async def test_a_tick_that_raises_parks_a_tick_and_replay_judges_it_after_all(make_engine: MakeEngine) -> None:
    broken = True

    def conclude_or_raise(facts: Facts, before: Conclusions, clock: Clock, context: object) -> Conclusions:
        if broken and clock.now >= hour(24):
            raise KeyError("a defect")
        return conclude(facts, before, clock, context)

    fixture = await make_engine(replace(PATIENT, conclude=conclude_or_raise))
    await fixture.take(record(reading("c-1", 0)))
    await fixture.until(hour(30))
    (row,) = await fixture.connection.fetch("SELECT * FROM parked")
    assert is_tick(row)
    assert (row["reason"], row["key"], row["value"]) == ("rule_raised:KeyError", "c-1", None)
    assert await fixture.due(hour(1000)) == [], "the due instant of a parked case rests"
    broken = False
    await replay(fixture)
    assert await fixture.names() == ["VitalSignsRecorded c-1", "QuarantineDayMissed c-1"]
    assert await fixture.parked() == []
    assert not (await fixture.state("c-1"))["blocked"]


NUL_ROW = replace(
    FEVER,
    columns={"place": "text"},
    row=lambda state: (
        ("a\0b" if state.facts.readings[-1].temperature_c == RAISING_C else "ab",) if state.facts.readings else None
    ),
    name="toy_place",
)


async def test_data_that_the_store_refuses_are_found_by_halving_and_parked_alone(make_engine: MakeEngine) -> None:
    fixture = await make_engine(replace(PATIENT, table=NUL_ROW))
    await fixture.connection.execute("CREATE TABLE toy_place (key text PRIMARY KEY, place text)")
    records = [record(reading(f"c-{number}", 0, RAISING_C if number == 13 else 36.6)) for number in range(40)]
    await fixture.take(*records)
    assert await fixture.parked() == [("refused_by_store", "c-13")]
    assert len(await fixture.emitted()) == 39
    assert await fixture.connection.fetchval("SELECT count(*) FROM toy_place WHERE place = 'ab'") == 39
    parked = await fixture.connection.fetchrow("SELECT * FROM parked")
    assert (parked["value"], parked["record_offset"]) == (records[13].value, records[13].offset)


async def test_a_halved_batch_wakes_nobody_before_its_last_record_has_been_learnt(make_engine: MakeEngine) -> None:
    """Were wakes halved beside the records, the record that answers a deadline would be judged after its passing."""
    fixture = await make_engine(replace(PATIENT, table=NUL_ROW))
    await fixture.connection.execute("CREATE TABLE toy_place (key text PRIMARY KEY, place text)")
    await fixture.take(record(reading("c-1", 0)), record(reading("c-3", 1)))
    refused = record(reading("c-2", 0, RAISING_C), 1)
    wakes = await fixture.due(hour(30))
    assert [wake.key for wake in wakes] == ["c-1", "c-3"]
    await fixture.take(refused, record(reading("c-1", 20), 20), wakes=wakes, watermark=hour(30))
    assert [name for name in await fixture.names() if "Missed" in name] == ["QuarantineDayMissed c-3"]
    assert await fixture.parked() == [("refused_by_store", "c-2")]


async def test_a_table_that_cannot_be_drawn_parks_its_case_alone(make_engine: MakeEngine) -> None:
    def draw(state: AnyState) -> tuple[object, ...] | None:
        if any(known.temperature_c == RAISING_C for known in state.facts.readings):
            raise LookupError("a defect")
        return FEVER.row(state)

    fixture = await make_engine(replace(PATIENT, table=replace(FEVER, row=draw)))
    await fixture.take(record(reading("c-1", 0, RAISING_C)), record(reading("c-2", 0)), record(reading("c-1", 1)))
    assert await fixture.parked() == [("rule_raised:LookupError", "c-1"), ("case_is_parked", "c-1")]
    assert await fixture.names() == ["VitalSignsRecorded c-2"]


async def test_the_same_bytes_twice_are_parked_once(fixture: EngineFixture) -> None:
    await fixture.take(raw(b"not JSON"), raw(b"not JSON"), raw(b"nor this"))
    await fixture.take(raw(b"not JSON"))
    assert await fixture.parked() == [("not_json", None)] * 2


async def test_two_messages_in_binary_mode_with_equal_data_are_both_parked(fixture: EngineFixture) -> None:
    def binary(id_: str) -> list[tuple[str, bytes | None]]:
        attributes = {"specversion": "1.0", "id": id_, "source": "/tests", "subject": "c-1", "type": "afterward.No.v9"}
        return [
            (f"ce_{name}", value.encode()) for name, value in {**attributes, "time": "2020-10-01T00:00:00Z"}.items()
        ]

    first, second = new_id(), new_id()
    await fixture.take(*(raw(b"{}", headers=binary(id_)) for id_ in (first, second, first)))
    assert await fixture.parked() == [("unknown_type", None)] * 2


async def test_a_key_and_a_value_that_run_together_alike_are_not_the_same_bytes(fixture: EngineFixture) -> None:
    await fixture.take(raw(b"bc", b"a"), raw(b"c", b"ab"), raw(b"", b"abc"), raw(None, b"abc"))
    assert len(await fixture.parked()) == 4


async def test_an_event_too_large_for_any_bus_parks_its_case_before_the_commit(make_engine: MakeEngine) -> None:
    def announce_at_length(before: AnyState, after: AnyState) -> list[Emitted]:
        return [
            Emitted(
                TreatmentRecorded.model_construct(
                    case_id="c-1", given_at=hour(0), category="other", dose="x" * 300_000
                ),
                hour(0),
            )
        ]

    fixture = await make_engine(replace(PATIENT, announce=announce_at_length))
    await fixture.take(record(reading("c-1", 0)))
    assert await fixture.parked() == [("rule_raised:EventTooLarge", "c-1")]
    assert await fixture.emitted() == []
    assert (await fixture.state("c-1"))["document"] is None


async def test_a_wake_that_fails_in_the_store_is_parked_as_a_tick(make_engine: MakeEngine) -> None:
    nul = replace(NUL_ROW, row=lambda state: ("a\0b",) if state.conclusions.silent else None)
    fixture = await make_engine(replace(PATIENT, table=nul))
    await fixture.connection.execute("CREATE TABLE toy_place (key text PRIMARY KEY, place text)")
    await fixture.take(record(reading("c-1", 0)), record(reading("c-2", 20)))
    await fixture.until(hour(30))
    assert await fixture.parked() == [("refused_by_store", "c-1")]
    assert (await fixture.state("c-1"))["blocked"]


async def test_a_wake_of_a_parked_case_waits_with_it(make_engine: MakeEngine) -> None:
    fixture = await make_engine(COUNTED_PATIENT, WARD)
    await fixture.take(record(reading("c-1", 0, 39.0)))
    await fixture.connection.execute(
        "INSERT INTO state (kind, key, partition, blocked) VALUES ('ward', 'ward', 0, true)"
    )
    await fixture.until(hour(1))
    assert await fixture.parked() == [("case_is_parked", "ward")]
    assert await fixture.connection.fetchval("SELECT count(*) FROM wakes") == 0
    await replay(fixture)
    assert await fixture.names() == ["VitalSignsRecorded c-1", "VitalSignsRecorded ward"]


async def test_a_case_whose_document_is_not_understood_waits_for_a_version_that_does(fixture: EngineFixture) -> None:
    await fixture.take(record(reading("c-1", 0)), record(reading("c-2", 0)))
    document = await fixture.connection.fetchval("SELECT document FROM state WHERE key = 'c-1'")
    await fixture.connection.execute("UPDATE state SET document = '[7, 8]' WHERE key = 'c-1'")
    await fixture.take(wakes=await fixture.due(hour(30)), watermark=hour(30))
    await fixture.take(record(reading("c-1", 40), 40), record(reading("c-2", 40), 40))
    assert await fixture.parked() == [("document_not_understood", "c-1"), ("case_is_parked", "c-1")]
    assert await fixture.due(hour(50)) == [], "the due instant of a parked case rests"
    assert (await fixture.state("c-1"))["document"] == "[7, 8]"

    fixture.clock.instant = hour(50)
    await replay(fixture)
    assert await fixture.parked() == [("document_not_understood", "c-1"), ("document_not_understood", "c-1")]
    await fixture.connection.execute("UPDATE state SET document = $1 WHERE key = 'c-1'", document)
    await replay(fixture)
    assert await fixture.parked() == []
    names = await fixture.names()
    assert [name.replace("c-1", "c-2") for name in names if "c-1" in name] == [name for name in names if "c-2" in name]
