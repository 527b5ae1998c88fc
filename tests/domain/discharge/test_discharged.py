"""D7: a discharge is always recorded, with what was missing beside it."""

from datetime import datetime
from typing import Any

import pytest

from schemas.events.discharge import Discharged, DischargeRevoked, DischargeRuleViolated
from schemas.message import Message
from services.discharge.routes import CASE
from tests.domain.discharge.journeys import (
    HOSPITAL,
    admitted,
    approved,
    at,
    comorbid,
    confirmed,
    discharged,
    excluded,
    measured,
    ordinary,
    second_episode,
    stay,
    swabbed,
)
from tests.domain.story import Story

OUT = discharged(at(17, 10))
STAYED = ordinary()[:-1]


def reported(messages: list[Message], received_at: datetime | None = None) -> Story:
    return Story(CASE).given(*messages, received_at=received_at or at(16, 16))


def emitted_of(story: Story, cls: type) -> Any:
    (event,) = [emitted.event for emitted in story.emitted if isinstance(emitted.event, cls)]
    return event


def test_d7_a_discharge_by_the_rule_is_recorded_with_all_it_carries() -> None:
    story = reported(STAYED).when(OUT)
    story.then(
        (
            Discharged,
            {
                "episode": 1,
                "institution_id": HOSPITAL,
                "disposition": "recovered",
                "destination": "home",
                "residence": {"jurisdiction": "CN-SH", "district": "Pudong"},
                "time_zone": "Asia/Shanghai",
                "length_of_stay_days": 16,
                "protocol": "v8",
                "criteria_met": True,
            },
        )
    )
    assert emitted_of(story, Discharged).comorbidities[0].condition == "I10"
    assert story.emitted[0].time == at(17, 10)


def test_d7_without_the_panels_approval_the_rule_is_violated() -> None:
    unapproved = [m for m in STAYED if type(m).__name__ != "DischargeApproved"]
    reported(unapproved).when(OUT).then(
        (Discharged, {"criteria_met": True}), (DischargeRuleViolated, {"unmet": ["approval"], "protocol": "v8"})
    )


def test_d7_an_approval_after_the_discharge_is_none() -> None:
    unapproved = [m for m in STAYED if type(m).__name__ != "DischargeApproved"]
    story = reported([*unapproved, OUT], at(17, 11))
    story.when(approved(at(17, 10, 1))).stays_quiet()
    story.when(approved(at(17, 10))).then((DischargeRuleViolated, {"withdrawn": True}))


def test_d7_what_was_missing_is_named_in_the_order_of_the_protocol() -> None:
    story = reported([confirmed(), admitted(symptoms=("386661006",))]).when(OUT)
    unmet = ("temperature", "respiratory", "two_negatives", "approval")
    assert emitted_of(story, DischargeRuleViolated).unmet == unmet
    assert emitted_of(story, Discharged).criteria_met is False


def test_d7_judged_by_what_was_known_at_the_discharge() -> None:
    """A negative that resulted an hour after the discharge does not count, whenever it comes."""
    late = swabbed("r-9", at(15, 8), resulted_at=at(17, 11))
    story = reported([*stay(without=("two_negatives",)), swabbed("r-8", at(14, 8)), late, approved(at(16))], at(16, 16))
    story.when(OUT).then(Discharged, (DischargeRuleViolated, {"unmet": ["two_negatives"]}))


def test_d7_withdrawn_when_later_facts_about_that_time_show_otherwise() -> None:
    story = reported([*stay(without=("imaging",)), approved(at(16)), OUT], at(17, 11))
    missing = next(m for m in stay() if getattr(m, "study_id", "") == "s-2")
    story.when(missing)
    assert emitted_of(story, DischargeRuleViolated).withdrawn
    assert emitted_of(story, Discharged).criteria_met


