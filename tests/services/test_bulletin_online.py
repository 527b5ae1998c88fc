"""Online care, counted in SQL on a real PostgreSQL: C7, B1, B3."""

from typing import Any

import pytest

from services.bulletin.views import bulletin as standing_of
from tests.domain.bulletin.journeys import imported
from tests.domain.bulletin.online import at, cancelled, delivered, held
from tests.services.bulletin_stack import Bulletin

NAMES = ("consultations", "people", "experts", "avoided_visits", "prescriptions_delivered")


@pytest.fixture
def december(bulletin: Bulletin) -> Bulletin:
    """The service at noon of 9 December 2022."""
    bulletin.clock.instant = at("12-09T12:00")
    return bulletin


async def channels(bulletin: Bulletin, day: str) -> dict[str, tuple[int, ...]] | None:
    """Channel → its counts by the end of a day of December 2022; None where the day has no bulletin."""
    found: Any = await standing_of(bulletin.workers[0], "CN-ZJ", at(f"12-{day}T00:00").date())
    if found is None:
        return None
    return {one["channel_id"]: tuple(one[name] for name in NAMES) for one in found["online_care"]}


async def types(bulletin: Bulletin, day: str) -> list[str]:
    rows = await bulletin.archive(f"CN-ZJ/2022-12-{day}")
    return [row["type"].split(".")[1] for row in rows]


async def test_c7_people_and_experts_count_once_a_channel_however_often_they_meet(december: Bulletin) -> None:
    await december.tell(
        held("c-1"),
        held("c-2", "12-09T11:00", expert_ref="e-2"),
        held("c-3", "12-10T11:00", refers=True),
        held("c-4", "12-10T11:00", person_ref="p-2"),
        held("c-5", "12-11T11:00", channel_id="zj-other"),
        cancelled(consultation_id="c-6"),
        delivered("rx-1", "12-10T20:00"),
    )
    await december.until(at("12-12T12:00"))

    assert await channels(december, "08") is None
    assert [await channels(december, day) for day in ("09", "10", "11")] == [
        {"zj-green": (2, 1, 2, 2, 0)},
        {"zj-green": (4, 2, 2, 3, 1)},
        {"zj-green": (4, 2, 2, 3, 1), "zj-other": (1, 1, 1, 1, 0)},
    ]


async def test_b1_every_day_from_the_first_consultation_on_has_its_bulletin_eventful_or_not(december: Bulletin) -> None:
    await december.tell(held("c-1"))
    await december.until(at("12-14T12:00"))

    assert [await types(december, day) for day in ("09", "10", "11", "12", "13", "14")] == [
        *[["BulletinPublished"]] * 5,
        [],
    ]


async def test_b3_a_late_consultation_restates_its_day_and_every_later_one(december: Bulletin) -> None:
    await december.tell(held("c-1"))
    await december.until(at("12-13T12:00"))
    await december.tell(held("c-2", "12-10T11:00", person_ref="p-2"))

    assert await types(december, "09") == ["BulletinPublished"]
    for day in ("10", "11", "12"):
        assert await types(december, day) == ["BulletinPublished", "BulletinRestated"]
        assert await channels(december, day) == {"zj-green": (2, 2, 1, 2, 0)}


async def test_b3_a_consultation_that_moves_to_another_channel_on_its_day_restates_the_later_days(
    december: Bulletin,
) -> None:
    await december.tell(held("c-1"))
    await december.until(at("12-12T12:00"))
    await december.tell(held("c-1", channel_id="zj-other"), first_sequence=2)

    assert [await channels(december, day) for day in ("09", "11")] == [{"zj-other": (1, 1, 1, 1, 0)}] * 2


async def test_b3_bulletins_are_withdrawn_when_no_consultation_is_left(december: Bulletin) -> None:
    await december.tell(held("c-1"))
    await december.until(at("12-12T12:00"))
    await december.tell(held("c-1", withdrawn=True), first_sequence=2)

    assert [await channels(december, day) for day in ("09", "10", "11")] == [None] * 3


async def test_b1_a_case_before_the_first_consultation_makes_the_earlier_bulletins(december: Bulletin) -> None:
    december.clock.instant = at("12-07T12:00")
    await december.tell(imported(case_id="a", jurisdiction="CN-ZJ", confirmed_at=at("12-07T09:00")))
    await december.until(at("12-09T12:00"))
    await december.tell(held("c-1"))
    await december.until(at("12-11T12:00"))

    assert [await channels(december, day) for day in ("07", "08", "09", "10")] == [
        {},
        {},
        {"zj-green": (1, 1, 1, 1, 0)},
        {"zj-green": (1, 1, 1, 1, 0)},
    ]


async def test_b5_both_editions_of_a_day_stand_beside_each_other(december: Bulletin) -> None:
    people = [held(f"c-{number}", person_ref=f"p-{number}") for number in range(5)]
    await december.tell(*people[:4])
    await december.until(at("12-10T12:00"))
    key = "CN-ZJ/2022-12-09"
    assert await december.last_word(f"{key}/public") is None
    await december.tell(people[4])

    full, shown = await december.last_word(key), await december.last_word(f"{key}/public")
    assert full is not None
    assert shown is not None
    assert full["online_care"] == [
        {
            "channel_id": "zj-green",
            "consultations": 5,
            "people": 5,
            "experts": 1,
            "avoided_visits": 5,
            "prescriptions_delivered": 0,
        }
    ]
    assert shown["online_care"] == [{"channel_id": "zj-green", "consultations": 5, "people": 5, "experts": 1}]
    assert shown == await standing_of(december.workers[0], "CN-ZJ", at("12-09T00:00").date(), "public")
