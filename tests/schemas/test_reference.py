"""Effective-dated tables, and what several services read alike."""

from datetime import date

from schemas.reference import Row, in_force, protocol_on, time_zone_of

DAY = date(2020, 10, 17)


def test_the_longest_prefix_holds_and_of_those_the_latest_row_not_after_the_day() -> None:
    table = (
        Row("", date.min, 1, "test"),
        Row("CN", date.min, 2, "test"),
        Row("CN", DAY, 3, "test"),
        Row("CN", date(2020, 10, 18), 4, "test"),
    )
    assert [in_force(table, place, DAY) for place in ("US-NY", "CN-SH")] == [1, 3]
    assert in_force(table, "CN-SH", date(2020, 10, 16)) == 2


def test_the_protocol_of_a_day_is_the_one_in_force_on_it() -> None:
    days = (date(2020, 1, 20), date(2020, 3, 3), date(2020, 8, 17), DAY, date(2022, 3, 14), date(2023, 1, 5))
    assert [protocol_on("CN-SH", day).version for day in days] == ["v6", "v7", "v7", "v8", "v9", "v10"]


def test_a_jurisdiction_without_a_zone_of_its_own_has_its_countrys() -> None:
    assert [time_zone_of(place) for place in ("CN-SH", "CN-HK", "US-NY")] == ["Asia/Shanghai", "Asia/Hong_Kong", None]
