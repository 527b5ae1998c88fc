"""The bulletin's figures counted in SQL on a real PostgreSQL: B1 to B4."""

import asyncio
from typing import Any

import pytest

from schemas.message import CaseEvent
from services.bulletin.context import count_days
from tests.domain.bulletin.journeys import assessed, at, discharged, excluded, imported, local, revoked
from tests.services.bulletin_stack import Bulletin


def confirmed(case_id: str, when: str, **changed: Any) -> CaseEvent:
    return imported(case_id=case_id, confirmed_at=at(when), **changed)


def total(emitted: dict[str, Any] | None, *path: str) -> int:
    """A figure's total; without a path that of the cumulative confirmed cases."""
    assert emitted is not None
    value: Any = emitted
    for name in path or ("cumulative", "confirmed"):
        value = value[name]
    return int(value["total"])


async def test_b1_every_day_from_the_first_case_on_has_its_bulletin_eventful_or_not(bulletin: Bulletin) -> None:
    await bulletin.tell(confirmed("a", "10-01T09:00"))
    await bulletin.until(at("10-05T12:00"))
    assert [await bulletin.emitted(f"10-0{day}") for day in range(1, 6)] == [["BulletinPublished"]] * 4 + [[]]
    assert [total(await bulletin.standing(f"10-0{day}")) for day in range(1, 5)] == [1, 1, 1, 1]
    assert await bulletin.standing("09-30") is None


async def test_b3_a_day_that_a_late_tick_only_seems_to_judge_is_restated_all_the_same(bulletin: Bulletin) -> None:
    """A look may find a day due that has been judged by the time the tick is taken; then nothing is judged of it."""
    await bulletin.tell(confirmed("a", "10-01T09:00"))
    await bulletin.until(at("10-05T12:00"))
    await bulletin.take([bulletin.record(confirmed("b", "10-03T09:00"), 2)])
    await bulletin.wake_together("day", ("CN-SH/2020-10-03", None), ("CN-SH/2020-10-04", at("10-05T00:30")))
    await bulletin.settle()
    assert [total(await bulletin.standing(f"10-0{day}")) for day in range(1, 5)] == [1, 1, 2, 2]


async def test_b1_new_and_cumulative_figures_and_the_tables_of_a_day(bulletin: Bulletin) -> None:
    await bulletin.tell(
        confirmed("a", "10-01T09:00", origin_country="PH"),
        confirmed("b", "10-01T10:00", origin_country="FR", nationality="FR", age={"value": 44, "unit": "a"}),
        local(case_id="c", confirmed_at=at("10-02T10:00"), age={"value": 70, "unit": "a"}),
        local(case_id="d", confirmed_at=at("10-02T10:00")),
        assessed("mild", case_id="a"),
        discharged(case_id="a", when="10-02T10:00"),
        discharged(case_id="b", when="10-02T12:00"),
        discharged(case_id="c", when="10-02T23:59"),
        discharged("died", case_id="d", when="10-02T23:59"),
    )
    await bulletin.until(at("10-03T12:00"))
    emitted = await bulletin.standing("10-02")
    assert emitted is not None
    assert emitted["new"]["discharged"] == {"total": 3, "imported": 2, "local": 1}
    assert emitted["cumulative"]["confirmed"] == {"total": 4, "imported": 2, "local": 2}
    assert emitted["cumulative"]["deaths"] == {"total": 1, "imported": 0, "local": 1}
    assert emitted["in_hospital"] == {"total": 0, "imported": 0, "local": 0}
    assert emitted["discharges"] == {
        "by_origin_country": {"FR": 1, "PH": 1},
        "by_severity": {"mild": 1, "unknown": 2},
        "by_age_band": {"0-5": 1, "18-44": 1, "60+": 1},
        "by_nationality": {"CN": 2, "FR": 1},
    }


async def test_b3_a_late_case_restates_its_day_and_every_later_one_in_a_few_looks(bulletin: Bulletin) -> None:
    await bulletin.tell(confirmed("a", "10-01T09:00"))
    await bulletin.until(at("11-20T12:00"))
    bulletin.passes = 0
    await bulletin.tell(confirmed("b", "10-03T09:00"))
    assert bulletin.passes <= 3
    assert await bulletin.emitted("10-02") == ["BulletinPublished"]
    for day in ("10-03", "10-31", "11-19"):
        assert await bulletin.emitted(day) == ["BulletinPublished", "BulletinRestated"]
        assert total(await bulletin.standing(day)) == 2
    assert total(await bulletin.standing("10-03"), "new", "confirmed") == 1
    assert total(await bulletin.standing("10-04"), "new", "confirmed") == 0


