"""The five, the six and the child are told as the bulletin of 17 October 2020 tells them."""

from collections import Counter
from datetime import date, datetime

from schemas.values import Age
from story import CHILD, FIVE, SIX
from tests.story.reading import Heard

DAY = "2020-10-17"


def _of(heard: list[Heard], case: str, kind: str) -> list[Heard]:
    return [given for given in heard if given.publication.key == case and given.kind == kind]


def _arrival(heard: list[Heard], case: str) -> dict[str, object]:
    return _of(heard, case, "TravellerArrived")[0].data


def test_the_five_are_the_ones_confirmed_on_17_october(heard: list[Heard]) -> None:
    given = [
        (a["nationality"], a["origin_country"], a["departed_on"], a["transit_countries"], str(a["arrived_at"])[:10])
        for a in (_arrival(heard, case) for case in FIVE)
    ]
    assert given == [
        ("CN", "NG", "2020-10-12", ["ET"], "2020-10-13"),
        ("CN", "GB", "2020-10-13", [], "2020-10-14"),
        ("CN", "US", "2020-10-13", ["DE"], "2020-10-15"),
        ("CN", "US", "2020-10-15", ["JP"], "2020-10-15"),
        ("IT", "IT", "2020-10-15", ["FI"], "2020-10-16"),
    ]
    for case in FIVE:
        positive = [t.data for t in _of(heard, case, "TestResultReported") if t.data["result"] == "detected"]
        assert min(result["resulted_at"][:10] for result in positive if result["status"] == "final") == DAY


def test_the_six_are_the_ones_discharged_on_17_october(heard: list[Heard]) -> None:
    left = {
        t.publication.key for t in heard if t.kind == "PatientDischarged" and t.data["discharged_at"].startswith(DAY)
    }
    assert left == set(SIX)


def test_the_six_came_from_five_countries_on_different_flights_and_are_chinese(heard: list[Heard]) -> None:
    arrivals = [_arrival(heard, case) for case in SIX]
    assert Counter(a["origin_country"] for a in arrivals) == {"PH": 2, "MR": 1, "FR": 1, "US": 1, "ET": 1}
    assert len({a["flight"] for a in arrivals}) == 6
    assert {a["nationality"] for a in arrivals} == {"CN"}


def test_nobody_is_younger_than_the_child_of_13_months(heard: list[Heard]) -> None:
    ages = {t.publication.key: Age(**t.data["age"]).months for t in heard if "age" in t.data}
    assert ages.pop(CHILD) == 13
    assert min(ages.values()) >= 36


def test_the_child_is_positive_on_arrival_and_a_month_in_hospital(heard: list[Heard]) -> None:
    first = _of(heard, CHILD, "TestResultReported")[0].data
    left = _of(heard, CHILD, "PatientDischarged")[0].data
    assert (first["setting"], first["result"]) == ("entry_screening", "detected")
    assert first["resulted_at"].startswith("2020-09-15")
    assert (datetime.fromisoformat(left["discharged_at"]).date() - date(2020, 9, 15)).days == 32


def test_the_child_coughs_has_bronchopneumonia_on_the_radiograph_and_gets_four_treatments(heard: list[Heard]) -> None:
    image = _of(heard, CHILD, "ImagingReported")[0].data
    treatments = {given.data["category"] for given in _of(heard, CHILD, "TreatmentGiven")}
    assert _of(heard, CHILD, "SymptomsReported")[0].data["symptoms"] == ["49727002"]
    assert (image["modality"], image["finding"], image["pneumonia"]) == ("CR", "bronchopneumonia", True)
    assert treatments == {"anti_infective", "traditional_chinese_medicine", "nutrition", "symptomatic"}


def test_the_child_leaves_after_two_negatives_in_a_row(heard: list[Heard]) -> None:
    in_hospital = [t.data["result"] for t in _of(heard, CHILD, "TestResultReported") if t.data["setting"] == "hospital"]
    assert in_hospital[-2:] == ["not_detected", "not_detected"]


def test_the_childs_fourteen_days_miss_only_the_fifth(heard: list[Heard]) -> None:
    logs = Counter(given.data["local_date"] for given in _of(heard, CHILD, "DayReported"))
    days = [date(2020, 10, 17 + number).isoformat() for number in range(1, 15)]
    assert {day: logs[day] for day in days if logs[day] < 2} == {"2020-10-22": 0}


def test_the_child_is_tested_again_on_days_7_and_14(heard: list[Heard]) -> None:
    retests = [t.data for t in _of(heard, CHILD, "TestResultReported") if t.data["setting"] == "follow_up"]
    assert {(r["collected_at"][:10], r["result"]) for r in retests} == {
        ("2020-10-24", "not_detected"),
        ("2020-10-31", "not_detected"),
    }


def test_somebody_of_age_travels_with_the_child(heard: list[Heard]) -> None:
    party = _arrival(heard, CHILD)["party_id"]
    others = {
        t.publication.key: t.data["age"]
        for t in heard
        if t.data.get("party_id") == party and t.publication.key != CHILD
    }
    assert [age["unit"] for age in others.values()] == ["a"]
    assert all(age["value"] >= 18 for age in others.values())
