"""What `afterward case` shows of the bulletin's side."""

from services.bulletin.routes import CASE as KIND
from services.bulletin.views import case
from tests.domain.bulletin.journeys import assessed, at, discharged, imported
from tests.domain.story import Story

NOW = at("12-01T00:00")


def test_a_case_shows_the_days_on_which_it_moves_a_figure() -> None:
    state = Story(KIND).given(imported(), assessed(), discharged(), received_at=NOW).state
    assert case(state.facts, state.conclusions, NOW) == {
        "counted": {
            "jurisdiction": "CN-SH",
            "origin": "imported",
            "confirmed_on": "2020-09-15",
            "discharged_on": "2020-10-17",
            "died_on": None,
            "origin_country": "PH",
            "nationality": "CN",
            "severity": "common",
            "age_months": 13,
            "age_band": "0-5",
            "child": True,
            "asymptomatic_on": None,
            "turned_on": None,
            "released_on": None,
        }
    }


def test_a_case_that_nothing_confirms_is_not_counted() -> None:
    state = Story(KIND).given(assessed(), received_at=NOW).state
    assert case(state.facts, state.conclusions, NOW) == {"counted": None}
