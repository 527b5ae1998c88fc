"""D7, D8: which stay is the illness's and which another; transfers from nowhere, and what is told after a death."""

from typing import Any

import pytest

from schemas.events.discharge import (
    DischargeCriteriaMet,
    Discharged,
    DischargeRevoked,
    DischargeRuleViolated,
    OtherStayEnded,
)
from schemas.events.rejections import ReportRejected
from schemas.message import Message
from services.discharge.routes import CASE
from services.discharge.views import case
from tests.domain.discharge.journeys import (
    HOSPITAL,
    SECOND_NEGATIVE,
    admitted,
    approved,
    at,
    cancelled,
    confirmed,
    corrected,
    discharged,
    excluded,
    ordinary,
    second_episode,
    stay,
    swabbed,
)
from tests.domain.story import Story

OUT = discharged(at(17, 10))
THERE = "CN-SH/huashan"
AGAIN = admitted(at(22, 10), institution_id=THERE)
AND_OUT = discharged(at(26, 10), institution_id=THERE)


def reported(*messages: Message) -> Story:
    return Story(CASE).given(*messages, received_at=at(17, 12))


def emitted_of(story: Story, cls: type) -> list[Any]:
    return [emitted.event for emitted in story.emitted if isinstance(emitted.event, cls)]


def shown(story: Story) -> dict[str, Any]:
    assert story.now is not None
    return case(story.state.facts, story.state.conclusions, story.now)


@pytest.mark.parametrize("disposition", ["recovered", "against_advice", "transferred"])
def test_d8_a_later_stay_that_no_re_positive_explains_is_another_stay(disposition: str) -> None:
    story = reported(*ordinary()).when(AGAIN, received_at=at(22, 11)).stays_quiet()
    there = discharged(at(26, 10), disposition, institution_id=THERE, to_institution_id=None)
    story.when(there, received_at=at(26, 11)).then(
        (
            OtherStayEnded,
            {
                "episode": 1,
                "institution_id": THERE,
                "admitted_at": "2020-10-22T10:00:00+08:00",
                "ended_at": "2020-10-26T10:00:00+08:00",
                "disposition": disposition,
            },
        )
    )
    (left,) = story.state.conclusions.departures
    assert (left.discharge[1].day, left.length_of_stay_days, left.why) == (17, 16, None)


def test_d8_the_first_discharge_is_the_same_in_whichever_order_the_two_stays_are_told() -> None:
    story = reported(*ordinary()[:-1], AGAIN, AND_OUT, OUT)
    assert [left.discharge[1].day for left in story.state.conclusions.departures] == [17]
    assert [other.admitted_at for other in story.state.conclusions.other_stays] == [at(22, 10)]


def test_d8_another_stay_that_is_taken_back_is_withdrawn() -> None:
    story = reported(*ordinary(), AGAIN, AND_OUT)
    story.when(cancelled(at(26, 12))).then((OtherStayEnded, {"withdrawn": True}))
    story = reported(*ordinary(), AGAIN, AND_OUT)
    story.when(AGAIN.model_copy(update={"withdrawn": True}))
    assert [event.withdrawn for event in emitted_of(story, OtherStayEnded)] == [True]


def test_d8_each_other_stay_is_named_by_its_own_admission() -> None:
    moved = discharged(at(24, 10), "transferred", institution_id=THERE, to_institution_id=HOSPITAL)
    story = reported(*ordinary(), AGAIN, moved, admitted(at(24, 12)))
    story.when(discharged(at(28)), received_at=at(28, 10))
    (ended,) = emitted_of(story, OtherStayEnded)
    assert (ended.institution_id, ended.admitted_at) == (HOSPITAL, at(24, 12))
    assert [stay.admitted_at for stay in story.state.conclusions.other_stays] == [at(22, 10), at(24, 12)]


def test_d8_a_stay_that_a_re_positive_explains_is_no_other_stay() -> None:
    story = reported(*ordinary(), *second_episode()).when(discharged(at(29)), received_at=at(29, 10))
    assert not emitted_of(story, OtherStayEnded)
    assert [event.episode for event in emitted_of(story, Discharged)] == [2]


def test_d8_a_re_positive_told_later_makes_it_the_stay_of_the_next_episode() -> None:
    positive, again, back, _ = second_episode()
    story = reported(*ordinary(), back, discharged(at(29)))
    assert [stay.admitted_at for stay in story.state.conclusions.other_stays] == [at(25, 9)]
    story.when(positive)
    assert [event.withdrawn for event in emitted_of(story, OtherStayEnded)] == [True]
    story.when(again)
    assert [event.episode for event in emitted_of(story, Discharged)] == [2]


