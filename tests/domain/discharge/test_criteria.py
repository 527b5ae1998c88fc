"""D0 and D6: when the criteria are announced, when they are lost, and when nothing is said."""

from datetime import datetime

from schemas.events.discharge import DischargeCriteriaLost, DischargeCriteriaMet
from schemas.message import Message
from services.discharge.routes import CASE
from tests.domain.discharge.journeys import (
    FIRST_NEGATIVE,
    SECOND_NEGATIVE,
    admitted,
    at,
    confirmed,
    corrected,
    discharged,
    excluded,
    imaged,
    measured,
    ordinary,
    retracted,
    stay,
    swabbed,
)
from tests.domain.story import Story


def reported(messages: list[Message], *, received_at: datetime) -> Story:
    return Story(CASE).given(*messages, received_at=received_at)


def in_hospital(*without: str, received_at: datetime | None = None) -> Story:
    """The stay as known at noon of the 16th, without the facts that decide some criteria."""
    return reported(stay(without=without), received_at=received_at or at(16, 12))


def test_d6_met_lists_every_criterion_and_its_time_is_when_the_last_one_became_true() -> None:
    story = in_hospital("two_negatives").given(FIRST_NEGATIVE).when(SECOND_NEGATIVE)
    story.then((DischargeCriteriaMet, {"episode": 1, "protocol": "v8"}))
    (emitted,) = story.emitted
    assert emitted.time == SECOND_NEGATIVE.resulted_at
    assert [criterion.name for criterion in emitted.event.criteria] == [
        "temperature",
        "respiratory",
        "imaging",
        "two_negatives",
    ]
    assert all(criterion.met for criterion in emitted.event.criteria)
    assert emitted.event.criteria[3].evidence == ("r-8", "r-9")


def test_d6_a_result_that_comes_late_is_met_from_its_own_time_on_not_from_when_it_came() -> None:
    story = reported([m for m in stay() if m is not FIRST_NEGATIVE], received_at=at(16, 12)).when(FIRST_NEGATIVE)
    assert [emitted.time for emitted in story.emitted] == [at(15, 14)]


def test_d6_stays_quiet_while_a_criterion_is_not_met() -> None:
    in_hospital("two_negatives").when(FIRST_NEGATIVE).stays_quiet()
    in_hospital("imaging").when(measured(at(16, 12))).stays_quiet()


def test_d6_stays_quiet_about_more_evidence_of_the_same() -> None:
    in_hospital().when(measured(at(16, 12))).stays_quiet()
    in_hospital().when(swabbed("r-10", at(16, 6))).stays_quiet()


def test_d6_nobody_is_judged_before_an_admission_is_known() -> None:
    without_admission = [m for m in stay() if type(m).__name__ != "Admitted"]
    story = reported(without_admission, received_at=at(16, 12))
    story.when(measured(at(16, 12))).stays_quiet()
    story.when(admitted()).then(DischargeCriteriaMet)


def test_d6_an_admission_by_a_clock_that_is_fast_is_waited_for() -> None:
    without_admission = [m for m in stay() if type(m).__name__ != "Admitted"]
    story = reported([*without_admission, admitted(at(16, 12, 4))], received_at=at(16, 12))
    story.until(at(16, 12, 3)).stays_quiet()
    story.until(at(16, 12, 4)).then(DischargeCriteriaMet)


def test_d6_the_clock_alone_meets_them_when_72_hours_are_over() -> None:
    days = [measured(at(day, 8)) for day in range(13, 16)]
    story = reported([*stay(without=("temperature",)), measured(at(12, 15), 38.0), *days], received_at=at(15, 14, 1))
    story.until(at(15, 15)).stays_quiet()
    story.until(at(15, 15, 0, 1)).then(DischargeCriteriaMet)
    assert story.emitted[0].time == at(15, 15, 0, 1)


def test_d6_a_coarse_tick_says_the_same_instant() -> None:
    days = [measured(at(day, 8)) for day in range(13, 16)]
    story = reported([*stay(without=("temperature",)), measured(at(12, 15), 38.0), *days], received_at=at(15, 14, 1))
    story.until(at(16, 20)).then(DischargeCriteriaMet)
    assert story.emitted[0].time == at(15, 15, 0, 1)


def test_d6_lost_at_midnight_when_a_day_went_by_without_measurement() -> None:
    story = in_hospital()
    story.until(at(17, 23, 59)).stays_quiet()
    story.until(at(18, 0)).then(DischargeCriteriaLost)
    (emitted,) = story.emitted
    assert emitted.time == at(18, 0)
    assert emitted.event.criteria[0].next_possible_at == at(21, 0)
    assert story.state.conclusions.due == at(3, 0).replace(year=2022, month=3, day=14)


