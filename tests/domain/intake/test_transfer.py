"""I3 and I5: where a confirmed case is sent."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.events.intake import (
    CaseExcluded,
    CaseImported,
    LocalCaseConfirmed,
    TransferCompleted,
    TransferRequested,
)
from schemas.message import Message
from services.intake import views
from services.intake.domain.institutions import Institutions, directory
from services.intake.routes import CASE
from tests.domain.intake.journeys import (
    CONTEXT,
    HOSPITAL,
    NOBODY,
    admitted,
    arrived,
    at,
    hospital,
    knowing,
    local,
    recorded,
    retracted,
    version,
)
from tests.domain.story import Story

RECEIVED_AT = at("09-15T16:00")


def reported(*messages: Message, context: Any = CONTEXT) -> Story:
    return Story(CASE, context).given(*messages, received_at=RECEIVED_AT)


def test_i3_a_confirmed_case_is_sent_to_the_designated_institution() -> None:
    story = reported(arrived()).when(recorded("r-1"))
    story.then(
        CaseImported,
        (
            TransferRequested,
            {
                "to_institution_id": HOSPITAL,
                "respond_by": "2020-09-16T09:00:00+08:00",
                "required_capabilities": ["paediatric"],
                "why": ["confirmed", "child", "with_party"],
                "party_id": "party-4",
                "episode": 1,
            },
        ),
    )


def test_i3_a_resident_is_sent_too() -> None:
    Story(CASE, CONTEXT).when(local(), received_at=RECEIVED_AT).then(
        LocalCaseConfirmed, (TransferRequested, {"to_institution_id": HOSPITAL, "why": ["confirmed", "child"]})
    )


@pytest.mark.parametrize(
    "unsuitable",
    [
        {"jurisdiction": "CN-BJ"},
        {"designated": False},
        {"capabilities": ("paediatric",)},
        {"capabilities": ("dialysis", "obstetric")},
    ],
)
def test_i3_only_a_designated_institution_of_the_jurisdiction_with_all_that_is_needed(unsuitable: Any) -> None:
    context = knowing(hospital("A-UNSUITABLE", district="Pudong", **unsuitable), hospital("Z-SUITABLE"))
    story = reported(arrived(needs=("dialysis",)), context=context).when(recorded("r-1"))
    story.then(CaseImported, (TransferRequested, {"to_institution_id": "Z-SUITABLE"}))


@pytest.mark.parametrize("written", ["Pudong", "pu dong", "PÚDŌNG", "Pu-dong"])
def test_i3_ties_the_same_district_first_however_it_is_written(written: str) -> None:
    context = knowing(hospital("A"), hospital("B", district=written))
    reported(arrived(), context=context).when(recorded("r-1")).then(
        CaseImported, (TransferRequested, {"to_institution_id": "B"})
    )


def test_i3_ties_then_the_fewest_transfers_today_counted_on_within_a_batch() -> None:
    both = [hospital("A"), hospital("B")]
    day = RECEIVED_AT.date()
    context = Institutions(directory(both), {("A", day): 2, ("B", day): 1, ("B", day - timedelta(days=1)): 9})
    chosen = []
    for _ in range(4):
        story = reported(arrived(), recorded("r-1"), context=context)
        chosen.append(story.state.conclusions.transfers[0].to_institution_id)
        context = story.context
    assert chosen == ["B", "A", "B", "A"]


def test_i3_a_choice_leaves_the_context_it_was_handed_as_it_was() -> None:
    context = knowing(hospital("A"), hospital("B"))
    story = reported(arrived(), recorded("r-1"), context=context)
    assert [context.sent(name, RECEIVED_AT.date()) for name in ("A", "B")] == [0, 0], "no rule changes it"
    assert [story.context.sent(name, RECEIVED_AT.date()) for name in ("A", "B")] == [1, 0], "the next case sees it"
    assert story.when(recorded("r-2")).context.sent("A", RECEIVED_AT.date()) == 1, "and sees it once"


def test_i3_ties_then_the_id() -> None:
    context = knowing(hospital("B"), hospital("A"))
    reported(arrived(), context=context).when(recorded("r-1")).then(
        CaseImported, (TransferRequested, {"to_institution_id": "A"})
    )


@pytest.mark.parametrize(
    ("years", "capabilities", "why"),
    [
        (13, ["paediatric", "dialysis"], ["confirmed", "child", "with_party"]),
        (14, ["dialysis"], ["confirmed", "child", "with_party"]),
        (17, ["dialysis"], ["confirmed", "child", "with_party"]),
        (18, ["dialysis"], ["confirmed"]),
        (None, ["dialysis"], ["confirmed"]),
    ],
)
def test_i3_what_the_institution_must_be_capable_of(years: Any, capabilities: list[str], why: list[str]) -> None:
    age = {"value": years, "unit": "a"} if years else None
    story = reported(arrived(age=age, needs=("dialysis", "dialysis"))).when(recorded("r-1"))
    story.then(CaseImported, (TransferRequested, {"required_capabilities": capabilities, "why": why}))


def test_i3_from_14_years_on_an_adult_house_that_has_the_other_needs_will_do() -> None:
    context = knowing(hospital("ADULTS", capabilities=("dialysis",)))
    for years, house in ((13, None), (14, "ADULTS")):
        person = arrived(age={"value": years, "unit": "a"}, needs=("dialysis",))
        story = reported(person, recorded("r-1"), context=context)
        assert [one.to_institution_id for one in story.state.conclusions.transfers] == [house]


def test_i3_age_grows_until_the_confirmation() -> None:
    """A year after the arrival, at 13 years and 364 days, and a day later."""
    person, swab = arrived(age={"value": 13, "unit": "a"}), {"setting": "hospital"}
    for day, required in ((13, ("paediatric",)), (14, ())):
        instant = at(f"09-{day}T09:00").replace(year=2021)
        story = Story(CASE, CONTEXT).given(person, received_at=at("09-15T16:00"))
        story.given(recorded("r-1", collected_at=instant, resulted_at=instant, **swab), received_at=instant)
        assert [one.required_capabilities for one in story.state.conclusions.transfers] == [required]


def test_i3_a_case_waits_visibly_while_nobody_is_known() -> None:
    story = reported(arrived(), context=knowing(hospital(jurisdiction="CN-BJ"))).when(recorded("r-1"))
    story.then(CaseImported)
    assert story.now is not None
    shown = views.case(story.state.facts, story.state.conclusions, story.now)
    assert shown["transfers"][0]["stage"] == "waiting"
    assert shown["looks_again_at"] == "2020-09-16T09:00:00+08:00"


def test_i3_a_case_that_waits_is_sent_once_somebody_is_known() -> None:
    story = reported(arrived(), recorded("r-1"), context=NOBODY)
    story.until(at("09-17T10:00")).stays_quiet()
    story.context = CONTEXT
    story.until(at("09-18T08:59")).stays_quiet()
    story.until(at("09-18T09:00")).then(
        (TransferRequested, {"to_institution_id": HOSPITAL, "respond_by": "2020-09-19T09:00:00+08:00"})
    )


def test_i3_who_was_admitted_anywhere_is_not_looked_at_again() -> None:
    story = reported(arrived(), recorded("r-1"), admitted("CN-SH-OTHER"), context=NOBODY)
    assert story.state.conclusions.due is None


def test_i3_a_choice_stands_though_a_nearer_one_opens() -> None:
    story = reported(arrived(), recorded("r-1"))
    story.context = knowing(hospital("A", district="Pudong"), hospital())
    story.when(arrived(purpose="study")).then(CaseImported)


@pytest.mark.parametrize("gone", [{"designated": False}, {"capabilities": ()}])
def test_i3_a_choice_falls_when_the_institution_is_no_longer_suitable(gone: Any) -> None:
    story = reported(arrived(), recorded("r-1"))
    story.context = knowing(hospital(**gone), hospital("B"))
    story.when(arrived(purpose="study")).then(CaseImported, (TransferRequested, {"to_institution_id": "B"}))


def test_i3_a_choice_falls_when_nobody_suitable_is_left_and_the_case_waits_again() -> None:
    story = reported(arrived(), recorded("r-1"))
    story.context = NOBODY
    story.when(arrived(purpose="study")).then(CaseImported, (TransferRequested, {"withdrawn": True}))
    assert story.state.conclusions.due is not None


def test_i3_who_was_admitted_stays_though_the_institution_closes() -> None:
    story = reported(arrived(), recorded("r-1"), admitted())
    story.context = knowing(hospital("B"))
    story.when(arrived(purpose="study")).then(CaseImported)


def test_i3_a_choice_falls_with_its_ground() -> None:
    story = reported(arrived(), recorded("r-1"))
    story.context = knowing(hospital(), hospital("CN-JS-HOSPITAL", jurisdiction="CN-JS"))
    story.when(arrived(jurisdiction="CN-JS")).then(
        CaseImported, (TransferRequested, {"to_institution_id": "CN-JS-HOSPITAL"})
    )


def test_i3_a_transfer_is_complete_when_the_receiving_institution_admits() -> None:
    story = reported(arrived(), recorded("r-1")).when(admitted())
    story.then((TransferCompleted, {"to_institution_id": HOSPITAL, "admitted_at": "2020-09-15T14:00:00+08:00"}))
    assert story.emitted[0].time == at("09-15T14:00")


def test_i3_an_admission_known_before_the_result_completes_it_at_once() -> None:
    reported(arrived(), admitted()).when(recorded("r-1")).then(CaseImported, TransferCompleted)


def test_i3_the_first_admission_counts() -> None:
    reported(arrived(), recorded("r-1"), admitted()).when(admitted(when="09-20T14:00")).stays_quiet()


def test_i3_an_admission_before_the_arrival_stays_quiet() -> None:
    reported(arrived(), recorded("r-1")).when(admitted(when="09-01T14:00")).stays_quiet()


def test_i3_an_admission_taken_back_leaves_the_request_standing() -> None:
    story = reported(arrived(), recorded("r-1"), admitted()).when(admitted(withdrawn=True))
    story.then((TransferRequested, {"to_institution_id": HOSPITAL}))


def test_i2_an_exclusion_calls_the_transfer_off() -> None:
    story = reported(arrived(), recorded("r-1")).when(retracted(version("r-1")))
    story.then(CaseExcluded, (TransferRequested, {"to_institution_id": HOSPITAL, "withdrawn": True}))
    assert {emitted.time for emitted in story.emitted} == {at("09-16T09:00")}


def test_i5_people_who_travel_together_keep_their_party() -> None:
    reported(arrived()).when(recorded("r-1")).then(
        (CaseImported, {"party_id": "party-4"}), (TransferRequested, {"party_id": "party-4"})
    )


def test_i5_an_adult_of_a_party_is_sent_as_any_other() -> None:
    grown = arrived(age={"value": 34, "unit": "a"})
    reported(grown).when(recorded("r-1")).then(
        CaseImported, (TransferRequested, {"why": ["confirmed"], "party_id": "party-4", "required_capabilities": []})
    )