def test_d8_a_positive_by_a_fever_clinic_explains_the_stay_too_and_one_of_ct_37_under_version_9_does_not() -> None:
    clinic = swabbed("r-20", at(21, 10), "detected", setting="hospital")
    assert not reported(*ordinary(), clinic, AGAIN, AND_OUT).state.conclusions.other_stays
    weak = swabbed("r-20", at(21, 10), "detected", ct_values={"N": 37.0, "ORF1ab": 38.5, "RNaseP": 24.0})
    assert not reported(*ordinary(), weak, AGAIN, AND_OUT).state.conclusions.other_stays
    moved = [_in_2022(message) for message in (*ordinary(), weak, AGAIN, AND_OUT)]
    assert Story(CASE).given(*moved, received_at=_in_2022(at(27))).state.conclusions.other_stays


def _in_2022(value: Any) -> Any:
    """The same in the time of version 9."""
    if isinstance(value, Message):
        return value.model_copy(
            update={
                name: _in_2022(given)
                for name, given in ((name, getattr(value, name)) for name in type(value).model_fields)
                if hasattr(given, "hour")
            }
        )
    return value.replace(year=2022)


def test_d8_a_stay_after_a_discharge_that_was_undone_is_the_illnesss() -> None:
    late = corrected(SECOND_NEGATIVE, at(20, 9), result="detected")
    story = reported(*ordinary(), late).when(AGAIN, received_at=at(22, 11))
    story.when(AND_OUT, received_at=at(26, 11))
    assert not emitted_of(story, OtherStayEnded)
    assert [event.discharged_at for event in emitted_of(story, Discharged)] == [at(26, 10)]


def test_d8_the_hospital_that_had_discharged_is_named_when_a_correction_undoes_it() -> None:
    story = reported(*ordinary()).when(corrected(SECOND_NEGATIVE, at(20, 9), result="detected"), received_at=at(20, 10))
    (revoked,) = emitted_of(story, DischargeRevoked)
    assert (revoked.why, revoked.institution_id) == ("corrected", HOSPITAL)


def test_d8_excluded_after_the_discharge_it_is_revoked_and_all_that_rested_on_it_ends() -> None:
    story = reported(*ordinary()).when(excluded(at(19, 9)), received_at=at(19, 10))
    revoked = {"why": "excluded", "episode": 1, "discharged_at": "2020-10-17T10:00:00+08:00"}
    (event,) = emitted_of(story, DischargeRevoked)
    assert {name: event.model_dump(mode="json")[name] for name in revoked} == revoked
    assert {type(emitted.event).__name__ for emitted in story.emitted} == {"DischargeRevoked", "DischargeCriteriaLost"}
    story.when(excluded(at(19, 9), withdrawn=True), received_at=at(20)).when(confirmed(), received_at=at(20, 1))
    assert [left.why for left in story.state.conclusions.departures] == [None]


def test_d8_a_later_episode_that_never_was_takes_its_discharge_with_it_in_any_order() -> None:
    never = excluded(at(30), episode=2)
    reports = [*ordinary(), *second_episode(), discharged(at(29))]
    late, early = reported(*reports, never), reported(*reports[:-2], never, *reports[-2:])
    for story in (late, early):
        second = next(left for left in story.state.conclusions.departures if left.episode == 2)
        assert (second.why, second.revoked_at, second.discharge[1].day) == ("excluded", at(30), 29)
        assert next(left.why for left in story.state.conclusions.departures if left.episode == 1) is None


def test_d8_died_in_a_later_stay_counts_as_a_death_instead_of_a_discharge() -> None:
    story = reported(*ordinary(), AGAIN)
    story.when(discharged(at(26, 10), "died", institution_id=THERE), received_at=at(26, 11))
    story.then((Discharged, {"disposition": "died", "institution_id": THERE}))


def test_d7_a_transfer_by_a_house_where_the_patient_no_longer_lies_ends_nothing_and_is_answered() -> None:
    moved = discharged(at(5, 9), "transferred")
    story = reported(confirmed(), admitted(), moved, admitted(at(5, 13), institution_id=THERE))
    again = discharged(at(8, 9), "transferred")
    story.when(again, received_at=at(17, 13)).stays_quiet()
    assert [entry["conflict"] for entry in shown(story)["conflicts"]] == ["not_in_this_house"]
    story.until(at(18, 12, 59)).stays_quiet()
    story.until(at(18, 13)).then((ReportRejected, {"code": "conflict", "report_type": again.type_name()}))
    assert shown(story)["stage"] == "in_hospital"


def test_d7_such_a_transfer_does_not_undo_the_discharge_of_the_next_house() -> None:
    there = [admitted(at(5, 13), institution_id=THERE), discharged(at(17, 10), institution_id=THERE)]
    story = reported(confirmed(), admitted(), discharged(at(5, 9), "transferred"), *there)
    story.when(discharged(at(18, 9), "transferred"), received_at=at(18, 10)).stays_quiet()
    assert [left.discharge for left in story.state.conclusions.departures] == [(THERE, at(17).date())]