def test_d6_lost_on_a_new_positive_a_fever_or_a_correction() -> None:
    for cause, when in (
        (swabbed("r-10", at(16, 5), "detected"), at(16, 11)),
        (measured(at(16, 12), 37.9), at(16, 12)),
        (corrected(SECOND_NEGATIVE, at(16, 11), result="detected"), at(16, 11)),
        (retracted(FIRST_NEGATIVE, at(16, 11)), at(16, 11)),
    ):
        story = in_hospital().when(cause)
        story.then((DischargeCriteriaLost, {"episode": 1}))
        assert story.emitted[0].time == when


def test_d6_lost_says_when_each_could_be_met_again() -> None:
    story = in_hospital().when(measured(at(16, 12), 37.9))
    found = {criterion.name: criterion for criterion in story.emitted[0].event.criteria}
    assert found["temperature"].next_possible_at == at(19, 12, 0, 1)
    assert found["two_negatives"].met


def test_d6_met_again_after_a_loss() -> None:
    story = in_hospital().given(swabbed("r-10", at(16, 5), "detected"))
    story.given(swabbed("r-11", at(17, 5)), *(measured(at(day, 8)) for day in (17, 18)), received_at=at(18, 12))
    story.when(swabbed("r-12", at(18, 5))).then(DischargeCriteriaMet)
    assert story.emitted[0].time == at(18, 11)


def test_d6_criteria_that_never_were_met_as_is_known_now_are_lost_and_withdrawn() -> None:
    """The fever of the afternoon of the 13th is reported three days late."""
    story = in_hospital().when(measured(at(13, 15), 38.2))
    story.then((DischargeCriteriaLost, {"withdrawn": True}))
    assert not story.emitted[0].event.criteria[0].met


def test_d6_what_was_lost_before_it_could_be_said_is_still_lost() -> None:
    """The positive of the 16th is known before the negatives: they were met for some hours all the same."""
    story = in_hospital("two_negatives").given(swabbed("r-10", at(16, 1), "detected", resulted_at=at(16, 7)))
    story.given(FIRST_NEGATIVE).when(SECOND_NEGATIVE).then(DischargeCriteriaLost)
    assert story.emitted[0].time == at(16, 7)


def test_d6_the_discharge_says_nothing_of_the_criteria_nor_does_what_happens_after_it() -> None:
    story = reported(ordinary()[:-1], received_at=at(16, 16))
    story.when(discharged(at(17, 10)))
    assert [type(emitted.event).__name__ for emitted in story.emitted] == ["Discharged"]
    story.when(measured(at(18, 8), 39.0)).stays_quiet()
    story.when(swabbed("r-30", at(19, 8), "detected", setting="follow_up")).stays_quiet()
    story.until(at(40)).stays_quiet()


def test_d6_a_report_about_the_stay_that_comes_after_the_discharge_still_tells_what_was_met() -> None:
    story = reported([m for m in ordinary() if m is not SECOND_NEGATIVE], received_at=at(17, 11)).when(SECOND_NEGATIVE)
    assert {type(emitted.event).__name__ for emitted in story.emitted} == {
        "DischargeCriteriaMet",
        "Discharged",
        "DischargeRuleViolated",
    }


def test_d6_a_transfer_goes_on_where_the_next_hospital_admits() -> None:
    there = "CN-SH/huashan"
    moved = discharged(at(15, 20), "transferred", destination="hospital")
    story = reported([*stay(), moved, admitted(at(15, 22), institution_id=there)], received_at=at(16, 12))
    story.when(measured(at(16, 12), 38.0)).then(DischargeCriteriaLost)


def test_d6_an_episode_that_never_was_has_no_criteria() -> None:
    in_hospital().when(excluded(at(16, 12))).then((DischargeCriteriaLost, {"withdrawn": True}))


def test_d0_the_protocol_in_force_on_the_day_decides() -> None:
    later = at(1).replace(year=2023, month=1, day=3) - at(1)
    reported_then = [
        m.model_copy(update={"measured_at": m.measured_at + later}) for m in (measured(at(1)), measured(at(2)))
    ]
    story = reported([confirmed(), admitted(at(1, 10) + later), *reported_then], received_at=at(2, 12) + later)
    story.until(at(3, 0) + later).then((DischargeCriteriaMet, {"protocol": "v10"}))


def test_d0_a_measurement_from_a_clock_that_is_fast_counts_from_its_own_time_on() -> None:
    story = in_hospital().when(measured(at(16, 12, 4), 38.5))
    story.stays_quiet()
    story.until(at(16, 12, 4)).then(DischargeCriteriaLost)


def test_the_same_event_twice_is_one() -> None:
    story = in_hospital()
    before = story.state
    assert story.when(SECOND_NEGATIVE, sequence=1).state is before
    assert story.when(imaged("s-2", at(12, 15)), sequence=1).state is before