@pytest.mark.parametrize("disposition", ["died", "transferred"])
def test_d7_death_and_transfer_break_no_rule(disposition: str) -> None:
    reported([confirmed(), admitted()]).when(discharged(at(17, 10), disposition)).then(Discharged)


def test_d7_against_advice_is_a_violation_too() -> None:
    story = reported([confirmed(), admitted()]).when(discharged(at(17, 10), "against_advice"))
    story.then((Discharged, {"disposition": "against_advice"}), DischargeRuleViolated)


def test_d7_somebody_who_stays_positive_leaves_by_the_rule_with_the_panels_override() -> None:
    healthy = [m for m in stay(without=("two_negatives",)) if type(m).__name__ != "VitalSignsRecorded"]
    days = [measured(at(day, 8)) for day in range(26, 31)]
    override = approved(at(30, 8), override="culture negative on days 25 and 27")
    story = reported([*healthy, *days, override], at(30, 9)).when(discharged(at(30, 10)))
    assert {type(emitted.event) for emitted in story.emitted} == {Discharged}
    assert emitted_of(story, Discharged).criteria_met


def test_d7_a_case_that_never_was_breaks_no_rule() -> None:
    reported([confirmed(), admitted(), excluded(at(3))]).when(OUT).then((DischargeRevoked, {"why": "excluded"}))


def test_d7_a_discharge_of_nobody_known_is_said_all_the_same_and_again_when_more_is_known() -> None:
    story = Story(CASE).when(OUT)
    story.then((Discharged, {"time_zone": "Asia/Shanghai", "criteria_met": False}), DischargeRuleViolated)
    assert emitted_of(story, Discharged).length_of_stay_days is None
    assert emitted_of(story, Discharged).residence is None
    story.when(confirmed(), received_at=at(17, 11)).then(
        (Discharged, {"residence": {"jurisdiction": "CN-SH", "district": "Pudong"}})
    )
    story.when(admitted()).then((Discharged, {"length_of_stay_days": 16}))


def test_d7_a_residence_in_another_jurisdiction_brings_its_own_zone() -> None:
    there = {"jurisdiction": "CN-HK", "district": "Kowloon"}
    reported(STAYED).when(discharged(at(17, 10), residence=there)).then(
        (Discharged, {"time_zone": "Asia/Hong_Kong", "residence": there})
    )
    reported([confirmed(time_zone="Asia/Urumqi"), *STAYED[1:]]).when(OUT).then(
        (Discharged, {"time_zone": "Asia/Urumqi"})
    )


def test_d7_said_again_when_what_it_carries_changes_and_only_then() -> None:
    story = reported([*STAYED, OUT], at(17, 11))
    story.when(comorbid("E11.9")).then(Discharged)
    assert [known.condition for known in emitted_of(story, Discharged).comorbidities] == ["E11.9", "I10"]
    story.when(comorbid("E11.9")).stays_quiet()
    story.when(discharged(at(17, 10))).stays_quiet()


def test_d7_of_more_comorbidities_than_an_event_holds_the_active_ones_are_carried() -> None:
    many = [comorbid(f"A{number:02}", active=number > 90) for number in range(100)]
    story = reported([*STAYED, *many]).when(OUT)
    carried = emitted_of(story, Discharged).comorbidities
    assert len(carried) == 100
    assert [known.condition for known in carried[:2]] == ["A91", "A92"]


def test_d7_the_later_report_of_one_institution_and_day_holds() -> None:
    story = reported([*STAYED, OUT], at(17, 11))
    story.when(discharged(at(17, 9, 30), destination="isolation_site"))
    story.then((Discharged, {"destination": "isolation_site", "discharged_at": "2020-10-17T09:30:00+08:00"}))


def test_d7_a_second_episode_has_a_discharge_of_its_own() -> None:
    story = reported([*ordinary(), *second_episode()], at(26)).when(discharged(at(29), "against_advice"))
    story.then((Discharged, {"episode": 2, "length_of_stay_days": 4}), (DischargeRuleViolated, {"episode": 2}))
