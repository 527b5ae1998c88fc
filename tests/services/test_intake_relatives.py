"""Who belongs together across cases and batches, and intake's lists, on a real PostgreSQL (I1, I5, I6)."""

from typing import Any

import pytest

from chassis.store.connection import sql
from chassis.store.pagination import Entry, Page
from services.intake import views
from tests.domain.intake import journeys as arrivals
from tests.services.alone import Alone
from tests.services.test_institutions import listed

the_intake = pytest.mark.parametrize("alone", ["intake"], indirect=True)
SHANGHAI = Page("CN-SH")


def case(name: str, **changed: Any) -> list[Any]:
    """The arrival and the positive of a case of that name."""
    arrival = arrivals.arrived(case_id=name, **changed)
    return [arrival, arrivals.recorded("r-1").model_copy(update={"case_id": name})]


async def sent(alone: Alone, name: str) -> Any:
    statement = "SELECT to_institution_id FROM intake_transfer WHERE key = $1"
    return await alone.workers[0].fetchval(statement, name)


def cases(entries: list[Entry]) -> list[tuple[str, Any]]:
    return [(entry.key, entry.item["cases"]) for entry in entries]


@the_intake
async def test_mother_and_child_go_to_one_hospital_in_whatever_batches_they_come(alone: Alone) -> None:
    await alone.tell(listed("h-1"), listed("h-2"))
    mother = {"age": {"value": 30, "unit": "a"}, "person_ref": "p-mother"}
    await alone.tell(*case("case-mother", **mother))
    await alone.tell(*case("case-child"), first_sequence=10)
    await alone.tell(arrivals.recorded("r-2", "not_detected").model_copy(update={"case_id": "case-child"}))
    assert await sent(alone, "case-child") == await sent(alone, "case-mother") is not None


@the_intake
async def test_mother_and_child_who_come_in_one_batch_go_to_one_hospital(alone: Alone) -> None:
    await alone.tell(listed("h-1"), listed("h-2"))
    mother = {"age": {"value": 30, "unit": "a"}, "person_ref": "p-mother"}
    await alone.tell(*case("case-mother", **mother), *case("case-child"))
    assert await sent(alone, "case-child") == await sent(alone, "case-mother") is not None


@the_intake
@pytest.mark.parametrize("at_once", [True, False])
async def test_two_cases_of_one_person_are_both_on_the_list_until_one_is_over(alone: Alone, at_once: bool) -> None:
    first, second = case("case-1"), case("case-2")
    if at_once:
        await alone.tell(*first, *second)
    else:
        await alone.tell(*first)
        await alone.tell(*second, first_sequence=10)
    await alone.tell(*case("case-3", person_ref="p-another"), first_sequence=20)
    entries = await views.duplicates(alone.workers[0], SHANGHAI)
    assert cases(entries) == [("case-1", ["case-1", "case-2"]), ("case-2", ["case-2", "case-1"])]
    assert {entry.district for entry in entries} == {"Pudong"}
    gone = arrivals.retracted(arrivals.version("r-1")).model_copy(update={"case_id": "case-2"})
    await alone.tell(gone, first_sequence=30)
    assert await views.duplicates(alone.workers[0], SHANGHAI) == []


@the_intake
async def test_a_positive_that_confirms_nobody_is_on_the_list_of_its_place_or_of_the_unknown(alone: Alone) -> None:
    positive = arrivals.recorded("r-1")
    await alone.tell(listed("h-1", district="Jinshan"), first_sequence=1)
    await alone.tell(positive, arrivals.admitted("h-1"), positive.model_copy(update={"case_id": "case-nowhere"}))
    (known,) = await views.unplaced(alone.workers[0], Page("CN-SH", "Jinshan"))
    assert (known.key, known.due, known.item["is_case"]) == (arrivals.CASE, arrivals.at("09-15T09:00"), False)
    (nowhere,) = await views.unplaced(alone.workers[0], Page("unknown"))
    assert (nowhere.key, nowhere.item["results"][0]["reason"]) == ("case-nowhere", "nobody_reported")
    assert await views.at_unknown_places(alone.workers[0]) == 1


@the_intake
async def test_a_batch_finds_the_others_by_the_indexes_of_party_and_person(alone: Alone) -> None:
    """Never by a look at all cases."""
    await alone.workers[0].execute(
        "INSERT INTO intake_transfer (key, person_ref, party_id) "
        "SELECT 'case-' || n, 'p-' || n / 2, 'party-' || n / 3 FROM generate_series(1, 20000) AS n"
    )
    await alone.workers[0].execute("ANALYZE intake_transfer")
    statement = sql("read_context", "services.intake.sql")
    plan = await alone.workers[0].fetch(f"EXPLAIN {statement}", ["case-7", "case-8"])
    text = "\n".join(row[0] for row in plan)
    assert "intake_transfer_party" in text
    assert "intake_transfer_person" in text
    assert "Seq Scan on intake_transfer" not in text
