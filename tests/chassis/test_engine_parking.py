"""What cannot be judged is kept with its bytes, holds up its own case only, and goes back in, in order."""

from dataclasses import replace

from chassis.judge import Clock, Said, State
from chassis.reading import Wake
from chassis.store import sql
from chassis.wakeups import is_tick, record_of
from schemas.events.treatment import TreatmentRecorded
from schemas.topics import PARTITIONS
from tests.chassis.conftest import MakeDesk
from tests.chassis.desk import Desk, new_id, raw, record
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


async def replay(desk: Desk, *ids: int) -> None:
    """What an operator asks for, and the wake-ups find."""
    await desk.connection.execute("UPDATE parked SET replay = true WHERE $1 OR id = ANY ($2)", not ids, ids)
    rows = await desk.connection.fetch(sql("find_replays"), list(range(PARTITIONS)), 100)
    ticks = [
        Wake(desk.reader.kinds[row["kind"]], row["key"], row["partition"], None, row["id"])
        for row in rows
        if is_tick(row)
    ]
    await desk.take(*(record_of(row) for row in rows if not is_tick(row)), wakes=ticks, read_to=desk.clock.instant)


async def test_a_rule_that_raises_parks_this_and_later_messages_of_that_case_only(make_desk: MakeDesk) -> None:
    desk = await make_desk(Defect().kind())
    await desk.take(
        record(reading("c-1", 0)),
        record(reading("c-1", 1, RAISING_C)),
        record(reading("c-2", 1)),
        record(reading("c-1", 2)),
    )
    await desk.take(record(reading("c-1", 3)), record(reading("c-2", 3)))
    assert await desk.names() == ["VitalSignsRecorded c-1", *["VitalSignsRecorded c-2"] * 2]
    assert await desk.parked() == [
        ("rule_raised:ZeroDivisionError", "c-1"),
        ("case_is_parked", "c-1"),
        ("case_is_parked", "c-1"),
    ]
    assert (await desk.state("c-1"))["stuck"]


async def test_replay_puts_the_messages_back_in_order_and_frees_the_case(make_desk: MakeDesk) -> None:
    defect = Defect()
    desk = await make_desk(defect.kind())
    await desk.take(*(record(reading("c-1", number, RAISING_C - number), number) for number in range(4)))
    assert await desk.names() == []
    defect.mended = True
    await replay(desk)
    assert [envelope.data["temperature_c"] for envelope in await desk.said()] == [45.0, 44.0, 43.0, 42.0]
    assert await desk.parked() == []
    assert not (await desk.state("c-1"))["stuck"]
    await desk.take(record(reading("c-1", 5)))
    assert len(await desk.said()) == 5


async def test_replay_before_the_rule_is_mended_parks_again_and_forgets_the_request(make_desk: MakeDesk) -> None:
    desk = await make_desk(Defect().kind())
    await desk.take(record(reading("c-1", 0, RAISING_C)), record(reading("c-1", 1)))
    await replay(desk)
    assert await desk.parked() == [("rule_raised:ZeroDivisionError", "c-1")]
    assert (await desk.state("c-1"))["stuck"]
    assert not await desk.connection.fetchval("SELECT count(*) FROM parked WHERE replay")


async def test_a_case_is_not_freed_while_something_of_it_stays_parked(make_desk: MakeDesk) -> None:
    defect = Defect()
    desk = await make_desk(defect.kind())
    await desk.take(record(reading("c-1", 0, RAISING_C)), record(reading("c-1", 1)))
    defect.mended = True
    (last,) = await desk.connection.fetch("SELECT id FROM parked ORDER BY id DESC LIMIT 1")
    await replay(desk, last["id"])
    assert (await desk.state("c-1"))["stuck"]
    await replay(desk)
    assert not (await desk.state("c-1"))["stuck"]


async def test_a_message_that_comes_together_with_a_replay_keeps_its_case_waiting(make_desk: MakeDesk) -> None:
    """Otherwise it would lie parked behind a case that goes on, and nobody would look."""
    defect = Defect()
    desk = await make_desk(defect.kind())
    await desk.take(record(reading("c-1", 0, RAISING_C)))
    defect.mended = True
    (row,) = await desk.connection.fetch("SELECT *, parked.id FROM parked")
    await desk.take(record_of(row), record(reading("c-1", 1)))
    assert await desk.parked() == [("case_is_parked", "c-1")]
    assert (await desk.state("c-1"))["stuck"]
    await replay(desk)
    assert await desk.parked() == []
    assert not (await desk.state("c-1"))["stuck"]


