"""A service's copy of the directory, on a real PostgreSQL: kept, read, and a change of it wakes whom it concerns."""

import json
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from chassis.store.connection import BY_KEY, connect
from chassis.store.migrate import migrate
from chassis.store.waking import find_and_wake
from schemas.events.directory import InstitutionDelisted, InstitutionListed
from tests.domain.directory.journeys import declared
from tests.domain.discharge import journeys as stays
from tests.domain.intake import journeys as arrivals
from tests.domain.primarycare import journeys as leavings
from tests.services.alone import Alone

the_intake = pytest.mark.parametrize("alone", ["intake"], indirect=True)
the_ward = pytest.mark.parametrize("alone", ["discharge"], indirect=True)
primary_care = pytest.mark.parametrize("alone", ["primarycare"], indirect=True)


def listed(institution_id: str, **changed: Any) -> InstitutionListed:
    fields = {"institution_id": institution_id, "kind": "hospital", "designated": True, **changed}
    return InstitutionListed(**declared(**fields).model_dump(), version=1)


def delisted(institution_id: str, **changed: Any) -> InstitutionDelisted:
    return InstitutionDelisted(**listed(institution_id, **changed).model_dump())


def centre(institution_id: str) -> InstitutionListed:
    return listed(institution_id, kind="community_centre", designated=False)


def case(name: str) -> list[Any]:
    """A confirmed case of its own."""
    own = {"case_id": name, "party_id": None}
    return [each.model_copy(update=own) for each in (arrivals.arrived(), arrivals.recorded("r-1"))]


async def last_word(alone: Alone, key: str, *names: str) -> Any:
    """(type, institution) of the newest event with one of these names."""
    emitted = [one for one in await alone.archive(key) if one["type"].split(".")[1] in names]
    data = emitted[-1]["data"]
    withdrawn = " withdrawn" if data.get("withdrawn") else ""
    return emitted[-1]["type"].split(".")[1] + withdrawn, data.get("to_institution_id") or data.get("institution_id")


@the_intake
async def test_a_case_that_waits_is_sent_when_the_directory_gains_an_institution(alone: Alone) -> None:
    await alone.tell(*case("case-a"))
    assert await alone.workers[0].fetchval("SELECT open AND to_institution_id IS NULL FROM intake_transfer")
    await alone.tell(listed("elsewhere", jurisdiction="CN-BJ"), listed("h-1"), first_sequence=10)
    assert await last_word(alone, "case-a", "TransferRequested") == ("TransferRequested", "h-1")


def forget_whom_it_wakes(alone: Alone) -> None:
    """As if `routes.py` declared of no change of the directory whom it concerns."""
    copy = alone.engine.aggregates["institution"]
    assert copy.table is not None
    alone.engine.aggregates["institution"] = replace(copy, table=replace(copy.table, wakes=()))


@the_intake
async def test_without_the_line_in_the_routes_a_case_that_waits_is_not_woken(alone: Alone) -> None:
    await alone.tell(*case("case-a"))
    forget_whom_it_wakes(alone)
    await alone.tell(listed("h-1"), first_sequence=10)
    assert await alone.workers[0].fetchval("SELECT open AND to_institution_id IS NULL FROM intake_transfer")


@primary_care
async def test_without_the_line_in_the_routes_nobody_near_home_is_told(alone: Alone) -> None:
    alone.clock.instant = leavings.at("10-17T10:30")
    await alone.tell(leavings.discharged(leavings.needing()))
    forget_whom_it_wakes(alone)
    await alone.tell(centre("c-1"), first_sequence=10)
    assert await alone.archive(leavings.CASE) == []


@the_intake
async def test_an_institution_and_the_case_that_needs_it_may_come_in_one_batch(alone: Alone) -> None:
    await alone.tell(*case("case-a"), listed("h-1"))
    assert await last_word(alone, "case-a", "TransferRequested") == ("TransferRequested", "h-1")