def test_d7_a_transfer_is_taken_up_when_the_admission_that_explains_it_is_told() -> None:
    there = [admitted(at(5, 13), institution_id=THERE)]
    story = reported(confirmed(), admitted(), discharged(at(5, 9), "transferred"), *there)
    story.given(discharged(at(8, 9), "transferred"), received_at=at(17, 13))
    story.when(admitted(at(7, 9)), received_at=at(17, 14)).then(
        (Discharged, {"discharged_at": "2020-10-08T09:00:00+08:00"})
    )
    story.until(at(20)).stays_quiet()


@pytest.mark.parametrize(
    "reports",
    [
        [admitted(), discharged(at(5, 9), "transferred"), admitted(at(5, 9), institution_id=THERE)],
        [discharged(at(5, 9), "transferred")],
        [admitted(), discharged(at(4), "recovered"), discharged(at(5, 9), "transferred")],
        [
            admitted(at(1), institution_id=THERE),
            discharged(at(3), "transferred", institution_id=THERE),
            discharged(at(5, 9), "transferred"),
        ],
    ],
    ids=["at the very minute of the next admission", "no admission known", "corrected", "sent here, admission untold"],
)
def test_d7_stays_quiet_about_a_transfer_by_the_house_where_the_patient_may_have_lain(reports: list[Message]) -> None:
    story = reported(confirmed(), *reports).until(at(30))
    assert not shown(story)["conflicts"]
    assert not story.state.conclusions.unexplained
    assert story.state.conclusions.departures[0].discharge == (HOSPITAL, at(5).date())


def test_d7_a_death_is_final_until_it_is_cancelled_and_a_later_discharge_is_shown_as_a_conflict() -> None:
    died = discharged(at(17, 10), "died")
    for reports in ([died, discharged(at(17, 18))], [discharged(at(17, 18)), died], [died, discharged(at(17, 10))]):
        story = reported(*ordinary()[:-1], *reports)
        assert shown(story)["episodes"][0]["discharge"]["discharged_at"] == "2020-10-17T10:00:00+08:00"
        assert shown(story)["stage"] == "died"
        assert [entry["conflict"] for entry in shown(story)["conflicts"]] == ["after_death"]
        story.until(at(30)).stays_quiet()


def test_d7_a_death_before_every_known_admission_waits_and_ends_nothing() -> None:
    story = reported(*ordinary()[:-1], discharged(at(-10), "died")).when(OUT)
    assert [event.disposition for event in emitted_of(story, Discharged)] == ["recovered"]
    assert [entry["disposition"] for entry in shown(story)["waiting"]] == ["died"]
    assert not shown(story)["conflicts"]


def test_d7_after_the_death_is_cancelled_the_later_discharge_stands() -> None:
    story = reported(*ordinary()[:-1], discharged(at(17, 10), "died"), discharged(at(17, 18)))
    story.when(cancelled(at(17, 12)), received_at=at(17, 19))
    story.then((Discharged, {"disposition": "recovered", "discharged_at": "2020-10-17T18:00:00+08:00"}))
    assert not shown(story)["conflicts"]


def test_d8_the_later_stay_breaks_no_rule_and_the_first_one_keeps_its_own() -> None:
    story = reported(confirmed(), admitted(), OUT, AGAIN)
    assert story.state.conclusions.violations[0].discharge[1].day == 17
    story.when(AND_OUT, received_at=at(26, 11)).then(OtherStayEnded)


def test_d6_what_happens_in_another_stay_neither_meets_nor_loses_the_criteria() -> None:
    story = reported(*ordinary(), AGAIN).when(AND_OUT, received_at=at(26, 11))
    assert not emitted_of(story, DischargeCriteriaMet)
    assert [stands.at for stands in story.state.conclusions.criteria] == [at(15, 14)]


def test_a_discharge_dated_before_the_test_that_confirmed_the_case_is_unexplained() -> None:
    """The positive that made the case is no re-test, in whatever setting it was taken."""
    first = swabbed("r-1", at(18, 9), "detected", setting="hospital")
    reports = [first, confirmed(arrived_at=at(18), confirmed_at=at(18, 15)), admitted(at(19)), discharged(at(17, 10))]
    story = Story(CASE).given(*reports, received_at=at(26))
    assert not story.state.conclusions.departures
    story.until(at(27)).then((ReportRejected, {"code": "conflict"}))


def test_d8_a_violation_is_of_the_first_discharge_though_the_second_stay_was_by_the_rule() -> None:
    story = reported(*stay(), approved(at(18)), OUT, AGAIN).when(AND_OUT, received_at=at(26, 11))
    assert not emitted_of(story, DischargeRuleViolated)
    assert [broken.unmet for broken in story.state.conclusions.violations] == [("approval",)]
