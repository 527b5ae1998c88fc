"""The published figures are true of the reports, whoever counts them."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from story import Publication, published
from story.publication import SHANGHAI
from tests.story.tally import parse, tally

DAYS = tuple(published())


def _first_morning(day: date) -> datetime:
    """When the bulletin of `day` is written: half past midnight."""
    return datetime(day.year, day.month, day.day, 0, 30, tzinfo=SHANGHAI) + timedelta(days=1)


def test_the_published_figures_are_read_from_the_data() -> None:
    assert (date(2020, 10, 16), date(2020, 10, 17)) == DAYS
    assert published()[DAYS[1]].total_confirmed == 1085


Envelopes = list[dict[str, Any]]


@pytest.fixture(scope="module")
def envelopes(publications: list[Publication]) -> Envelopes:
    return parse(publication.value for publication in publications)


def _assert_published(counted: dict[str, int], day: date) -> None:
    figures = asdict(published()[day])
    assert {name: counted[name] for name in figures} == figures


@pytest.mark.parametrize("day", DAYS)
def test_the_figures_of_a_day_hold_in_the_end(envelopes: Envelopes, day: date) -> None:
    counted = tally(envelopes, day)
    _assert_published(counted, day)
    assert counted["imported_deaths"] == counted["local_in_hospital"] == 0


@pytest.mark.parametrize("day", DAYS)
def test_the_figures_of_a_day_hold_on_the_first_morning(envelopes: Envelopes, day: date) -> None:
    """No report that a figure of the two days rests on comes later than the bulletin of its day."""
    morning = _first_morning(day).isoformat()
    _assert_published(tally((e for e in envelopes if e["recordedtime"] <= morning), day), day)


@pytest.mark.thorough
def test_the_figures_hold_for_another_seed(of_another_seed: list[Publication]) -> None:
    envelopes = parse(publication.value for publication in of_another_seed)
    for day in DAYS:
        _assert_published(tally(envelopes, day), day)


def test_a_believable_number_was_infected_and_is_in_no_figure(envelopes: Envelopes) -> None:
    symptomless = [e for e in envelopes if e["data"].get("severity") == "asymptomatic"]
    assert not symptomless, "nobody says so: it follows"
    positive = {e["data"]["case_id"] for e in envelopes if e["data"].get("result") == "detected"}
    ill = {e["data"]["case_id"] for e in envelopes if e["data"].get("symptoms") or e["data"].get("pneumonia")}
    assert 30 <= len(positive - ill) <= 60


def test_nobody_is_confirmed_after_17_october(envelopes: Envelopes) -> None:
    assert tally(envelopes, date(2020, 10, 31))["total_confirmed"] == 1085


def test_some_who_were_in_hospital_leave_it_after_17_october(envelopes: Envelopes) -> None:
    assert 0 < tally(envelopes, date(2020, 10, 31))["imported_in_hospital"] < 40


def test_the_waves_rise_and_fall_as_they_did(envelopes: Envelopes) -> None:
    """Local cases from 20 January to mid-March, imported ones from 5 March on."""
    assert tally(envelopes, date(2020, 1, 19))["total_confirmed"] == 0
    assert tally(envelopes, date(2020, 3, 4))["imported_confirmed"] == 0
    assert tally(envelopes, date(2020, 3, 15))["local_confirmed"] == 342
    assert tally(envelopes, date(2020, 6, 30))["local_in_hospital"] == 0
