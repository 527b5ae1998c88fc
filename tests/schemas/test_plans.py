"""What names a plan and which days it has, as followup counts them and primary care beside it."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from schemas.plans import plan_days, plan_key

SHANGHAI = timezone(timedelta(hours=8))


def test_a_plan_has_one_key_however_its_instant_is_written() -> None:
    written = datetime(2020, 10, 17, 10, tzinfo=SHANGHAI), datetime(2020, 10, 17, 2, tzinfo=UTC)
    assert {plan_key(2, at) for at in written} == {"2@2020-10-17T02:00:00+00:00"}


def test_two_episodes_discharged_at_one_instant_have_two_plans() -> None:
    at = datetime(2020, 10, 17, 2, tzinfo=UTC)
    assert plan_key(1, at) != plan_key(2, at)


@pytest.mark.parametrize(
    ("protocol", "discharged_on", "length"),
    [
        ("v8", date(2020, 10, 17), 14),
        ("v9", date(2022, 4, 1), 7),
        ("v8", date(2022, 4, 1), 14),
        ("v10", date(2023, 2, 1), 0),
        ("unheard of", date(2022, 4, 1), 7),
    ],
)
def test_a_plan_is_as_long_as_its_protocol_says_and_else_the_one_in_force(
    protocol: str, discharged_on: date, length: int
) -> None:
    at = datetime(discharged_on.year, discharged_on.month, discharged_on.day, 10, tzinfo=SHANGHAI)
    days = plan_days(at, "Asia/Shanghai", protocol, "CN-SH")
    assert (days.day_0, days.length, days.last_day) == (discharged_on, length, discharged_on + timedelta(days=length))


def test_day_0_is_the_civil_date_in_the_zone_that_the_discharge_names() -> None:
    at = datetime(2020, 10, 17, 17, tzinfo=UTC)
    assert plan_days(at, "UTC", "v8", "CN").day_0 == date(2020, 10, 17)
    assert plan_days(at, "Asia/Shanghai", "v8", "CN").day_0 == date(2020, 10, 18)


def test_a_plan_ends_at_the_midnight_after_its_last_day_also_where_the_clocks_have_changed() -> None:
    days = plan_days(datetime(2020, 10, 17, 10, tzinfo=UTC), "Europe/Berlin", "v8", "DE")
    assert days.ends_at == datetime(2020, 11, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert days.ends_at.utcoffset() == timedelta(hours=1)