async def test_what_raised_keeps_its_reason_when_it_is_delivered_again(make_desk: MakeDesk) -> None:
    desk = await make_desk(Defect().kind())
    raising = record(reading("c-1", 0, RAISING_C))
    await desk.take(raising, raising)
    await desk.take(raising)
    assert await desk.parked() == [("rule_raised:ZeroDivisionError", "c-1")]


async def test_a_tick_that_raises_parks_a_tick_and_replay_judges_it_after_all(make_desk: MakeDesk) -> None:
    broken = True

    def conclude_or_raise(facts: Facts, before: Conclusions, clock: Clock, world: object) -> Conclusions:
        if broken and clock.now >= hour(24):
            raise KeyError("a defect")
        return conclude(facts, before, clock, world)

    desk = await make_desk(replace(PATIENT, conclude=conclude_or_raise))
    await desk.take(record(reading("c-1", 0)))
    await desk.until(hour(30))
    (row,) = await desk.connection.fetch("SELECT * FROM parked")
    assert is_tick(row)
    assert (row["reason"], row["key"], row["value"]) == ("rule_raised:KeyError", "c-1", None)
    assert await desk.due(hour(1000)) == [], "the due instant of a parked case rests"
    broken = False
    await replay(desk)
    assert await desk.names() == ["VitalSignsRecorded c-1", "QuarantineDayMissed c-1"]
    assert await desk.parked() == []
    assert not (await desk.state("c-1"))["stuck"]


NUL_ROW = replace(
    FEVER,
    columns={"place": "text"},
    row=lambda state: (
        ("a\0b" if state.facts.readings[-1].temperature_c == RAISING_C else "ab",) if state.facts.readings else None
    ),
    name="toy_place",
)


async def test_data_that_the_store_refuses_are_found_by_halving_and_parked_alone(make_desk: MakeDesk) -> None:
    desk = await make_desk(replace(PATIENT, table=NUL_ROW))
    await desk.connection.execute("CREATE TABLE toy_place (key text PRIMARY KEY, place text)")
    records = [record(reading(f"c-{number}", 0, RAISING_C if number == 13 else 36.6)) for number in range(40)]
    await desk.take(*records)
    assert await desk.parked() == [("refused_by_store", "c-13")]
    assert len(await desk.said()) == 39
    assert await desk.connection.fetchval("SELECT count(*) FROM toy_place WHERE place = 'ab'") == 39
    parked = await desk.connection.fetchrow("SELECT * FROM parked")
    assert (parked["value"], parked["record_offset"]) == (records[13].value, records[13].offset)


async def test_a_halved_batch_wakes_nobody_before_its_last_record_has_been_learnt(make_desk: MakeDesk) -> None:
    """Were wakes halved beside the records, the record that answers a deadline would be judged after its passing."""
    desk = await make_desk(replace(PATIENT, table=NUL_ROW))
    await desk.connection.execute("CREATE TABLE toy_place (key text PRIMARY KEY, place text)")
    await desk.take(record(reading("c-1", 0)), record(reading("c-3", 1)))
    refused = record(reading("c-2", 0, RAISING_C), 1)
    wakes = await desk.due(hour(30))
    assert [wake.key for wake in wakes] == ["c-1", "c-3"]
    await desk.take(refused, record(reading("c-1", 20), 20), wakes=wakes, read_to=hour(30))
    assert [name for name in await desk.names() if "Missed" in name] == ["QuarantineDayMissed c-3"]
    assert await desk.parked() == [("refused_by_store", "c-2")]


async def test_a_table_that_cannot_be_drawn_parks_its_case_alone(make_desk: MakeDesk) -> None:
    def draw(state: State) -> tuple[object, ...] | None:
        if any(known.temperature_c == RAISING_C for known in state.facts.readings):
            raise LookupError("a defect")
        return FEVER.row(state)

    desk = await make_desk(replace(PATIENT, table=replace(FEVER, row=draw)))
    await desk.take(record(reading("c-1", 0, RAISING_C)), record(reading("c-2", 0)), record(reading("c-1", 1)))
    assert await desk.parked() == [("rule_raised:LookupError", "c-1"), ("case_is_parked", "c-1")]
    assert await desk.names() == ["VitalSignsRecorded c-2"]


