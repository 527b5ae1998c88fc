"""F1: a day is a civil day of whatever length, in the zone that the discharge carries."""

from datetime import date, datetime, timedelta, timezone

from schemas.calendar import end_of
from schemas.events.followup import CallRequested, QuarantineCompleted, QuarantineDayMissed
from services.followup.domain.calendar import days, midnight_from, zones_of
from tests.domain.followup.journeys import discharged, log, retested
from tests.domain.followup.stories import unknown


def test_f1_the_day_closed_by_the_first_midnight_from_an_instant() -> None:
    day_0, zone, zones = date(2020, 10, 17), "Asia/Shanghai", zones_of("Asia/Shanghai")
    fifth = end_of(date(2020, 10, 22), zone)
    assert midnight_from(day_0, zones, fifth).number == 5
    assert midnight_from(day_0, zones, fifth + timedelta(microseconds=1)).number == 6
    assert midnight_from(day_0, zones, fifth - timedelta(hours=3)).number == 5


def test_f1_a_date_that_the_zone_left_out_keeps_its_number_and_is_skipped() -> None:
    grid = days(date(2011, 12, 28), zones_of("Pacific/Apia"), 3)
    assert [(day.number, day.date.day, day.skipped) for day in grid] == [(1, 29, False), (2, 30, True), (3, 31, False)]


def test_f1_a_skipped_date_is_not_missed() -> None:
    apia = timezone(timedelta(hours=-10))
    begun = datetime(2011, 12, 28, 10, tzinfo=apia)
    story = unknown().given(discharged(begun, time_zone="Pacific/Apia", protocol="v9"), received_at=begun)
    for day in (29, 31, *range(32, 36)):
        when = datetime(2011, 12, 29, 9, tzinfo=apia) + timedelta(days=day - 29 - (day > 30))
        local = date(2011, 12, 1) + timedelta(days=day - 1)
        story.given(log(1, reported_at=when, local_date=local), received_at=when)
    story.given(retested("r-7", datetime(2012, 1, 4, 9, tzinfo=apia)), received_at=begun)
    story.until(datetime(2012, 1, 5, tzinfo=apia))
    story.then((QuarantineCompleted, {"days_logged": 6, "days_missed": 0}))


def test_f1_a_day_of_25_hours_is_missed_at_its_own_end_and_not_before() -> None:
    berlin = timezone(timedelta(hours=2))
    begun = datetime(2020, 10, 24, 10, tzinfo=berlin)
    story = unknown().given(discharged(begun, time_zone="Europe/Berlin"), received_at=begun)
    story.until(datetime(2020, 10, 26, 0, 30, tzinfo=berlin)).stays_quiet()
    story.until(datetime(2020, 10, 26, 1, 0, tzinfo=berlin))
    story.then(QuarantineDayMissed, CallRequested)
