"""When an episode begins, and what a re-test is, as every service that divides a case into episodes reads it."""

from datetime import datetime

import pytest

from schemas.episodes import begins_at, is_retest

EIGHTH, TENTH, ELEVENTH = (datetime.fromisoformat(f"2020-10-{day}T08:00:00+08:00") for day in ("08", "10", "11"))


def test_an_episode_begins_with_the_earliest_collection_of_what_confirmed_it() -> None:
    assert begins_at(("r-2", "r-1"), {"r-1": TENTH, "r-2": ELEVENTH, "r-0": EIGHTH}, ELEVENTH) == TENTH


def test_while_none_of_it_is_known_it_begins_when_it_was_confirmed() -> None:
    assert begins_at(("r-1",), {"r-0": EIGHTH}, ELEVENTH) == ELEVENTH
    assert begins_at((), {"r-0": EIGHTH}, ELEVENTH) == ELEVENTH


RETEST = {"test": "94500-6", "specimen_type": "nasopharyngeal", "status": "corrected", "setting": "follow_up"}


@pytest.mark.parametrize(
    "changed",
    [
        ("setting", "hospital"),
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
