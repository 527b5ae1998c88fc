"""D4 and D5: two consecutive negatives far enough apart, or the panel's override for somebody who stays positive."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.message import Message
from services.discharge.domain.conclusions import Criterion
from tests.domain.discharge.journeys import approved, at, confirmed, corrected, retracted, second_episode, swabbed
from tests.domain.discharge.judging import judged

FIRST = swabbed("r-1", at(10, 8))
V6 = -timedelta(days=225)
"""From October to late February 2020, when version 6 was in force."""


def two_negatives(*reported: Message, **given: Any) -> Criterion:
    return judged([confirmed(), *reported], given.get("as_of", at(20)))["two_negatives"]


def test_d4_two_negatives_24_hours_apart_are_enough_from_the_second_result_on() -> None:
    found = two_negatives(FIRST, swabbed("r-2", at(11, 8)))
    assert (found.met, found.since, found.evidence) == (True, at(11, 14), ("r-1", "r-2"))


def test_d4_a_second_negative_after_23_h_59_min_is_not_enough() -> None:
    found = two_negatives(FIRST, swabbed("r-2", at(11, 7, 59)), as_of=at(11, 14))
    assert (found.met, found.next_possible_at) == (False, at(11, 14))


def test_d4_the_first_and_the_last_of_the_run_are_compared() -> None:
    assert two_negatives(FIRST, swabbed("r-2", at(10, 20)), swabbed("r-3", at(11, 8))).met


def test_d4_a_positive_between_breaks_the_run() -> None:
    found = two_negatives(FIRST, swabbed("r-2", at(10, 20), "detected"), swabbed("r-3", at(11, 8)), as_of=at(11, 15))
    assert (found.met, found.next_possible_at) == (False, at(12, 8))


@pytest.mark.parametrize("outcome", ["inconclusive", "invalid"])
def test_d4_what_is_not_conclusive_neither_counts_nor_breaks(outcome: str) -> None:
    assert two_negatives(FIRST, swabbed("r-2", at(10, 20), outcome), swabbed("r-3", at(11, 8))).met
    assert not two_negatives(FIRST, swabbed("r-2", at(11, 8), outcome)).met


@pytest.mark.parametrize("given", [{"status": "preliminary"}, {"specimen_type": "anal"}, {"test": "94558-4"}])
def test_d4_only_final_nucleic_acid_tests_on_respiratory_specimens_count(given: dict[str, str]) -> None:
    assert not two_negatives(FIRST, swabbed("r-2", at(11, 8), **given)).met
    assert two_negatives(FIRST, swabbed("r-2", at(11, 8)), swabbed("r-3", at(12, 8), "detected", **given)).met


def test_d4_the_order_is_that_of_collection_not_of_results() -> None:
    late = swabbed("r-0", at(9, 8), "detected", resulted_at=at(12, 8))
    assert two_negatives(FIRST, swabbed("r-2", at(11, 8)), late).met


def test_d4_a_correction_counts_from_its_own_result_on() -> None:
    second = swabbed("r-2", at(11, 8))
    reported = [FIRST, second, corrected(second, at(13, 9), result="detected")]
    assert two_negatives(*reported, as_of=at(13, 8)).met
    assert not two_negatives(*reported, as_of=at(13, 9)).met


def test_d4_a_retracted_result_never_was() -> None:
    positive = swabbed("r-3", at(12, 8), "detected")
    reported = [FIRST, swabbed("r-2", at(11, 8)), positive, retracted(positive, at(13, 9))]
    assert not two_negatives(*reported, as_of=at(13, 8)).met
    assert two_negatives(*reported, as_of=at(13, 9)).since == at(13, 9)


def test_d4_a_result_corrected_to_another_specimen_no_longer_counts() -> None:
    second = swabbed("r-2", at(11, 8))
    assert not two_negatives(FIRST, second, corrected(second, at(13), specimen_type="blood")).met


def test_d4_only_tests_of_the_same_episode_count() -> None:
    reported = [FIRST, swabbed("r-2", at(11, 8)), *second_episode()]
    assert judged([confirmed(), *reported], at(26))["two_negatives"].evidence == ("r-20",)


def test_d4_version_6_asks_for_different_civil_days_only() -> None:
    reported = [swabbed("r-1", at(10, 23) + V6), swabbed("r-2", at(11, 1) + V6)]
    assert two_negatives(*reported, as_of=at(12) + V6).met
    same_day = [swabbed("r-1", at(10, 1) + V6), swabbed("r-2", at(10, 23) + V6)]
    found = two_negatives(*same_day, as_of=at(10, 23, 30) + V6)
    assert (found.met, found.next_possible_at) == (False, at(11, 0) + V6)


def test_d4_version_9_takes_a_positive_with_all_ct_values_from_35_on_for_negative() -> None:
    v9 = timedelta(days=700)
    weak = swabbed("r-2", at(11, 8) + v9, "detected", ct_values={"N": 35.0, "ORF1ab": 38.1})
    strong = swabbed("r-2", at(11, 8) + v9, "detected", ct_values={"N": 34.9, "ORF1ab": 38.1})
    first = swabbed("r-1", at(10, 8) + v9)
    assert two_negatives(first, weak, as_of=at(12) + v9).met
    assert not two_negatives(first, strong, as_of=at(12) + v9).met
    in_2020 = swabbed("r-2", at(11, 8), "detected", ct_values={"N": 36.0})
    assert not two_negatives(FIRST, in_2020).met


POSITIVE = [swabbed("r-1", at(1, 3), "detected"), swabbed("r-2", at(20, 8), "detected")]


def test_d5_still_detected_after_more_than_28_days_is_eligible_with_an_override() -> None:
    reported = [confirmed(), *POSITIVE, approved(at(21, 9), override="culture negative")]
    before, after = judged(reported, at(29, 3)), judged(reported, at(29, 3, 0, 1))
    assert not before["persistently_positive"].met
    assert before["persistently_positive"].next_possible_at == at(29, 3, 0, 1)
    assert after["persistently_positive"].since == at(29, 3, 0, 1)
    assert after["persistently_positive"].evidence == ("r-1", "r-2", "approval@2020-10-21T09:00:00+08:00")
    assert "two_negatives" not in after


def test_d5_without_an_override_it_is_not() -> None:
    found = judged([confirmed(), *POSITIVE, approved(at(30))], at(31))
    assert not found["persistently_positive"].met
    assert not found["two_negatives"].met


def test_d5_an_override_later_than_the_instant_is_not_known_yet() -> None:
    reported = [confirmed(), *POSITIVE, approved(at(31), override="culture negative")]
    assert not judged(reported, at(30))["persistently_positive"].met


def test_d5_one_negative_at_the_end_is_no_longer_still_detected() -> None:
    reported = [confirmed(), *POSITIVE, swabbed("r-3", at(25, 8)), approved(at(26), override="culture negative")]
    assert "persistently_positive" not in judged(reported, at(31))


def test_d5_is_no_rule_of_version_7() -> None:
    v7 = timedelta(days=-120)
    reported = [swabbed("r-1", at(1) + v7, "detected"), approved(at(30) + v7, override="culture negative")]
    assert "persistently_positive" not in judged([confirmed(), *reported], at(35) + v7)


def test_d4_one_specimen_told_of_by_two_routes_counts_once() -> None:
    again = swabbed("route-b", at(11, 8), specimen_id="sp-r-1")
    assert not two_negatives(FIRST, again).met
    assert two_negatives(FIRST, again, swabbed("r-2", at(11, 9))).met


@pytest.mark.parametrize(("specimen_type", "met"), [("nasal", True), ("saliva", False), ("bronchoalveolar", True)])
def test_d4_a_swab_of_the_nose_counts_and_saliva_does_not(specimen_type: str, met: bool) -> None:
    assert two_negatives(FIRST, swabbed("r-2", at(11, 8), specimen_type=specimen_type)).met is met


@pytest.mark.parametrize(
    ("first", "last", "met"),
    [
        ((10, "day"), (11, "day"), False),
        ((10, "day"), (12, "day"), True),
        ((10, "day"), (11, "minute"), False),
        ((9, "day"), (11, "minute"), True),
        ((9, "minute"), (11, "day"), True),
        ((10, "minute"), (11, "day"), False),
    ],
)
def test_d4_of_a_collection_of_which_only_the_day_is_known_the_unlucky_hour_counts(
    first: tuple[int, str], last: tuple[int, str], met: bool
) -> None:
    """Collected at 08:00 where the minute is known; noon is written where it is not."""
    reported = [
        swabbed(f"r-{day}", at(day, 8 if precision == "minute" else 12), collected_precision=precision)
        for day, precision in (first, last)
    ]
    assert two_negatives(*reported).met is met


def test_d4_the_next_time_counts_from_the_end_of_the_day_of_which_no_hour_is_known() -> None:
    found = two_negatives(swabbed("r-1", at(10, 12), collected_precision="day"), as_of=at(10, 20))
    assert (found.met, found.next_possible_at) == (False, at(12, 0))


def test_d4_version_6_asks_for_another_day_whatever_is_known_of_the_hour() -> None:
    days = [swabbed(f"r-{day}", at(day, 12) + V6, collected_precision="day") for day in (10, 11)]
    assert two_negatives(*days, as_of=at(12) + V6).met


def test_d4_an_internal_control_of_35_makes_no_negative_and_one_of_20_breaks_none() -> None:
    v9 = timedelta(days=700)
    first = swabbed("r-1", at(10, 8) + v9)
    for values, met in (
        ({"N": 24.0, "RNaseP": 36.0}, False),
        ({"N": 36.0, "RNaseP": 20.0}, True),
        ({"B2M": 36.0}, False),
    ):
        weak = swabbed("r-2", at(11, 8) + v9, "detected", ct_values=values)
        assert two_negatives(first, weak, as_of=at(12) + v9).met is met


def test_d4_an_inconclusive_test_with_high_ct_values_is_no_negative() -> None:
    v9 = timedelta(days=700)
    unclear = swabbed("r-2", at(11, 8) + v9, "inconclusive", ct_values={"N": 38.0})
    assert not two_negatives(swabbed("r-1", at(10, 8) + v9), unclear, as_of=at(12) + v9).met


@pytest.mark.parametrize("code", ["94760-6", "94756-4", "94757-2", "95608-6", "96123-5", "94758-0"])
def test_d4_every_nucleic_acid_test_in_use_counts(code: str) -> None:
    assert two_negatives(FIRST, swabbed("r-2", at(11, 8), test=code)).met


def test_d5_under_version_9_a_weak_positive_is_no_longer_still_detected() -> None:
    v9 = timedelta(days=600)
    weak = swabbed("r-2", at(20, 8) + v9, "detected", ct_values={"N": 36.0})
    first = swabbed("r-1", at(1, 3) + v9, "detected")
    reported = [confirmed(), first, weak, approved(at(21, 9) + v9, override="culture negative")]
    assert "persistently_positive" not in judged(reported, at(31) + v9)
