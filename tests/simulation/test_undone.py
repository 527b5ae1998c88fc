"""Of discharges that were undone the home is not compared, and everything else is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.simulation.checks import End, differences

WENT = datetime(2020, 10, 1, 10, tzinfo=UTC)
ABOUT = ("primarycare", "case", "c-1")


def discharge(kind: str, district: str, days: int = 0) -> dict[str, Any]:
    return {"episode": 1, "kind": kind, "discharged_at": WENT + timedelta(days=days), "district": district}


def end(*discharges: dict[str, Any], row: str, ground: str = "") -> End:
    """What primary care ends with. `row`: the district of its work lists' row; `ground`: of the first discharge."""
    aftercare = {"key": f"1@{WENT.isoformat()}", "ground": [None, "CN-SH", ground], "ended": None}
    document = (None, False, {"discharges": list(discharges)}, {"aftercare": [aftercare], "alerts": [], "done": {}})
    return End({}, {ABOUT: document}, {("primarycare_case", "c-1"): {"key": "c-1", "district": row}}, {})


UNDONE = discharge("revoked", "")


def test_the_home_of_a_discharge_that_was_undone_is_not_compared() -> None:
    given = end(discharge("recovered", "Pudong"), UNDONE, row="Pudong", ground="Pudong")
    untold = end(discharge("recovered", ""), UNDONE, row="")
    assert differences(given, untold) == []


def test_nor_is_it_in_what_a_reader_says_of_that_discharge_and_in_what_intake_keeps_of_it() -> None:
    def ended(home: str, *, undone: bool) -> End:
        instant, place = WENT.isoformat(), {"jurisdiction": "CN-SH", "district": home}
        revoked = [{"episode": 1, "discharged_at": WENT, "withdrawn": False}] if undone else []
        stated, went = ("", "", place | {"kind": "temperature"}), [discharge("recovered", home)]
        plan = {"key": f"1@{instant}", "place": place}
        documents: dict[Any, Any] = {
            ("followup", "case", "c-1"): (None, False, {"discharges": went + [UNDONE] * undone}, {"plans": [plan]}),
            ("intake", "case", "c-1"): (None, False, {"discharges": went, "revocations": revoked}, {}),
        }
        return End({("/services/followup", ("slot", "c-1", 1, instant, 5, "pm")): stated}, documents, {}, {})

    assert differences(ended("Pudong", undone=True), ended("Jinshan", undone=True)) == []
    assert len(differences(ended("Pudong", undone=False), ended("Jinshan", undone=False))) == 3


def test_what_became_of_a_discharge_that_another_followed_is_not_compared() -> None:
    """The other is the same thing: who has heard it need not have heard that the first was revoked."""
    later = discharge("recovered", "Pudong", days=1)
    given, untold = followed(discharge("recovered", "Pudong"), UNDONE, later), followed(later)
    assert differences(given, untold) == []


def test_the_last_discharge_of_each_episode_is_compared() -> None:
    first, second = discharge("recovered", "Pudong"), discharge("recovered", "Pudong", days=30) | {"episode": 2}
    assert len(differences(followed(first, second), followed(second))) == 1
    assert len(differences(followed(first, second, UNDONE), followed(first, second))) == 1


def followed(*discharges: dict[str, Any]) -> End:
    """What is known of these, with nothing concluded."""
    document: Any = (None, False, {"discharges": list(discharges)}, {"aftercare": [], "alerts": [], "done": {}})
    return End({}, {ABOUT: document}, {}, {})


HOME, NOWHERE = discharge("recovered", "Pudong"), discharge("recovered", "")


@pytest.mark.parametrize(
    ("should", "does"),
    [
        (end(HOME, row="Pudong"), end(NOWHERE, row="Pudong")),
        (end(HOME, row="Pudong"), end(HOME, row="")),
        (end(HOME, UNDONE, row="Pudong"), end(discharge("died", "Pudong"), UNDONE, row="Pudong")),
        (
            end(HOME, UNDONE, discharge("recovered", "Pudong", days=1), row="Pudong"),
            end(HOME, UNDONE, discharge("recovered", "", days=1), row="Pudong"),
        ),
        (
            end(HOME, UNDONE, discharge("recovered", "Pudong", days=1), row="Pudong"),
            end(HOME, UNDONE, discharge("recovered", "Pudong", days=1), row=""),
        ),
    ],
    ids=["its home, not undone", "the row of one not undone", "what it was", "a later home", "the row of a later one"],
)
def test_all_else_is_compared(should: End, does: End) -> None:
    assert len(differences(should, does)) == 1
