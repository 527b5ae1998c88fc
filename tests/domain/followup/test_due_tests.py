"""F5, F7: the re-tests that are due are taken and negative, or somebody asks; what a positive is, where it leads."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    HealthAlertRaised,
    QuarantineCancelled,
    QuarantineCompleted,
    QuarantineExtended,
    QuarantineHeld,
    RetestedPositive,
    RetestMissed,
)
from schemas.message import Message
from tests.domain.followup.journeys import (
    POSITIVE,
    RETURNED,
    TESTED,
    admitted,
    at,
    called,
    corrected,
    discharged,
    log,
    retested,
    retracted,
    stay_ended,
)
from tests.domain.followup.stories import acknowledged, call_id, emitted, happening, home, logged, names, unknown
from tests.domain.story import Story

NINE: dict[str, Any] = {"protocol": "v9"}


def untested(*messages: Message, until: int) -> Story:
    return happening(home(tested=False), *logged(), RETURNED, *messages).until(at(until, 0))


def test_f5_a_re_test_not_taken_by_the_end_of_the_day_after_is_missed_and_somebody_calls() -> None:
    story = happening(home(tested=False), *logged(1, 8)).until(at(8, 23, 59)).stays_quiet()
    story.until(at(9, 0)).then(
        (RetestMissed, {"day": 7, "due_on": "2020-10-24", "district": "Pudong"}),
        (CallRequested, {"why": "retest_missed", "days": [7], "attempt": 1}),
    )


def test_f5_its_collection_settles_it() -> None:
    story = happening(home(tested=False), *logged(1, 8)).until(at(9, 9))
    story.when(retested("r-9", at(9, 10)), received_at=at(9, 16)).then(
        (CallCompleted, {"why": "retest_missed", "outcome": "withdrawn"})
    )
    assert [test.taken_at for test in story.state.conclusions.plans[0].tests] == [at(9, 10), None]


def test_f5_whoever_is_reached_about_it_is_not_called_again_though_only_its_collection_settles_it() -> None:
    story = happening(home(tested=False), *logged(1, 8)).until(at(9, 9))
    story.when(called(call_id(story), at(9, 10)), received_at=at(9, 10)).then((CallCompleted, {"outcome": "reached"}))
    story.given(*logged(9, 12), received_at=at(12, 20)).until(at(13, 23)).stays_quiet()


@pytest.mark.parametrize("given", [{"result": "inconclusive"}, {"status": "preliminary"}])
def test_f5_one_that_says_nothing_was_taken_all_the_same(given: dict[str, Any]) -> None:
    story = untested(retested("r-7", at(7), **given), TESTED[1], until=15)
    assert not emitted(story, RetestMissed)
    assert [test.taken_at for test in story.state.conclusions.plans[0].tests] == [at(7), at(14, 7)]


@pytest.mark.parametrize(("collected", "missed"), [(4, False), (3, True), (8, False)])
def test_f5_one_collected_a_few_days_before_or_the_day_after_counts(collected: int, missed: bool) -> None:
    story = happening(home(tested=False), *logged(1, 8), retested("r", at(collected))).until(at(9, 0))
    assert bool(emitted(story, RetestMissed)) == missed


def test_f7_a_re_test_that_says_nothing_holds_the_plan() -> None:
    story = untested(TESTED[0], retested("r-14", at(14), result="inconclusive"), until=15)
    assert [held.missing for held in emitted(story, QuarantineHeld)] == [("re-test of day 14",)]


def test_f7_a_plan_without_its_re_tests_is_held_and_completes_when_they_are_negative() -> None:
    story = untested(until=15)
    assert [held.missing for held in emitted(story, QuarantineHeld)] == [("re-test of day 7", "re-test of day 14")]
    story.given(retested("r-15", at(15, 9)), received_at=at(15, 15)).until(at(16, 0)).then(QuarantineCompleted)


def test_f5_one_that_was_due_before_the_discharge_was_known_is_asked_for_from_then_on() -> None:
    story = unknown().given(*logged(1, 10), received_at=at(0, 20)).when(discharged(), received_at=at(10, 10))
    assert not emitted(story, RetestMissed)
    assert "RetestMissed" in names(story.until(at(12, 0)))


def test_f5_v9_asks_for_one_on_day_7_and_v10_for_none() -> None:
    nine = happening(home(tested=False, **NINE), *logged(1, 7)).until(at(9, 0))
    assert [test.day for test in nine.state.conclusions.plans[0].tests] == [7]
    assert nine.state.conclusions.plans[0].status.tests == (7,)
    assert happening(home(tested=False, protocol="v10")).until(at(1, 0)).state.conclusions.plans[0].tests == ()


def test_f5_a_positive_of_a_fever_clinic_is_a_re_test_too() -> None:
    clinic = retested("r-8", at(8), "detected", setting="hospital")
    story = happening(home(), *logged(1, 7), log(8, celsius=38.6)).when(clinic, received_at=at(8, 15))
    story.then(
        (RetestedPositive, {"branch": "readmit", "evidence": ["r-8", "log@2020-10-25/am"]}),
        (HealthAlertRaised, {"why": "positive_test"}),
        (QuarantineCancelled, {"why": "readmitted"}),
    )


def in_2022(day: int, hour: int = 9) -> Any:
    return at(day, hour) + timedelta(days=572)  # 12 May 2022


@pytest.mark.parametrize(
    ("ct_values", "positive"),
    [
        ({"ORF1ab": 37.0, "N": 36.5}, False),
        ({"ORF1ab": 37.0, "N": 34.9}, True),
        ({"ORF1ab": 37.0, "N": 36.0, "RNaseP": 22.0}, False),
        (None, True),
    ],
)
def test_f5_under_v9_detected_with_every_viral_ct_from_35_on_is_negative(ct_values: Any, positive: bool) -> None:
    story = unknown().given(discharged(in_2022(0, 10), protocol="v9"), received_at=in_2022(0, 11))
    story.when(retested("r-7", in_2022(7), "detected", ct_values=ct_values), received_at=in_2022(7, 15))
    assert ("RetestedPositive" in names(story)) == positive


def test_f5_under_v9_every_positive_readmits() -> None:
    story = unknown().given(discharged(in_2022(0, 10), protocol="v9"), received_at=in_2022(0, 11))
    story.when(retested("r-7", in_2022(7), "detected"), received_at=in_2022(7, 15))
    assert [(one.branch, one.evidence) for one in emitted(story, RetestedPositive)] == [("readmit", ("r-7",))]
    assert emitted(story, QuarantineCancelled)


def test_f5_a_result_is_named_by_its_laboratory_too() -> None:
    story = home().given(POSITIVE, received_at=at(7, 16))
    story.when(retested("r-7", at(7), lab="lab-2"), received_at=at(7, 17)).stays_quiet()
    assert story.state.conclusions.plans[0].positive is not None


def test_f10_a_midnight_is_judged_by_what_a_result_said_then_however_late_it_is_judged() -> None:
    """Positive until day 16, negative then: two days were added, also where all of it is read on day 17."""
    reports = [
        (at(7, 15), POSITIVE),
        *((at(14, 20), message) for message in logged(1, 14)),
        (at(16, 9), corrected(POSITIVE, at(16, 8), result="not_detected")),
    ]
    punctual, late = home(), home()
    for received_at, message in reports:
        punctual.given(message, received_at=received_at)
        late.when(message, received_at=received_at, watermark=at(0, 12))
    late.now = None
    late.until(at(17))
    punctual.until(at(17))
    assert punctual.state.conclusions.plans[0].added == (15, 16)
    assert late.state.conclusions == punctual.state.conclusions


def test_f10_a_re_test_that_was_taken_and_retracted_later_was_taken_at_its_deadline() -> None:
    story = happening(home(tested=False), *logged(1, 8), retested("r-7", at(7))).until(at(9, 0))
    story.when(retracted(retested("r-7", at(7)), at(9)), received_at=at(9, 10))
    assert not emitted(story, RetestMissed)


def test_f8_one_whose_day_was_spent_in_hospital_is_asked_for_no_more() -> None:
    story = happening(home(tested=False), *logged(1, 6)).given(admitted(at(6, 10)), received_at=at(6, 11))
    story.given(stay_ended(at(6, 10), at(8, 10)), received_at=at(8, 11)).until(at(9, 0))
    assert not emitted(story, RetestMissed)
    happening(story, *logged(9, 14), TESTED[1], RETURNED).until(at(15, 0))
    assert [done.days_in_hospital for done in emitted(story, QuarantineCompleted)] == [2]


def test_f5_f7_an_isolation_that_is_over_leaves_the_re_test_of_day_14_to_be_taken() -> None:
    cured = retested("r-8", at(8)), retested("r-9", at(9))
    story = happening(home(tested=False), *logged(), RETURNED, POSITIVE, *cured)
    acknowledged(story, at(14, 22)).until(at(15, 0))
    assert not emitted(story, QuarantineExtended)
    assert [held.missing for held in emitted(story, QuarantineHeld)] == [("re-test of day 14",)]
