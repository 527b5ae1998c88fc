"""Asymptomatic infections, counted apart in SQL on a real PostgreSQL: B1, B3."""

from typing import Any

from tests.domain.bulletin.journeys import assessed, at, discharged, imported
from tests.services.bulletin_stack import Bulletin

APART = ("new", "cumulative", "turned_confirmed", "released", "under_observation")


def quiet(case_id: str, when: str) -> Any:
    return imported(case_id=case_id, confirmed_at=at(when), symptoms=())


async def apart(bulletin: Bulletin, day: str) -> tuple[int, ...]:
    standing = await bulletin.standing(day)
    assert standing is not None
    return tuple(standing["asymptomatic"][name]["total"] for name in APART)


async def test_b1_found_turned_and_released_move_their_days(bulletin: Bulletin) -> None:
    await bulletin.tell(
        quiet("a", "10-01T09:00"),
        quiet("b", "10-01T10:00"),
        quiet("c", "10-02T10:00"),
        assessed("mild", case_id="a", assessed_at=at("10-03T10:00")),
        discharged(case_id="b", when="10-03T12:00"),
    )
    await bulletin.until(at("10-04T12:00"))

    assert [await apart(bulletin, f"10-0{day}") for day in (1, 2, 3)] == [
        (2, 2, 0, 0, 2),
        (1, 3, 0, 0, 3),
        (0, 3, 1, 1, 1),
    ]
    third = await bulletin.standing("10-03")
    assert third is not None
    assert third["cumulative"]["confirmed"]["total"] == 1
    assert third["cumulative"]["discharged"]["total"] == 0
    assert third["in_hospital"]["total"] == 1


async def test_b3_a_class_told_late_restates_every_day_that_it_moves(bulletin: Bulletin) -> None:
    await bulletin.tell(quiet("a", "10-01T09:00"))
    await bulletin.until(at("10-04T12:00"))
    await bulletin.tell(assessed("common", case_id="a", assessed_at=at("10-02T10:00")))
    await bulletin.settle()

    assert await bulletin.emitted("10-01") == ["BulletinPublished"]
    assert [await apart(bulletin, f"10-0{day}") for day in (1, 2, 3)] == [
        (1, 1, 0, 0, 1),
        (0, 1, 1, 0, 0),
        (0, 1, 0, 0, 0),
    ]
    second = await bulletin.standing("10-02")
    assert second is not None
    assert (second["new"]["confirmed"]["total"], second["in_hospital"]["total"]) == (1, 1)
