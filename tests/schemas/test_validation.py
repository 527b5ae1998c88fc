"""What each kind of wrong data is answered with, and what is taken although it looks unusual."""

import math
from datetime import UTC, date, datetime

import pytest

from schemas.envelope import Invalid, read, validate
from schemas.message import Report
from schemas.reports.followup import DayReported, ReturnVisitReported
from schemas.reports.intake import TravellerArrived
from schemas.reports.treatment import TestResultReported, VitalSignsReported
from schemas.topics import TOPICS
from schemas.values import Age, is_code, on_air
from tests.schemas.examples import valid


def data(name: str, **fields: object) -> dict[str, object]:
    """The data of a valid example with some fields changed, or left out where they are `...`."""
    return {key: each for key, each in (read(valid(name)).data | fields).items() if each is not ...}


def refusal(model: type[Report], given: object) -> tuple[str, str]:
    with pytest.raises(Invalid) as refused:
        validate(model, given)
    return refused.value.code, refused.value.at


@pytest.mark.parametrize("temperature", ["38.5", True, None, [38.5], {}])
def test_a_temperature_that_is_no_number_is_of_the_wrong_type(temperature: object) -> None:
    given = data("DayReported", temperature_c=temperature)

    assert refusal(DayReported, given) == ("wrong_type", "temperature_c")


def test_a_whole_number_is_a_temperature() -> None:
    assert validate(DayReported, data("DayReported", temperature_c=37)).temperature_c == 37.0


@pytest.mark.parametrize("temperature", [29.9, 45.1, math.inf, math.nan, -1e300])
def test_a_temperature_that_nobody_survives_is_out_of_range(temperature: float) -> None:
    given = data("DayReported", temperature_c=temperature)

    assert refusal(DayReported, given) == ("out_of_range", "temperature_c")


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        (1602723600, "wrong_type"),
        (True, "wrong_type"),
        (None, "wrong_type"),
        ("1602723600", "invalid"),
        ("2020-09-15", "invalid"),
        ("2020-09-15T08:10:00", "invalid"),
        ("2020-09-15 08:10:00+08:00", "invalid"),
        ("2020-09-15T24:00:00+08:00", "invalid"),
        ("2020-02-30T08:10:00+08:00", "invalid"),
        ("２０２０-09-15T08:10:00+08:00", "invalid"),
        ("1899-12-31T23:59:59+08:00", "out_of_range"),
        ("2201-01-01T00:00:00+08:00", "out_of_range"),
    ],
)
def test_an_instant_is_an_rfc_3339_text_with_an_offset(instant: object, code: str) -> None:
    given = data("TestResultReported", collected_at=instant)

    assert refusal(TestResultReported, given) == (code, "collected_at")


@pytest.mark.parametrize(
    "instant", ["2020-09-15T00:10:00Z", "2020-09-15t00:10:00.000000000z", "2020-09-15T08:10:00+08:00"]
)
def test_one_instant_may_be_spelt_in_several_ways(instant: str) -> None:
    result = validate(TestResultReported, data("TestResultReported", collected_at=instant))

    assert result.collected_at == datetime(2020, 9, 15, 0, 10, tzinfo=UTC)


def test_a_result_in_the_minute_of_its_collection_is_possible_and_one_second_before_is_not() -> None:
    at, before = "2020-09-15T08:10:00+08:00", "2020-09-15T08:09:59+08:00"

    assert validate(TestResultReported, data("TestResultReported", resulted_at=at)).resulted_at.minute == 10
    assert refusal(TestResultReported, data("TestResultReported", resulted_at=before)) == (
        "impossible_time",
        "resulted_at",
    )


def test_a_flight_over_the_date_line_may_arrive_on_the_day_before_it_left() -> None:
    assert validate(TravellerArrived, data("TravellerArrived", departed_on="2020-09-16")).departed_on == date(
        2020, 9, 16
    )


def test_a_log_of_today_is_possible_wherever_the_day_has_begun() -> None:
    written_in_universal_time = data("DayReported", reported_at="2020-10-17T20:20:00Z")

    assert validate(DayReported, written_in_universal_time).local_date.day == 18


def test_vital_signs_without_a_temperature_need_no_site() -> None:
    given = data("VitalSignsReported", temperature_c=..., temperature_site=...)

    assert validate(VitalSignsReported, given).temperature_site is None


def test_lists_may_be_left_out() -> None:
    arrival = validate(TravellerArrived, data("TravellerArrived", symptoms=..., needs=..., transit_countries=...))

    assert (arrival.symptoms, arrival.needs, arrival.transit_countries) == ((), (), ())


def test_what_a_newer_publisher_says_more_is_ignored() -> None:
    given = data("DayReported", mood="bright", residence={"street": "unknown to us"})

    assert validate(DayReported, given) == validate(DayReported, data("DayReported"))


def test_a_key_that_was_sent_is_not_repeated_in_the_path() -> None:
    given = data("TestResultReported", ct_values={"N": 24.0, "Zhang San": 25.0})

    assert refusal(TestResultReported, given) == ("invalid", "ct_values")


def test_every_report_names_its_clinical_time_by_a_field_it_has() -> None:
    reports = [message for topic in TOPICS for message in topic.messages if issubclass(message, Report)]

    assert {report.__name__ for report in reports if report.clinical_time is None} == {
        "ChannelClosed",
        "ChannelOpened",
        "ComorbidityReported",
        "ExpertRostered",
        "ExpertUnrostered",
        "InstitutionDeclared",
        "InstitutionWithdrawn",
        "ResidenceChanged",
    }
    assert all(report.clinical_time in {None, *report.model_fields} for report in reports)
    assert all(report.key_field in report.model_fields for report in reports)


def test_a_no_show_has_no_clinical_time() -> None:
    assert validate(ReturnVisitReported, data("ReturnVisitReported", attended_at=...)).clinical_at is None


def test_the_clinical_time_of_a_result_is_that_of_its_collection() -> None:
    result = validate(TestResultReported, data("TestResultReported"))

    assert (result.clinical_at, result.key) == (result.collected_at, result.case_id)


def test_thirteen_months_are_thirteen_months_and_a_year_is_twelve() -> None:
    assert (Age(value=13, unit="mo").months, Age(value=1, unit="a").months) == (13, 12)


@pytest.mark.parametrize(
    ("symptom", "code"), [("386661006", True), ("dry cough", False), ("38666", False), ("", False)]
)
def test_a_symptom_is_a_code_or_text(symptom: str, code: bool) -> None:
    assert is_code(symptom) is code


@pytest.mark.parametrize(
    ("support", "air"), [(None, True), (False, True), ("none", True), (True, False), ("mask", False)]
)
def test_a_patient_without_support_breathes_air(support: bool | str | None, air: bool) -> None:
    assert on_air(support) is air
