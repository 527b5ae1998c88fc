"""I3 as far as the settings name an institution, and I5: where a confirmed case is sent."""

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
from services.intake.routes import CASE as KIND
from tests.domain.intake.journeys import (
    HOSPITAL,
    WORLD,
    admitted,
    arrived,
    at,
    local,
    recorded,
    retracted,
    version,
)
from tests.domain.story import Story

CAME = at("09-15T16:00")


def told(*messages: Message, world: Any = WORLD) -> Story:
    return Story(KIND, world).given(*messages, came=CAME)


def test_i3_a_confirmed_case_is_sent_to_the_designated_institution() -> None:
    story = told(arrived()).when(recorded("r-1"))
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
    Story(KIND, {"CN": "national"}).when(local(), came=CAME).then(
        LocalCaseConfirmed, (TransferRequested, {"to_institution_id": "national", "why": ["confirmed", "child"]})
    )


def test_i3_the_most_particular_jurisdiction_decides() -> None:
    story = told(arrived(), world={"CN": "national", **WORLD}).when(recorded("r-1"))
    story.then(CaseImported, (TransferRequested, {"to_institution_id": HOSPITAL}))


@pytest.mark.parametrize(("years", "capabilities"), [(17, ["paediatric", "dialysis"]), (18, ["dialysis"])])
def test_i3_what_the_institution_must_be_capable_of(years: int, capabilities: list[str]) -> None:
    person = arrived(age={"value": years, "unit": "a"}, needs=("dialysis", "dialysis"))
    story = told(person).when(recorded("r-1"))
    story.then(CaseImported, (TransferRequested, {"required_capabilities": capabilities}))


def test_i3_a_case_waits_visibly_while_nobody_is_known() -> None:
    story = told(arrived(), world={"CN-BJ": "elsewhere"}).when(recorded("r-1"))
    story.then(CaseImported)
    assert story.now is not None
    shown = views.case(story.state.facts, story.state.conclusions, story.now)
    assert shown["transfers"][0]["stage"] == "waiting"
    assert shown["looks_again_at"] == "2020-09-16T09:00:00+08:00"


def test_i3_a_case_that_waits_is_sent_once_somebody_is_known() -> None:
    story = told(arrived(), recorded("r-1"), world={})
    story.until(at("09-17T10:00")).stays_quiet()
    story.world = WORLD
    story.until(at("09-18T08:59")).stays_quiet()
    story.until(at("09-18T09:00")).then((TransferRequested, {"to_institution_id": HOSPITAL}))
    assert story.state.conclusions.due is None


def test_i3_who_was_admitted_anywhere_is_not_looked_at_again() -> None:
    story = told(arrived(), recorded("r-1"), admitted("CN-SH-OTHER"), world={})
    assert story.state.conclusions.due is None


def test_i3_a_choice_stands_though_the_settings_change() -> None:
    story = told(arrived(), recorded("r-1"))
    story.world = {"CN-SH": "CN-SH-NEW"}
    story.when(arrived(purpose="study")).then(CaseImported)


def test_i3_a_choice_falls_with_its_ground() -> None:
    story = told(arrived(), recorded("r-1"))
    story.world = {**WORLD, "CN-JS": "CN-JS-HOSPITAL"}
    story.when(arrived(jurisdiction="CN-JS")).then(
        CaseImported, (TransferRequested, {"to_institution_id": "CN-JS-HOSPITAL"})
    )


def test_i3_a_transfer_is_complete_when_the_receiving_institution_admits() -> None:
    story = told(arrived(), recorded("r-1")).when(admitted())
    story.then((TransferCompleted, {"to_institution_id": HOSPITAL, "admitted_at": "2020-09-15T14:00:00+08:00"}))
    assert story.said[0].time == at("09-15T14:00")


def test_i3_an_admission_known_before_the_result_completes_it_at_once() -> None:
    told(arrived(), admitted()).when(recorded("r-1")).then(CaseImported, TransferCompleted)


def test_i3_the_first_admission_counts() -> None:
    told(arrived(), recorded("r-1"), admitted()).when(admitted(when="09-20T14:00")).stays_quiet()


def test_i3_another_institution_admitting_stays_quiet() -> None:
    told(arrived(), recorded("r-1")).when(admitted("CN-SH-OTHER")).stays_quiet()


def test_i3_an_admission_before_the_arrival_stays_quiet() -> None:
    told(arrived(), recorded("r-1")).when(admitted(when="09-01T14:00")).stays_quiet()


def test_i3_an_admission_taken_back_leaves_the_request_standing() -> None:
    story = told(arrived(), recorded("r-1"), admitted()).when(admitted(withdrawn=True))
    story.then((TransferRequested, {"to_institution_id": HOSPITAL}))


def test_i2_an_exclusion_calls_the_transfer_off() -> None:
    story = told(arrived(), recorded("r-1")).when(retracted(version("r-1")))
    story.then(CaseExcluded, (TransferRequested, {"to_institution_id": HOSPITAL, "withdrawn": True}))
    assert {said.time for said in story.said} == {at("09-16T09:00")}


def test_i4_is_not_judged_here_yet_so_the_clock_stays_quiet() -> None:
    story = told(arrived(), recorded("r-1"))
    assert story.state.conclusions.due is None
    story.until(CAME + timedelta(days=3)).stays_quiet()


def test_i5_people_who_travel_together_keep_their_party() -> None:
    told(arrived()).when(recorded("r-1")).then(
        (CaseImported, {"party_id": "party-4"}), (TransferRequested, {"party_id": "party-4"})
    )


def test_i5_an_adult_of_a_party_is_sent_as_any_other() -> None:
    grown = arrived(age={"value": 34, "unit": "a"})
    told(grown).when(recorded("r-1")).then(
        CaseImported, (TransferRequested, {"why": ["confirmed"], "party_id": "party-4", "required_capabilities": []})
    )