async def test_the_same_bytes_twice_are_parked_once(desk: Desk) -> None:
    await desk.take(raw(b"not JSON"), raw(b"not JSON"), raw(b"nor this"))
    await desk.take(raw(b"not JSON"))
    assert await desk.parked() == [("not_json", None)] * 2


async def test_two_messages_in_binary_mode_with_equal_data_are_both_parked(desk: Desk) -> None:
    def binary(id_: str) -> list[tuple[str, bytes | None]]:
        attributes = {"specversion": "1.0", "id": id_, "source": "/tests", "subject": "c-1", "type": "afterward.No.v9"}
        return [
            (f"ce_{name}", value.encode()) for name, value in {**attributes, "time": "2020-10-01T00:00:00Z"}.items()
        ]

    first, second = new_id(), new_id()
    await desk.take(*(raw(b"{}", headers=binary(id_)) for id_ in (first, second, first)))
    assert await desk.parked() == [("unknown_type", None)] * 2


async def test_a_key_and_a_value_that_run_together_alike_are_not_the_same_bytes(desk: Desk) -> None:
    await desk.take(raw(b"bc", b"a"), raw(b"c", b"ab"), raw(b"", b"abc"), raw(None, b"abc"))
    assert len(await desk.parked()) == 4


async def test_an_event_too_large_for_any_bus_parks_its_case_before_the_commit(make_desk: MakeDesk) -> None:
    def announce_at_length(before: State, after: State) -> list[Said]:
        return [
            Said(
                TreatmentRecorded.model_construct(
                    case_id="c-1", given_at=hour(0), category="other", dose="x" * 300_000
                ),
                hour(0),
            )
        ]

    desk = await make_desk(replace(PATIENT, announce=announce_at_length))
    await desk.take(record(reading("c-1", 0)))
    assert await desk.parked() == [("rule_raised:EventTooLarge", "c-1")]
    assert await desk.said() == []
    assert (await desk.state("c-1"))["document"] is None


async def test_a_wake_that_fails_in_the_store_is_parked_as_a_tick(make_desk: MakeDesk) -> None:
    nul = replace(NUL_ROW, row=lambda state: ("a\0b",) if state.conclusions.silent else None)
    desk = await make_desk(replace(PATIENT, table=nul))
    await desk.connection.execute("CREATE TABLE toy_place (key text PRIMARY KEY, place text)")
    await desk.take(record(reading("c-1", 0)), record(reading("c-2", 20)))
    await desk.until(hour(30))
    assert await desk.parked() == [("refused_by_store", "c-1")]
    assert (await desk.state("c-1"))["stuck"]


async def test_a_wake_of_a_parked_case_waits_with_it(make_desk: MakeDesk) -> None:
    desk = await make_desk(COUNTED_PATIENT, WARD)
    await desk.take(record(reading("c-1", 0, 39.0)))
    await desk.connection.execute("INSERT INTO state (kind, key, partition, stuck) VALUES ('ward', 'ward', 0, true)")
    await desk.until(hour(1))
    assert await desk.parked() == [("case_is_parked", "ward")]
    assert await desk.connection.fetchval("SELECT count(*) FROM wakes") == 0
    await replay(desk)
    assert await desk.names() == ["VitalSignsRecorded c-1", "VitalSignsRecorded ward"]


async def test_a_case_whose_document_is_not_understood_waits_for_a_version_that_does(desk: Desk) -> None:
    await desk.take(record(reading("c-1", 0)), record(reading("c-2", 0)))
    document = await desk.connection.fetchval("SELECT document FROM state WHERE key = 'c-1'")
    await desk.connection.execute("UPDATE state SET document = '[7, 8]' WHERE key = 'c-1'")
    await desk.take(wakes=await desk.due(hour(30)), read_to=hour(30))
    await desk.take(record(reading("c-1", 40), 40), record(reading("c-2", 40), 40))
    assert await desk.parked() == [("document_not_understood", "c-1"), ("case_is_parked", "c-1")]
    assert await desk.due(hour(50)) == [], "the due instant of a parked case rests"
    assert (await desk.state("c-1"))["document"] == "[7, 8]"

    desk.clock.instant = hour(50)
    await replay(desk)
    assert await desk.parked() == [("document_not_understood", "c-1"), ("document_not_understood", "c-1")]
    await desk.connection.execute("UPDATE state SET document = $1 WHERE key = 'c-1'", document)
    await replay(desk)
    assert await desk.parked() == []
    names = await desk.names()
    assert [name.replace("c-1", "c-2") for name in names if "c-1" in name] == [name for name in names if "c-2" in name]
