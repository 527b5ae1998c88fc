"""F1: a civil day is as long as its zone says, and over when no clock of the zone shows its date any more."""

from datetime import date, timedelta

import pytest

from schemas.calendar import end_of


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", date(2020, 10, 17), 24),
        ("Europe/Berlin", date(2021, 3, 28), 23),
        ("Europe/Berlin", date(2020, 10, 25), 25),
        ("Australia/Lord_Howe", date(2020, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2021, 4, 4), 24.5),
        ("America/Havana", date(2020, 3, 8), 23),
        ("America/Havana", date(2020, 11, 1), 25),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("America/St_Johns", date(2006, 10, 28), 25),
        ("America/Toronto", date(1919, 3, 30), 23.5),
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_f1_a_day_is_as_long_as_its_zone_says(zone: str, day: date, hours: float) -> None:
    assert end_of(day, zone) - end_of(day - timedelta(days=1), zone) == timedelta(hours=hours)


def test_f1_a_midnight_is_told_at_the_offset_of_its_zone() -> None:
    assert end_of(date(2020, 10, 24), "Europe/Berlin").isoformat() == "2020-10-25T00:00:00+02:00"
    assert end_of(date(2020, 10, 25), "Europe/Berlin").isoformat() == "2020-10-26T00:00:00+01:00"


def test_f1_an_offset_that_rfc_3339_cannot_write_is_told_in_utc() -> None:
    assert end_of(date(1900, 1, 1), "Asia/Shanghai").utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Asia/Amman", date(2020, 10, 29), "2020-10-30T00:00:00+03:00"),
        ("Asia/Gaza", date(2020, 10, 23), "2020-10-24T00:00:00+03:00"),
        ("Asia/Hebron", date(2020, 10, 23), "2020-10-24T00:00:00+03:00"),
        ("America/Havana", date(2020, 10, 31), "2020-11-01T00:00:00-04:00"),
        ("America/Scoresbysund", date(2020, 10, 24), "2020-10-25T00:00:00+00:00"),
        ("Atlantic/Azores", date(2020, 10, 24), "2020-10-25T00:00:00+00:00"),
    ],
)
def test_f1_of_two_midnights_the_first_closes_a_day(zone: str, day: date, end: str) -> None:
    assert end_of(day, zone).isoformat() == end


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("America/St_Johns", date(2006, 10, 28), "2006-10-29T00:00:00-03:30"),
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-18T00:00:00-03:00"),
    ],
)
def test_f1_unless_the_old_date_is_shown_again_after_it(zone: str, day: date, end: str) -> None:
    assert end_of(day, zone).isoformat() == end
