"""Where a case is: at its residence, else as intake confirmed it, else where the institution is, else unknown."""

from typing import Any

from schemas.events.discharge import Discharged
from schemas.message import Message
from services.discharge.domain.facts import Place
from services.discharge.routes import CASE
from services.discharge.views import case
from tests.domain.discharge.journeys import HOSPITAL, admitted, at, confirmed, discharged, measured, ordinary
from tests.domain.story import Story

OUT = discharged(at(17, 10))
DIRECTORY = {HOSPITAL: Place("JP-13", "Shinjuku", "Asia/Tokyo"), "far": Place("FR-75", "Paris", "Europe/Paris")}


def placed(*messages: Message, directory: Any = DIRECTORY) -> dict[str, Any]:
    """Where the discharge says that the patient is."""
    story = Story(CASE, directory).given(*messages[:-1], received_at=at(17, 10)).when(messages[-1])
    (left,) = [emitted.event for emitted in story.emitted if isinstance(emitted.event, Discharged)]
    known: dict[str, Any] = left.model_dump(include={"jurisdiction", "district", "time_zone"})
    return known


def test_the_discharge_carries_where_the_case_lives() -> None:
    assert placed(*ordinary()) == {"jurisdiction": "CN-SH", "district": "Pudong", "time_zone": "Asia/Shanghai"}


def test_the_residence_of_the_discharge_goes_before_that_of_the_case_and_its_district_may_be_unknown() -> None:
    there = discharged(at(17, 10), residence={"jurisdiction": "CN-HK"})
    assert placed(*ordinary()[:-1], there) == {
        "jurisdiction": "CN-HK",
        "district": None,
        "time_zone": "Asia/Hong_Kong",
    }


def test_a_case_whose_arrival_is_not_known_is_where_the_institution_is_that_admitted_it() -> None:
    in_tokyo = {"jurisdiction": "JP-13", "district": "Shinjuku", "time_zone": "Asia/Tokyo"}
    assert placed(admitted(), OUT) == in_tokyo
    assert placed(OUT) == in_tokyo
    assert placed(admitted(), discharged(at(17, 10), institution_id="far")) == in_tokyo


def test_while_the_directory_does_not_know_the_institution_the_place_is_unknown() -> None:
    nowhere = {"jurisdiction": None, "district": None, "time_zone": "Asia/Shanghai"}
    assert placed(admitted(), OUT, directory={}) == nowhere


def test_the_discharge_is_said_again_when_the_directory_gains_the_institution() -> None:
    story = Story(CASE, {}).given(admitted(), OUT, received_at=at(17, 10))
    story.context = DIRECTORY
    story.until(at(18, 9, 59)).stays_quiet()
    story.until(at(18, 10)).then((Discharged, {"jurisdiction": "JP-13", "time_zone": "Asia/Tokyo"}))
    story.until(at(40)).stays_quiet()


def test_the_word_of_intake_goes_before_the_place_of_the_institution() -> None:
    story = Story(CASE, DIRECTORY).given(admitted(), OUT, received_at=at(17, 10)).when(confirmed())
    (left,) = [emitted.event for emitted in story.emitted if isinstance(emitted.event, Discharged)]
    assert (left.jurisdiction, left.district, left.time_zone) == ("CN-SH", "Pudong", "Asia/Shanghai")


def test_d1_the_civil_days_of_an_unplaced_case_are_those_of_its_institution() -> None:
    """23:30 in Shanghai is already the next day in Tokyo, where nothing was measured on the 9th."""
    days = [measured(at(8, 12)), *(measured(at(day, 23, 30)) for day in range(9, 12))]
    met = []
    for directory in ({}, DIRECTORY):
        story = Story(CASE, directory).given(admitted(), *days, received_at=at(12, 1))
        (shown,) = case(story.state.facts, story.state.conclusions, at(12, 1))["episodes"]
        met.append(next(entry["met"] for entry in shown["criteria"]["list"] if entry["name"] == "temperature"))
    assert met == [True, False]


def test_a_case_that_intake_has_not_confirmed_is_marked_and_its_place_is_shown() -> None:
    story = Story(CASE, DIRECTORY).given(admitted(), received_at=at(2))
    view = case(story.state.facts, story.state.conclusions, at(2))
    assert (view["confirmed"], view["place"]["district"]) == (False, "Shinjuku")
    story.given(confirmed())
    assert case(story.state.facts, story.state.conclusions, at(2))["confirmed"] is True
