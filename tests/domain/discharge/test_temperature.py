"""D1: normal for more than 72 h, and measured on each of the three civil days before the day of judging."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from schemas.message import Message
from services.discharge.domain.conclusions import Criterion
from tests.domain.discharge.journeys import at, confirmed, measured, measured_daily
from tests.domain.discharge.judging import judged

FEVER = measured(at(10, 15), 38.4)


def temperature(messages: Sequence[Message], *when: int) -> Criterion:
    return judged([confirmed(), *messages], at(*when))["temperature"]


def test_d1_exactly_72_hours_after_the_last_fever_is_not_enough() -> None:
    assert not temperature([FEVER, *measured_daily(11, 13)], 13, 15, 0, 0).met


def test_d1_the_first_second_after_72_hours_is_enough() -> None:
    found = temperature([FEVER, *measured_daily(10, 13)], 13, 15, 0, 1)
    assert found.met
    assert found.since == at(13, 15, 0, 1)
    assert found.evidence[0] == "vital_signs@2020-10-10T15:00:00+08:00"


def test_d1_counts_from_the_first_measurement_when_all_are_normal() -> None:
    days = measured_daily(10, 13)
    assert not temperature(days, 13, 8, 0, 0).met
    assert temperature(days, 13, 8, 0, 1).since == at(13, 8, 0, 1)


def test_d1_a_day_without_measurement_among_the_three_before_is_not_met() -> None:
    days = [*measured_daily(7, 12), *measured_daily(14, 16)]
    assert not temperature(days, 16, 12).met
    assert temperature(days, 16, 12).next_possible_at == at(17, 0)
    assert temperature(days, 17, 0).met


def test_d1_a_measurement_on_the_day_of_judging_stands_for_none_of_the_days_before() -> None:
    assert not temperature([measured(at(9, 8)), *measured_daily(11, 13)], 13, 12).met


def test_d1_a_day_is_civil_in_the_zone_of_the_case() -> None:
    """23:30 in Shanghai is already the next day in Tokyo, where nothing was measured on the 9th."""
    days = [measured(at(8, 12)), *(measured(at(day, 23, 30)) for day in range(9, 12))]
    assert temperature(days, 12, 1).met
    assert not judged([confirmed(time_zone="Asia/Tokyo"), *days], at(12, 1))["temperature"].met


def test_d1_a_case_never_measured_is_not_met_and_no_time_can_be_given() -> None:
    assert temperature([], 20) == Criterion("temperature", False)


@pytest.mark.parametrize(
    ("site", "normal", "fever"),
    [
        ("axillary", 37.2, 37.3),
        ("oral", 37.4, 37.5),
        ("ear", 37.4, 37.5),
        ("forehead", 37.4, 37.5),
        ("rectal", 37.9, 38),
    ],
)
def test_d1_what_is_normal_depends_on_the_site(site: str, normal: float, fever: float) -> None:
    days = measured_daily(9, 12)
    assert temperature([*days, measured(at(13, 9), normal, site)], 13, 10).met
    assert not temperature([*days, measured(at(13, 9), fever, site)], 13, 10).met


def test_d1_the_next_time_is_72_hours_after_the_fever() -> None:
    assert temperature([*measured_daily(7, 10), FEVER], 10, 16).next_possible_at == at(13, 15, 0, 1)


def test_d1_a_fever_corrected_by_a_later_word_never_was() -> None:
    days = measured_daily(9, 13)
    assert temperature([*days, FEVER, measured(at(10, 15), 36.8)], 13, 12).met
    assert temperature([*days, FEVER, FEVER.model_copy(update={"withdrawn": True})], 13, 12).met


def test_d1_version_10_asks_for_24_hours_and_one_day() -> None:
    later = timedelta(days=900)
    days = [measured(at(10, 15) + later, 38.4), measured(at(11, 8) + later)]
    criteria = judged([confirmed(), *days], at(11, 15) + later)
    assert not criteria["temperature"].met
    assert judged([confirmed(), *days], at(11, 15, 0, 1) + later)["temperature"].met
    assert list(criteria) == ["temperature", "respiratory", "imaging"]


@pytest.mark.parametrize(("celsius", "met"), [(35.0, True), (34.9, False), (31.2, False)])
def test_d1_a_reading_below_35_is_no_evidence_of_a_normal_temperature(celsius: float, met: bool) -> None:
    found = temperature([*measured_daily(9, 12), measured(at(12, 20), celsius, "forehead")], 13, 10)
    assert (found.met, found.next_possible_at) == (met, None if met else at(15, 20, 0, 1))


@pytest.mark.parametrize(("celsius", "met"), [(37.2, True), (37.3, False)])
def test_d1_of_a_site_that_nobody_wrote_down_the_strictest_limit_holds(celsius: float, met: bool) -> None:
    assert temperature([*measured_daily(9, 12), measured(at(13, 9), celsius, "unknown")], 13, 10).met is met
