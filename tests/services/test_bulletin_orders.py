"""Whatever the order in which cases come, the last word on each day is what a recount gives: B2, B3."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chassis.consume.reader import Record
from schemas.message import CaseEvent
from tests.domain.bulletin.journeys import assessed, at, discharged, excluded, imported, local, revoked
from tests.services.bulletin_stack import Bulletin


def course(dice: random.Random, case_id: str) -> list[CaseEvent]:
    """What is stated of one case, in the order of its sequences: corrections of everything included."""

    def day(first: int, last: int) -> datetime:
        return at("10-01T12:00") + timedelta(days=dice.randint(first, last))

    person = {
        "case_id": case_id,
        "age": {"value": dice.randint(0, 30), "unit": "a"},
        "origin_country": dice.choice(["PH", "FR"]),
    }
    confirm = imported if dice.random() < 0.7 else local
    given: list[CaseEvent] = [confirm(**person, confirmed_at=day(0, 10))]
    if dice.random() < 0.2:
        given += [excluded(case_id=case_id)]
    if dice.random() < 0.9:
        given += [
            confirm(**person, confirmed_at=day(0, 10)),
            assessed(dice.choice(["mild", "severe"]), case_id=case_id),
        ]
    for disposition in dice.sample(["recovered", "transferred", "died", "against_advice"], k=dice.randint(0, 2)):
        given += [discharged(disposition, case_id=case_id, discharged_at=day(3, 20))]
        if dice.random() < 0.3:
            given += [revoked(case_id=case_id)]
    return given


async def recount(bulletin: Bulletin, day: date) -> dict[str, Any]:
    """The figures of a day from the rows of the cases, one by one: the slow way, which needs no tallies."""
    rows = [row for row in await bulletin.workers[0].fetch("SELECT * FROM bulletin_case") if row["confirmed_on"] <= day]
    sums: Counter[str] = Counter()
    for row in rows:
        for figure, on in (("confirmed", "confirmed_on"), ("discharged", "discharged_on"), ("deaths", "died_on")):
            if row[on] is not None and row[on] <= day:
                sums[f"cumulative {figure} {row['origin']}"] += 1
                sums[f"new {figure} {row['origin']}"] += row[on] == day
    tables = {
        f"by_{name}": Counter(
            row[name] or "unknown" for row in rows if row["discharged_on"] == day and row["origin"] in of
        )
        for name, of in (("origin_country", ("imported",)), ("severity", ("imported", "local")))
    }
    ages = [row["age_months"] for row in rows if row["child"] and row["origin"] == "imported"]
    return {"sums": +sums, "tables": tables, "youngest": min(ages, default=None)}


def stated(emitted: dict[str, Any]) -> dict[str, Any]:
    """The figures of a bulletin in the same shape."""
    sums: Counter[str] = Counter()
    for when in ("new", "cumulative"):
        for figure, count in emitted[when].items():
            for origin in ("imported", "local"):
                sums[f"{when} {figure} {origin}"] = count[origin]
    age = emitted.get("youngest", {}).get("age")
    months = None if age is None else age["value"] * (12 if age["unit"] == "a" else 1)
    tables = {name: Counter(emitted["discharges"][name]) for name in ("by_origin_country", "by_severity")}
    return {"sums": +sums, "tables": tables, "youngest": months}


async def check_against_recount(bulletin: Bulletin, days: Sequence[date]) -> None:
    first = await bulletin.workers[0].fetchval("SELECT min(confirmed_on) FROM bulletin_case")
    for day in days:
        emitted = await bulletin.standing(f"{day:%m-%d}")
        assert emitted == await bulletin.last_word(f"CN-SH/{day}"), day
        if first is None or day < first:
            assert emitted is None, day
        else:
            assert emitted is not None, day
            assert stated(emitted) == await recount(bulletin, day), day


@pytest.mark.parametrize("seed", range(3))
async def test_b3_in_any_order_in_two_workers_with_the_clock_going_on_the_last_word_is_what_a_recount_gives(
    bulletin: Bulletin, seed: int
) -> None:
    dice = random.Random(seed)
    courses = [course(dice, f"case-{number}") for number in range(40)]
    records = [bulletin.record(event, number) for given in courses for number, event in enumerate(given, 1)]
    dice.shuffle(records)
    while records:
        share: list[Record] = [records.pop() for _ in range(min(len(records), dice.randint(1, 30)))]
        await bulletin.take(share)
        if dice.random() < 0.7:
            await bulletin.look()
        bulletin.clock.instant += timedelta(hours=dice.choice([0, 7, 31]))
    await bulletin.until(at("11-10T12:00"))
    await check_against_recount(bulletin, [date(2020, 10, 1) + timedelta(days=number) for number in range(-1, 38)])
