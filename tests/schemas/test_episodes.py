"""When an episode begins, and what a re-test is, as every service that divides a case into episodes reads it."""

from datetime import datetime

import pytest

from schemas.episodes import begins_at, is_positive, is_retest

EIGHTH, TENTH, ELEVENTH = (datetime.fromisoformat(f"2020-10-{day}T08:00:00+08:00") for day in ("08", "10", "11"))


def test_an_episode_begins_with_the_earliest_collection_of_what_confirmed_it() -> None:
    assert begins_at(("r-2", "r-1"), {"r-1": TENTH, "r-2": ELEVENTH, "r-0": EIGHTH}, ELEVENTH) == TENTH


def test_while_none_of_it_is_known_it_begins_when_it_was_confirmed() -> None:
    assert begins_at(("r-1",), {"r-0": EIGHTH}, ELEVENTH) == ELEVENTH
    assert begins_at((), {"r-0": EIGHTH}, ELEVENTH) == ELEVENTH


RETEST = {"test": "94500-6", "specimen_type": "nasopharyngeal", "status": "corrected"}


@pytest.mark.parametrize(
    "changed",
    [
        ("status", "preliminary"),
        ("status", "retracted"),
        ("specimen_type", "anal"),
        ("test", "94558-4"),
    ],
    ids=str,
)
def test_f5_what_is_no_retest(changed: tuple[str, str]) -> None:
    assert is_retest(**RETEST)
    assert not is_retest(**{**RETEST, **dict([changed])})


def test_a_nose_swab_is_a_retest_and_saliva_is_none() -> None:
    assert is_retest(**{**RETEST, "specimen_type": "nasal"})
    assert not is_retest(**{**RETEST, "specimen_type": "saliva"})


@pytest.mark.parametrize(
    ("ct_values", "positive"),
    [
        (None, True),
        ({}, True),
        ({"ORF1ab": 36.0, "N": 35.0}, False),
        ({"orf1ab gene": 36.0, "N": 34.9}, True),
        ({"N": 36.0, "RNase P": 24.0}, False),
        ({"RNase P": 36.0}, True),
    ],
    ids=str,
)
def test_a_detected_test_is_negative_when_every_viral_gene_reaches_the_limit(
    ct_values: dict[str, float] | None, positive: bool
) -> None:
    assert is_positive("detected", ct_values, 35.0) is positive
    assert is_positive("detected", ct_values, None)
    assert not is_positive("not_detected", ct_values, 35.0)
