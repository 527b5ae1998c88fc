"""F1: a day is a civil day of whatever length, in the zone that the discharge carries."""

from datetime import date, datetime, timedelta, timezone

import pytest

from schemas.events.followup import CallRequested, QuarantineCompleted, QuarantineDayMissed
from services.followup.domain.calendar import days, end_of, midnight_from
from tests.domain.followup.journeys import discharged, log
from tests.domain.followup.stories import unknown


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


def test_f1_the_day_closed_by_the_first_midnight_from_an_instant() -> None:
    day_0, zone = date(2020, 10, 17), "Asia/Shanghai"
    fifth = end_of(date(2020, 10, 22), zone)
    assert midnight_from(day_0, zone, fifth).number == 5
    assert midnight_from(day_0, zone, fifth + timedelta(microseconds=1)).number == 6
    assert midnight_from(day_0, zone, fifth - timedelta(hours=3)).number == 5


def test_f1_a_date_that_the_zone_left_out_keeps_its_number_and_is_skipped() -> None:
    grid = days(date(2011, 12, 28), "Pacific/Apia", 3)
    assert [(day.number, day.date.day, day.skipped) for day in grid] == [(1, 29, False), (2, 30, True), (3, 31, False)]


def test_f1_a_skipped_date_is_not_missed() -> None:
    apia = timezone(timedelta(hours=-10))
    begun = datetime(2011, 12, 28, 10, tzinfo=apia)
    story = unknown().given(discharged(begun, time_zone="Pacific/Apia", protocol="v9"), came=begun)
    for day in (29, 31, *range(32, 36)):
        when = datetime(2011, 12, 29, 9, tzinfo=apia) + timedelta(days=day - 29 - (day > 30))
        local = date(2011, 12, 1) + timedelta(days=day - 1)
        story.given(log(1, reported_at=when, local_date=local), came=when)
    story.until(datetime(2012, 1, 5, tzinfo=apia))
    story.then((QuarantineCompleted, {"days_logged": 6, "days_missed": 0}))


def test_f1_a_day_of_25_hours_is_missed_at_its_own_end_and_not_before() -> None:
    berlin = timezone(timedelta(hours=2))
    begun = datetime(2020, 10, 24, 10, tzinfo=berlin)
    story = unknown().given(discharged(begun, time_zone="Europe/Berlin"), came=begun)
    story.until(datetime(2020, 10, 26, 0, 30, tzinfo=berlin)).stays_quiet()
    story.until(datetime(2020, 10, 26, 1, 0, tzinfo=berlin))
    story.then(QuarantineDayMissed, CallRequested)
