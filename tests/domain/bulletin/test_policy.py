"""The numbers of the bulletin, by jurisdiction and date."""

from datetime import date, datetime

import pytest

from services.bulletin.policy import age_band, published_at

DAY = date(2020, 10, 17)


def test_a_bulletin_is_said_at_half_past_midnight_of_the_next_civil_day() -> None:
    assert published_at("CN-SH", DAY) == datetime.fromisoformat("2020-10-18T00:30:00+08:00")
    assert published_at("JP-13", DAY) == datetime.fromisoformat("2020-10-18T00:30:00+09:00")


@pytest.mark.parametrize(
    ("months", "band"), [(0, "0-5"), (71, "0-5"), (72, "6-17"), (216, "18-44"), (540, "45-59"), (720, "60+")]
)
def test_an_age_falls_into_one_band(months: int, band: str) -> None:
    assert age_band("CN-SH", DAY, months) == band