@the_intake
async def test_when_an_institution_is_no_more_its_cases_are_sent_to_another(alone: Alone) -> None:
    await alone.tell(listed("h-1"), listed("h-2", district="Jinshan"))
    await alone.tell(*case("case-a"))
    assert await last_word(alone, "case-a", "TransferRequested") == ("TransferRequested", "h-1")
    await alone.tell(delisted("h-1"), first_sequence=10)
    assert await last_word(alone, "case-a", "TransferRequested") == ("TransferRequested", "h-2")


@the_intake
async def test_cases_of_one_batch_and_of_later_ones_are_shared_out_by_the_fewest_transfers_of_the_day(
    alone: Alone,
) -> None:
    await alone.tell(listed("h-1"), listed("h-2"))
    names = [f"case-{number}" for number in range(8)]
    await alone.tell(*(message for name in names[:5] for message in case(name)))
    for name in names[5:]:
        await alone.tell(*case(name))
    counts = await alone.workers[0].fetch(
        "SELECT institution_id, sum(transfers) FROM intake_tally GROUP BY 1 ORDER BY 1"
    )
    stored = await alone.workers[0].fetch(
        "SELECT to_institution_id, count(*) FROM intake_transfer GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in counts] == [tuple(row) for row in stored]
    assert max(row[1] for row in counts) - min(row[1] for row in counts) <= 2, "two workers choose side by side"


@the_intake
async def test_an_older_word_on_an_institution_does_not_replace_the_newer(alone: Alone) -> None:
    await alone.tell(delisted("h-1"), first_sequence=20)
    await alone.tell(listed("h-1"), first_sequence=10)
    assert await alone.workers[0].fetchval("SELECT count(*) FROM institution") == 0


@primary_care
async def test_who_near_home_was_not_known_is_told_when_they_are_listed(alone: Alone) -> None:
    alone.clock.instant = leavings.at("10-17T10:30")
    await alone.tell(leavings.discharged(leavings.needing()))
    assert await alone.archive(leavings.CASE) == []
    await alone.tell(centre("c-1"), first_sequence=10)
    assert await last_word(alone, leavings.CASE, "PrimaryCareNotified") == ("PrimaryCareNotified", "c-1")
    assert await last_word(alone, leavings.CASE, "LinkageRequested") == ("LinkageRequested", "c-1")


@primary_care
@pytest.mark.parametrize(("lives_in", "district"), [("pu dong", "Pǔdōng"), ("浦东 新区", "浦东新区")])
async def test_they_are_told_however_the_district_is_spelled(alone: Alone, lives_in: str, district: str) -> None:
    alone.clock.instant = leavings.at("10-17T10:30")
    await alone.tell(leavings.discharged(residence={"jurisdiction": "CN-SH", "district": lives_in}))
    await alone.tell(centre("c-1").model_copy(update={"district": district}), first_sequence=10)
    assert await last_word(alone, leavings.CASE, "PrimaryCareNotified") == ("PrimaryCareNotified", "c-1")


@primary_care
async def test_when_the_one_near_home_is_no_more_the_next_is_told_and_asked(alone: Alone) -> None:
    alone.clock.instant = leavings.at("10-17T10:30")
    await alone.tell(centre("c-1"), centre("c-2"))
    await alone.tell(leavings.discharged(leavings.needing()))
    await alone.tell(delisted("c-1", kind="community_centre"), first_sequence=10)
    assert await last_word(alone, leavings.CASE, "PrimaryCareNotified") == ("PrimaryCareNotified", "c-2")
    assert await last_word(alone, leavings.CASE, "LinkageRequested") == ("LinkageRequested", "c-2")


@primary_care
async def test_when_the_one_near_home_moves_to_another_district_the_next_is_told(alone: Alone) -> None:
    alone.clock.instant = leavings.at("10-17T10:30")
    await alone.tell(centre("c-1"), centre("c-2"))
    await alone.tell(leavings.discharged(leavings.needing()))
    moved = centre("c-1").model_copy(update={"district": "Jinshan", "version": 2})
    await alone.tell(moved, first_sequence=10)
    assert await last_word(alone, leavings.CASE, "PrimaryCareNotified") == ("PrimaryCareNotified", "c-2")


@primary_care
async def test_another_entry_of_the_same_institution_wakes_nobody(alone: Alone) -> None:
    alone.clock.instant = leavings.at("10-17T10:30")
    await alone.tell(centre("c-1"))
    await alone.tell(leavings.discharged(leavings.needing()))
    passes = alone.passes
    await alone.tell(centre("c-1").model_copy(update={"open_24h": True, "version": 2}), first_sequence=10)
    assert alone.passes == passes


@primary_care
async def test_the_row_of_a_case_tells_the_work_lists_what_is_due(alone: Alone) -> None:
    alone.clock.instant = leavings.at("10-17T10:30")
    await alone.tell(centre("c-1"))
    await alone.tell(leavings.discharged(leavings.needing()))
    row = await alone.workers[0].fetchrow("SELECT * FROM primarycare_case")
    assert (row["asked_id"], row["waits"], row["alert_by"]) == ("c-1", False, None)
    assert row["linkage_by"] == leavings.at("10-18T10:00")
    assert json.loads(row["linkage"])["institution_id"] == "c-1"


@pytest.mark.parametrize("service", ["intake", "primarycare", "consultation"])
async def test_whom_a_change_concerns_is_found_by_index_while_the_tables_are_new(dsn: str, service: str) -> None:
    """A plan that begins with all that there is in `state` would be kept when that is millions."""
    aggregates = import_module(f"services.{service}.routes").AGGREGATES
    await migrate(dsn, service, aggregates)
    connection = await connect(dsn, 30, **BY_KEY)
    for line in (line for aggregate in aggregates if aggregate.table for line in aggregate.table.wakes):
        given = len(line.equal)
        await connection.execute(f"PREPARE woken ({', '.join(['text[]'] * given)}) AS {find_and_wake(line)}")
        rows = await connection.fetch(f"EXPLAIN EXECUTE woken ({', '.join(['NULL'] * given)})")
        conditions = [row[0] for row in rows if "Index Cond" in row[0]]
        assert len(conditions) == 2
        assert all(f"{name} = changed.{name}" in conditions[0] for name in line.equal)
        assert "(key = " in conditions[1]
        await connection.execute("DEALLOCATE woken")
    await connection.close()


def unplaced(name: str) -> list[Any]:
    """A case that a house admitted and discharged, and of which intake has said nothing."""
    reports = (stays.admitted(), stays.discharged(stays.at(17, 10)))
    return [each.model_copy(update={"case_id": name}) for each in reports]


@the_ward
async def test_a_case_of_an_unknown_arrival_is_placed_when_the_directory_gains_its_house(alone: Alone) -> None:
    alone.clock.instant = stays.at(18)
    await alone.tell(*unplaced("case-a"))
    assert await alone.workers[0].fetchval("SELECT institution_id FROM discharge_unplaced") == stays.HOSPITAL
    await alone.tell(listed(stays.HOSPITAL, jurisdiction="CN-BJ", district="Haidian"), first_sequence=10)
    left = [one["data"] for one in await alone.archive("case-a") if one["type"] == "afterward.Discharged.v1"]
    assert [(data.get("jurisdiction"), data.get("district")) for data in left] == [(None, None), ("CN-BJ", "Haidian")]


@the_ward
async def test_a_house_and_the_case_that_it_discharged_may_come_in_one_batch(alone: Alone) -> None:
    alone.clock.instant = stays.at(18)
    await alone.tell(*unplaced("case-a"), listed(stays.HOSPITAL, jurisdiction="CN-BJ", district="Haidian"))
    (*_, last) = [one["data"] for one in await alone.archive("case-a") if one["type"] == "afterward.Discharged.v1"]
    assert (last["jurisdiction"], last["district"]) == ("CN-BJ", "Haidian")
