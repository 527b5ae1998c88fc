"""A second episode begins with a re-test that readmits, and ends with its ground (I1, I2, F5)."""

from typing import Any

from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed, TransferCompleted, TransferRequested
from schemas.events.treatment import TestResultRecorded
from schemas.message import Message
from services.intake.routes import CASE as KIND
from tests.domain.intake.journeys import (
    CASE,
    CONTEXT,
    NOBODY,
    RETEST,
    admitted,
    arrived,
    at,
    corrected,
    local,
    recorded,
    retested,
    retracted,
    version,
)
from tests.domain.story import Story

RECEIVED_AT = at("12-01T00:00")
POSITIVE_AGAIN = TestResultRecorded(case_id=CASE, **RETEST.model_dump())


def reported(*messages: Message) -> Story:
    return Story(KIND, NOBODY).given(arrived(), recorded("r-1"), *messages, received_at=RECEIVED_AT)


def test_a_readmitting_retest_begins_the_next_episode() -> None:
    reported(POSITIVE_AGAIN).when(retested("r-9")).then(
        (CaseImported, {"episode": 2, "basis": ["r-9"], "confirmed_at": "2020-10-24T18:00:00+08:00"})
    )


def test_it_waits_for_the_result_that_is_its_evidence() -> None:
    story = reported().when(retested("r-9", "symptoms@2020-10-24T07:00:00+08:00"))
    story.stays_quiet()
    story.when(POSITIVE_AGAIN).then((CaseImported, {"episode": 2}))


def test_a_retest_with_the_other_branch_stays_quiet() -> None:
    reported(POSITIVE_AGAIN).when(retested("r-9", branch="convalescent_isolation")).stays_quiet()


def test_an_episode_is_taken_back_when_the_branch_changes() -> None:
    story = reported(POSITIVE_AGAIN, retested("r-9")).when(retested("r-9", branch="convalescent_isolation"))
    story.then((CaseImported, {"episode": 2, "withdrawn": True}))


def test_an_episode_is_taken_back_when_followup_takes_back_the_retest() -> None:
    story = reported(POSITIVE_AGAIN, retested("r-9")).when(retested("r-9", withdrawn=True, taken_back=True))
    story.then((CaseImported, {"episode": 2, "withdrawn": True}))


def test_i2_a_retracted_retest_excludes_the_second_episode_only() -> None:
    story = reported(POSITIVE_AGAIN, retested("r-9")).when(retracted(RETEST))
    story.then((CaseExcluded, {"episode": 2, "basis": ["r-9"]}))


def test_i2_a_retracted_retest_stays_excluded_when_followup_takes_its_word_back() -> None:
    """Followup always does: it has no re-test any more."""
    story = reported(POSITIVE_AGAIN, retested("r-9"), retracted(RETEST))
    story.when(retested("r-9", withdrawn=True, taken_back=True)).stays_quiet()


def test_i2_a_retest_that_followup_takes_back_first_is_excluded_all_the_same() -> None:
    story = reported(POSITIVE_AGAIN, retested("r-9"), retested("r-9", withdrawn=True, taken_back=True)).when(
        retracted(RETEST)
    )
    story.then((CaseExcluded, {"episode": 2, "basis": ["r-9"], "excluded_at": "2020-10-25T18:00:00+08:00"}))


def test_i2_a_retest_taken_back_by_both_ends_the_same_whichever_comes_first() -> None:
    def ended(*last: tuple[Message, int]) -> tuple[Any, Any, Any]:
        story = Story(KIND, CONTEXT).given(
            arrived(), recorded("r-1"), admitted(), POSITIVE_AGAIN, received_at=RECEIVED_AT
        )
        story.when(retested("r-9"), sequence=10)
        for message, sequence in last:
            story.when(message, sequence=sequence)
        state = story.state
        return state.facts, state.conclusions, KIND.announce(KIND.begin(), state)

    taken_back, withdrawn = (retracted(RETEST), 11), (retested("r-9", withdrawn=True, taken_back=True), 12)
    facts, conclusions, standing = ended(taken_back, withdrawn)
    other_facts, other_conclusions, other_standing = ended(withdrawn, taken_back)
    assert (facts, conclusions, [*standing]) == (other_facts, other_conclusions, [*other_standing])