async def test_b3_a_change_that_later_days_do_not_see_restates_only_the_days_between(bulletin: Bulletin) -> None:
    await bulletin.tell(confirmed("a", "10-01T09:00"), discharged(case_id="a", when="10-06T10:00"))
    await bulletin.until(at("10-10T12:00"))
    await bulletin.tell(discharged(case_id="a", when="10-04T10:00"), first_sequence=3)
    restated = [day for day in range(1, 10) if "BulletinRestated" in await bulletin.emitted(f"10-0{day}")]
    assert restated == [4, 5, 6]


async def test_b3_a_revoked_discharge_puts_the_patient_back_into_hospital_on_all_days(bulletin: Bulletin) -> None:
    await bulletin.tell(confirmed("a", "10-01T09:00"), discharged(case_id="a", when="10-03T10:00"))
    await bulletin.until(at("10-06T12:00"))
    assert total(await bulletin.standing("10-05"), "in_hospital") == 0
    await bulletin.tell(revoked(case_id="a", discharged_at=at("10-03T10:00")), first_sequence=3)
    assert total(await bulletin.standing("10-05"), "in_hospital") == 1


async def test_b3_bulletins_of_a_jurisdiction_left_without_a_case_are_withdrawn_and_come_back(
    bulletin: Bulletin,
) -> None:
    await bulletin.tell(confirmed("a", "10-01T09:00"))
    await bulletin.until(at("10-04T12:00"))
    await bulletin.tell(excluded(case_id="a"), first_sequence=2)
    assert [await bulletin.standing(f"10-0{day}") for day in range(1, 4)] == [None] * 3
    await bulletin.tell(confirmed("b", "10-02T09:00"))
    assert await bulletin.standing("10-01") is None
    assert [total(await bulletin.standing(f"10-0{day}")) for day in (2, 3)] == [1, 1]
    await bulletin.tell(confirmed("c", "09-30T09:00"))
    assert [total(await bulletin.standing(day)) for day in ("09-30", "10-01", "10-02")] == [1, 1, 2]


async def test_b4_the_youngest_is_that_of_the_imported_child_cases_up_to_the_day(bulletin: Bulletin) -> None:
    await bulletin.tell(
        confirmed("a", "10-01T09:00", age={"value": 13, "unit": "mo"}),
        confirmed("b", "10-02T09:00", age={"value": 9, "unit": "mo"}),
        local(case_id="c", confirmed_at=at("10-01T09:00"), age={"value": 1, "unit": "mo"}),
    )
    await bulletin.until(at("10-03T12:00"))
    ages = [emitted["youngest"]["age"] for day in ("10-01", "10-02") if (emitted := await bulletin.standing(day))]
    assert ages == [{"value": 13, "unit": "mo"}, {"value": 9, "unit": "mo"}]
    await bulletin.tell(excluded(case_id="b"), first_sequence=4)
    emitted = await bulletin.standing("10-02")
    assert emitted is not None
    assert emitted["youngest"] == {"age": ages[0], "scope": "imported, child, CN-SH", "as_of": "2020-10-02"}


async def test_jurisdictions_are_counted_apart(bulletin: Bulletin) -> None:
    await bulletin.tell(confirmed("a", "10-01T09:00"), confirmed("b", "10-01T09:00", jurisdiction="CN-BJ"))
    await bulletin.until(at("10-02T12:00"))
    await bulletin.tell(confirmed("c", "10-01T09:00", jurisdiction="CN-BJ"))
    assert total(await bulletin.standing("10-01")) == 1
    assert total(await bulletin.standing("10-01", "CN-BJ")) == 2
    assert await bulletin.emitted("10-01") == ["BulletinPublished"]


async def test_b3_a_transaction_counts_a_jurisdiction_only_after_the_one_before_has_committed(
    bulletin: Bulletin,
) -> None:
    first, second = bulletin.workers
    async with first.transaction():
        await count_days(first, ["CN-SH/2020-10-01"])
        await asyncio.wait_for(count_days(second, ["CN-BJ/2020-10-01"]), 5)
        waiting = asyncio.create_task(count_days(second, ["CN-SH/2020-10-03"]))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.2)
    assert set(await asyncio.wait_for(waiting, 5)) == {"CN-SH/2020-10-03"}


async def test_an_unchanged_figure_leaves_its_tallies_alone(bulletin: Bulletin) -> None:
    await bulletin.tell(confirmed("a", "10-01T09:00"))
    before = await bulletin.workers[0].fetch("SELECT xmin::text, * FROM bulletin_tally")
    await bulletin.tell(assessed(case_id="a"), first_sequence=2)
    assert await bulletin.workers[0].fetch("SELECT xmin::text, * FROM bulletin_tally") == before
