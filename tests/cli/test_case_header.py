"""The first line of a case, and what its sections say of what is no ordinary course."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console

from afterward.cli.case_header import NOT_CONFIRMED, who
from afterward.cli.case_view import CaseView
from afterward.cli.console import show
from schemas.message import Message
from services.intake.domain import unplaced
from tests.cli.test_case_view import drawn, reported
from tests.domain.discharge import journeys as discharge
from tests.domain.followup import journeys as followup
from tests.domain.intake import journeys as intake
from tests.domain.primarycare import journeys as primarycare
from tests.domain.treatment import journeys as treatment

ARRIVED, POSITIVE = intake.arrived(), intake.recorded()
EARLY = intake.recorded(collected_at=intake.at("09-10T09:00"), resulted_at=intake.at("09-10T12:00"), setting="hospital")
REPORTED_AT = intake.at("09-16T09:00")
ANOTHER = str(UUID(int=7))


def header(**known: Any) -> list[str]:
    """The parts of the first line after the case's id."""
    return list(who("case-1", known))[1:]


def of_intake(*messages: Message) -> Any:
    return reported("intake", list(messages), REPORTED_AT, timedelta(hours=1))


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([ARRIVED], "no positive"),
        ([POSITIVE], "neither an arrival nor a local case is reported"),
        ([ARRIVED, EARLY], "the positive is older than the arrival"),
        ([ARRIVED, POSITIVE, intake.retracted(intake.version())], "excluded"),
        ([intake.local(), intake.withdrawn("09-16T08:00")], "withdrawn"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_is_no_case_is_told_so_with_why_and_awaits_no_admission(messages: list[Message], why: str) -> None:
    parts = header(intake=of_intake(*messages), discharge={"stage": "awaiting_admission"})
    assert parts[-1] == f"not a case: {why}"


def test_a_confirmed_case_that_nobody_admitted_awaits_its_admission() -> None:
    parts = header(intake=of_intake(ARRIVED, POSITIVE), discharge={"stage": "awaiting_admission"})
    assert parts == ["female", "CN", "13 mo", "CN-SH Pudong", "awaiting admission"]


def test_every_reason_for_which_a_positive_confirms_nobody_has_words() -> None:
    assert unplaced.Unplaced.__doc__ is not None
    assert [reason for reason in NOT_CONFIRMED if f"`{reason}`" not in unplaced.Unplaced.__doc__] == []
    assert len(NOT_CONFIRMED) == 4


def test_age_nationality_and_district_that_nobody_knows_are_told_as_unknown() -> None:
    home = {"jurisdiction": "CN-SH", "district": "unknown"}
    person = of_intake(intake.arrived(age=None, nationality="unknown", residence=home, origin_country="unknown"))
    assert header(intake=person)[1:4] == ["nationality unknown", "age unknown", "CN-SH, district unknown"]
    assert "from a country not known by" in drawn(intake=person)


def test_whoever_is_dead_or_lies_in_a_house_is_told_so() -> None:
    stay = discharge.stay()
    lying = reported("discharge", stay, discharge.at(16, 12), timedelta())
    house = lying["episodes"][0]["admissions"][-1]["institution_id"]
    assert header(discharge=lying)[-1] == f"lies in {house}"
    dead = discharge.discharged(discharge.at(17, 10), disposition="died", destination=None)
    died = reported("discharge", [*stay, dead], discharge.at(17, 11))
    assert header(discharge=died)[-1] == "dead"


def test_an_admission_after_the_discharge_is_where_the_patient_lies() -> None:
    left = {"stage": "discharged"}
    again = followup.admitted(followup.at(3, 12))
    known = reported("followup", [followup.discharged(), again], followup.at(3, 13), timedelta(days=1))
    assert header(discharge=left, followup=known)[-1] == f"lies in {again.institution_id}"
    text = drawn(discharge=left, followup=known)
    assert f"in hospital again: {again.institution_id} from 2020-10-20 12:00" in text
    assert f"lies in {again.institution_id}" in text


def test_a_place_that_nobody_knows_names_the_house_that_is_not_in_the_directory() -> None:
    known = of_intake(POSITIVE)
    assert header(intake=known)[0] == "place unknown"
    admitted = {"stage": "in_hospital", "episodes": [{"admissions": [{"institution_id": "h-9"}], "discharges": []}]}
    assert header(intake=known, discharge=admitted)[0] == "place unknown: h-9 is not in the directory"
    placed = known | {"place": {"jurisdiction": "CN-SH", "district": "Pudong"}}
    assert header(intake=placed)[0] == "CN-SH Pudong"


def test_a_positive_that_confirms_nobody_is_named_below() -> None:
    text = drawn(intake=of_intake(POSITIVE))
    assert "positive that confirms nobody: result r-1 of Shanghai CDC, 2020-09-15" in text


def test_a_test_that_is_not_understood_and_a_correction_of_nothing_are_told() -> None:
    strange = treatment.result("r-1", "09-15T09:00", test="718-7")
    correction = treatment.result("r-2", "09-15T09:00", status="corrected")
    text = drawn(
        treatment=reported("treatment", [strange, correction], treatment.at("09-16T09:00"), timedelta(hours=1))
    )
    assert "result r-1 of Shanghai CDC: test not understood: 718-7 is on no list" in text
    assert "result r-2 of Shanghai CDC: corrects a result that nobody has" in text


def test_a_discharge_that_ends_nothing_and_one_that_ends_another_stay_are_told() -> None:
    stay = {"discharged_at": "2020-10-20T10:00:00+08:00", "institution_id": "h-9", "disposition": "transferred"}
    answer = {"answered_at": "2020-10-21T10:00:00+08:00", "answered": False}
    home = {**stay, "disposition": "recovered", "destination": "home"}
    known = {
        "conflicts": [{**stay, **answer, "conflict": "not_in_this_house"}, {**home, "conflict": "after_death"}],
        "other_stays": [home],
        "waiting": [{**home, **answer, "answered": True}],
    }
    text = drawn(discharge=known)
    assert "another stay ended 2020-10-20 10:00 by h-9: recovered, to home\n" in text
    ends_nothing = "ends nothing, since the patient no longer lay there: 2020-10-20 10:00 by h-9:"
    assert f"{ends_nothing} transferred, answered 2020-10-21 10:00" in " ".join(text.split())
    assert "ends nothing, since the patient had died: 2020-10-20 10:00 by h-9: recovered, to home" in " ".join(
        text.split()
    )
    assert "no admission explains it: 2020-10-20 10:00 by h-9: recovered, to home, answered as a conflict" in " ".join(
        text.split()
    )


def test_days_that_nobody_asked_about_and_words_that_nobody_understands_are_told() -> None:
    left, words = followup.discharged(), followup.log(5, symptoms=("wobbly [legs]",))
    text = drawn(followup=reported("followup", [left, words], followup.at(5, 10), timedelta(hours=1)))
    assert "  1  2020-10-18  unknown" in text
    assert "(day unknown), by" in text
    assert "words not understood, 2020-10-22 08:00: wobbly [legs]" in text


def test_the_second_round_of_an_alert_is_told_as_one() -> None:
    rounds: list[Message] = [
        primarycare.discharged(),
        primarycare.raised(),
        primarycare.raised(round=2, alert_id=ANOTHER),
    ]
    text = drawn(primarycare=reported("primarycare", rounds, primarycare.RECEIVED_AT))
    assert "high alert of day 5: fever\n" in text
    assert "high alert of day 5, round 2: fever\n" in text


def test_who_finds_nobody_near_home_is_told_with_why_and_when_the_commission_hears_of_it() -> None:
    nowhere = primarycare.discharged(residence={"jurisdiction": "CN-SH", "district": None}, district=None)
    text = drawn(primarycare=reported("primarycare", [nowhere], primarycare.HOME_AT, timedelta(hours=1)))
    assert "  the district is not known, since 2020-10-17 10:00; " in text
    assert "the municipal health commission is told 2020-10-18 10:00" in " ".join(text.split())


def test_where_the_bus_does_not_answer_a_case_says_that_refusals_are_not_known() -> None:
    assert any("no answer from the bus" in str(part) for part in CaseView("case-1", {}, None).parts())
    assert not any("no answer from the bus" in str(part) for part in CaseView("case-1", {}).parts())


def test_a_header_with_everything_that_nobody_knows_fits_80_columns() -> None:
    house = "a-house-with-an-id-that-is-long-enough-to-fill-a-line-0123456789"
    plan = {"plans": [{"status": {"state": "paused", "institution_id": house}}]}
    known = {"intake": of_intake(POSITIVE), "followup": plan}
    assert len(" · ".join(header(**known))) > 80
    shown = io.StringIO()
    show(next(iter(CaseView("case-1", known).parts(()))), Console(file=shown, width=80, soft_wrap=True))
    assert max(map(len, shown.getvalue().splitlines())) <= 80
    assert house in shown.getvalue()