def test_i2_a_retest_that_is_taken_back_before_anybody_heard_of_it_excludes_the_episode_all_the_same() -> None:
    story = reported(POSITIVE_AGAIN, retracted(RETEST)).when(retested("r-9", withdrawn=True, taken_back=True))
    story.then((CaseExcluded, {"episode": 2, "basis": ["r-9"], "excluded_at": "2020-10-25T18:00:00+08:00"}))


def test_i2_a_retest_that_followup_takes_back_for_another_reason_excludes_nothing() -> None:
    """The discharge that it followed is gone, say: who never heard of the retest ends the same."""
    story = reported(POSITIVE_AGAIN, retested("r-9"), retested("r-9", withdrawn=True)).when(retracted(RETEST))
    story.stays_quiet()


def test_i2_of_two_retests_one_that_stays_positive_is_no_exclusion() -> None:
    """Followup took its word back for another reason, a corrected log for instance."""
    story = reported(POSITIVE_AGAIN, recorded("r-10", resulted_at=at("10-25T09:00")), retested("r-9", "r-10"))
    story.when(retested("r-9", "r-10", withdrawn=True)).then((CaseImported, {"episode": 2, "withdrawn": True}))
    story.when(retracted(RETEST)).stays_quiet()


def test_i2_a_retest_of_a_later_plan_confirms_the_episode_that_had_been_excluded() -> None:
    later = version("r-20", collected_at=at("11-04T08:00"), resulted_at=at("11-04T18:00"), setting="follow_up")
    excluded = reported(
        POSITIVE_AGAIN, retested("r-9"), retracted(RETEST), retested("r-9", withdrawn=True, taken_back=True)
    )
    story = excluded.given(TestResultRecorded(case_id=CASE, **later.model_dump()))
    story.when(retested("r-20", discharged_at=at("10-28T10:00"))).then(
        (CaseImported, {"episode": 2, "basis": ["r-20"]})
    )


def test_i2_an_isolation_that_is_taken_back_excludes_nothing() -> None:
    isolated = retested("r-9", branch="convalescent_isolation")
    withdrawn = isolated.model_copy(update={"withdrawn": True})
    reported(POSITIVE_AGAIN, isolated, retracted(RETEST)).when(withdrawn).stays_quiet()


def test_a_resident_too_has_a_second_episode() -> None:
    story = Story(KIND, NOBODY).given(local(), POSITIVE_AGAIN, received_at=RECEIVED_AT).when(retested("r-9"))
    story.then((LocalCaseConfirmed, {"episode": 2, "confirmed_at": "2020-10-24T18:00:00+08:00"}))


def test_each_episode_has_a_transfer_of_its_own() -> None:
    story = Story(KIND, CONTEXT).given(arrived(), recorded("r-1"), admitted(), POSITIVE_AGAIN, received_at=RECEIVED_AT)
    story.when(retested("r-9")).then(
        (CaseImported, {"episode": 2}),
        (TransferRequested, {"episode": 2, "why": ["positive_again", "child", "with_party"]}),
    )
    story.when(admitted(when="10-24T17:00")).then((TransferCompleted, {"episode": 2}))


def test_an_episode_begins_by_the_version_of_its_positive_that_stands() -> None:
    """First said to be negative and of 15 October: who admitted on the 16th had not heard of a re-test."""
    first_emitted = version("r-9", "not_detected", collected_at=at("10-15T08:00"), resulted_at=at("10-15T18:00"))
    moved = corrected(first_emitted, "detected", collected_at=at("10-24T08:00"), resulted_at=at("10-24T18:00"))
    story = Story(KIND, CONTEXT).given(
        arrived(), recorded("r-1"), admitted(), moved, retested("r-9"), received_at=RECEIVED_AT
    )
    story.when(admitted(when="10-16T09:00")).stays_quiet()
    story.when(admitted(when="10-24T17:00")).then((TransferCompleted, {"episode": 2}))
