"""B: what a stay adds to the bulletin, and what never moves it again."""

from typing import Any

from tests.situations.play import Play, situation


def full(play: Play) -> dict[str, dict[str, Any]]:
    """Day → the commission's bulletin as it stands."""
    stand = play.standing_of("BulletinPublished") + play.standing_of("BulletinRestated")
    return {one["date"]: one for one in stand if one["edition"] == "commission"}


def test_an_infection_without_symptoms_is_counted_apart_and_is_no_confirmed_case_b1() -> None:
    play = situation("asymptomatic-counted-as-confirmed")
    bulletins = full(play)
    first = bulletins["2020-10-01"]
    assert first["new"]["confirmed"]["total"] == 0
    assert first["asymptomatic"]["new"] == {"total": 1, "imported": 1, "local": 0}
    last = bulletins[max(bulletins)]
    assert last["cumulative"]["confirmed"]["total"] == last["in_hospital"]["total"] == 0
    assert (last["asymptomatic"]["cumulative"]["total"], last["asymptomatic"]["under_observation"]["total"]) == (1, 1)
    assert last["asymptomatic"]["turned_confirmed"]["total"] == 0


def test_readmission_moves_no_figure_b2() -> None:
    play = situation("readmitted-same-episode-moves-the-figures")
    bulletins = full(play)
    left = bulletins["2020-10-12"]["asymptomatic"]
    assert (left["released"]["total"], left["under_observation"]["total"]) == (1, 0)
    later = [one["asymptomatic"] for day, one in bulletins.items() if day > "2020-10-12"]
    assert len(later) > 30
    assert {one["released"]["total"] for one in later} == {0}
    assert {one["under_observation"]["total"] for one in later} == {0}
    assert {one["cumulative"]["total"] for one in later} == {1}
    restated = [one for one in play.stated_of("BulletinRestated") if one.data["edition"] == "commission"]
    assert restated == [], "nothing that was published has changed"


def test_a_case_without_symptoms_that_turns_is_confirmed_from_that_day_on_and_discharged_once_b1() -> None:
    bulletins = full(situation("fever-overwritten-by-another-device"))
    turned, left = bulletins["2020-10-11"], bulletins["2020-10-12"]
    assert (turned["asymptomatic"]["turned_confirmed"]["total"], turned["new"]["confirmed"]["total"]) == (1, 1)
    assert (turned["in_hospital"]["total"], left["in_hospital"]["total"]) == (1, 0)
    assert (left["new"]["discharged"]["total"], left["cumulative"]["discharged"]["total"]) == (1, 1)
