"""Codes of public lists: what stands in them passes, what is outdated names its successor, no report is left out."""

from typing import Any

import pycountry
import pytest
from pydantic import BaseModel

from schemas.codes import (
    CODED,
    SUBDIVISION_SUCCESSORS,
    SUCCESSORS,
    Coded,
    country_fault,
    loinc_fault,
    subdivision_fault,
    zone_fault,
)
from schemas.envelope import Invalid, read, validate
from schemas.message import Report
from schemas.reference import NUCLEIC_ACID_TESTS, TIME_ZONES
from schemas.reports.intake import TravellerArrived
from schemas.topics import TOPICS
from tests.schemas.examples import valid

REPORTS = [message for topic in TOPICS for message in topic.messages if issubclass(message, Report)]


def has_codes(model: type[BaseModel]) -> bool:
    return any(name in CODED or nested(field.annotation) for name, field in model.model_fields.items())


def nested(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return has_codes(annotation)
    return any(nested(each) for each in getattr(annotation, "__args__", ()))


def test_every_report_with_a_code_has_it_checked() -> None:
    assert {report.__name__ for report in REPORTS if has_codes(report)} == {
        report.__name__ for report in REPORTS if issubclass(report, Coded)
    }


def test_every_country_that_is_no_more_names_what_stands_in_its_place() -> None:
    present = {country.alpha_2 for country in pycountry.countries}
    gone = {country.alpha_2 for country in pycountry.historic_countries if hasattr(country, "alpha_2")} - present

    assert gone <= set(SUCCESSORS)
    assert not set(SUCCESSORS) & present


def test_every_successor_of_a_subdivision_stands_in_the_list() -> None:
    assert not [code for code in SUBDIVISION_SUCCESSORS.values() if subdivision_fault(code)]


@pytest.mark.parametrize(
    ("fault", "code", "successor"),
    [
        (country_fault, "UK", "GB"),
        (country_fault, "BU", "MM"),
        (subdivision_fault, "CN-31", "CN-SH"),
        (zone_fault, "Asia/Calcutta", "Asia/Kolkata"),
        (zone_fault, "PRC", "Asia/Shanghai"),
    ],
)
def test_an_outdated_code_is_refused_with_its_successor(fault: Any, code: str, successor: str) -> None:
    kind, words = fault(code)

    assert kind == "unlisted_code"
    assert f"write {successor}" in words


@pytest.mark.parametrize("zone", ["UTC", "Etc/GMT-8", "EST5EDT", "Factory"])
def test_what_is_no_place_has_no_civil_time(zone: str) -> None:
    assert zone_fault(zone) is not None


def test_the_zones_of_jurisdictions_and_the_tests_that_confirm_stand_in_their_lists() -> None:
    assert not [zone for zone in TIME_ZONES.values() if zone_fault(zone)]
    assert not [code for code in NUCLEIC_ACID_TESTS if loinc_fault(code)]


@pytest.mark.parametrize("digit", range(10))
def test_a_loinc_code_has_one_check_digit(digit: int) -> None:
    assert (loinc_fault(f"94500-{digit}") is None) == (digit == 6)


@pytest.mark.parametrize("unknown", ["unknown", None, ...])
def test_what_a_publisher_does_not_know_may_be_left_out_or_said_to_be_unknown(unknown: object) -> None:
    data = read(valid("TravellerArrived")).data
    for name in ("age", "nationality", "origin_country"):
        data[name] = unknown
    data["residence"] = {"jurisdiction": "CN-SH", "district": unknown}
    given = {name: value for name, value in data.items() if value is not ...}
    given["residence"] = {name: value for name, value in given["residence"].items() if value is not ...}

    arrival = validate(TravellerArrived, given)

    assert (arrival.age, arrival.nationality, arrival.origin_country, arrival.residence.district) == (None,) * 4


def test_a_whole_number_may_be_written_with_a_point() -> None:
    data = read(valid("TravellerArrived")).data | {"age": {"value": 34.0, "unit": "a"}}

    age = validate(TravellerArrived, data).age

    assert age is not None
    assert age.value == 34


@pytest.mark.parametrize("value", [34.5, "34", True])
def test_what_is_no_whole_number_is_no_age(value: object) -> None:
    with pytest.raises(Invalid) as refused:
        validate(TravellerArrived, read(valid("TravellerArrived")).data | {"age": {"value": value, "unit": "a"}})

    assert (refused.value.code, refused.value.at) == ("wrong_type", "age.value")


def test_a_refusal_says_what_is_allowed_and_gives_an_example_never_an_expression() -> None:
    with pytest.raises(Invalid) as refused:
        validate(TravellerArrived, read(valid("TravellerArrived")).data | {"case_id": "sh 1078"})

    assert "without blanks" in refused.value.reason
    assert "e.g. sh-2020-1078" in refused.value.reason
    assert not set("^[]$\\") & set(refused.value.reason)
