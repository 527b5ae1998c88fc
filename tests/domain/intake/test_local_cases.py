"""I2: when a local case is excluded, and when it is not."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed, TransferRequested
from schemas.events.treatment import TestResultRecorded
from schemas.message import Message
from schemas.reports.intake import CaseWithdrawn
from services.intake import views
from services.intake.routes import CASE as KIND
from tests.domain.intake.journeys import (
    CASE,
    CONTEXT,
    NOBODY,
    RETEST,
    arrived,
    at,
    corrected,
    discharged,
    local,
    recorded,
    retracted,
    version,
    withdrawn,
)
from tests.domain.story import Story

RECEIVED_AT = at("12-01T00:00")


def reported(*messages: Message) -> Story:
    return Story(KIND, NOBODY).given(*messages, received_at=RECEIVED_AT)


def test_i2_a_local_case_whose_only_result_is_retracted_is_excluded() -> None:
    story = Story(KIND, CONTEXT).given(recorded("r-1"), local(), received_at=at("09-15T10:00"))
    story.when(retracted(version("r-1"), resulted_at=at("09-15T20:00")), received_at=at("09-15T20:05"))
    excluded = {"why": "no_result", "excluded_at": "2020-09-15T20:00:00+08:00", "basis": ["r-1"]}
    story.then((CaseExcluded, excluded), (TransferRequested, {"withdrawn": True}))


def test_i2_a_result_that_came_after_the_authoritys_word_counts_too() -> None:
    late: dict[str, Any] = {"collected_at": at("09-16T08:00"), "resulted_at": at("09-16T15:00")}
    story = reported(local(), recorded("r-1", **late))
    story.when(corrected(version("r-1", **late), "not_detected")).then((CaseExcluded, {"why": "no_result"}))


def test_i2_a_local_case_of_which_no_result_is_known_is_not_excluded_by_absence() -> None:
    reported(local()).when(recorded("r-1", "not_detected")).stays_quiet()


def test_i2_a_local_case_with_another_positive_that_stands_is_not_excluded() -> None:
    reported(local(), recorded("r-1"), recorded("r-2")).when(retracted(version("r-1"))).then(
        (LocalCaseConfirmed, {"basis": ["r-2"], "confirmed_at": "2020-09-15T09:00:00+08:00"})
    )


def test_i2_what_was_taken_back_before_the_authoritys_word_was_not_its_ground() -> None:
    reported(retracted(version("r-1"))).when(local(confirmed_at=at("09-17T09:00"))).then(LocalCaseConfirmed)


def test_i2_a_retracted_retest_excludes_no_local_case_that_rests_on_no_result() -> None:
    """Whatever is known of the discharge, and read first."""
    again = TestResultRecorded(case_id=CASE, **RETEST.model_dump())
    reported(local(), discharged("10-17T10:00"), again).when(retracted(RETEST)).stays_quiet()
    reported(local(), again).when(retracted(RETEST)).stays_quiet()


@pytest.mark.parametrize(("when", "excludes"), [("09-29T08:59", True), ("09-29T09:00", False)])
def test_i2_what_is_collected_14_days_after_the_authoritys_word_is_not_its_ground(when: str, excludes: bool) -> None:
    late: dict[str, Any] = {"collected_at": at(when), "resulted_at": at("09-30T09:00")}
    story = reported(local(), recorded("r-1", **late)).when(retracted(version("r-1", **late)))
    assert [type(one.event) for one in story.emitted] == [CaseExcluded] * excludes


def test_i2_the_authority_takes_a_local_case_back() -> None:
    story = reported(local()).when(withdrawn("10-01T09:00"))
    story.then((CaseExcluded, {"why": "withdrawn", "excluded_at": "2020-10-01T09:00:00+08:00", "basis": []}))
    assert views.case(story.state.facts, story.state.conclusions, RECEIVED_AT)["status"] == "excluded"


def test_i2_what_is_withdrawn_before_it_is_known_is_excluded_when_it_comes() -> None:
    story = reported(withdrawn("10-01T09:00"))
    story.when(local(), recorded=at("09-15T09:00")).then((CaseExcluded, {"why": "withdrawn"}))


def test_i2_what_the_authority_reports_later_holds_again() -> None:
    story = reported(local(), withdrawn("10-01T09:00"))
    story.when(local(), recorded=RECEIVED_AT + timedelta(hours=1)).then(LocalCaseConfirmed)


def test_i2_a_traveller_is_not_taken_back_with_the_local_case_of_before() -> None:
    story = reported(arrived(), recorded("r-1")).given(local(), received_at=RECEIVED_AT + timedelta(hours=1))
    story.when(withdrawn("10-01T09:00"), received_at=RECEIVED_AT + timedelta(hours=2)).then(CaseImported)


def test_i2_a_withdrawal_of_what_nobody_reported_stays_quiet() -> None:
    report = CaseWithdrawn(case_id=CASE, withdrawn_at=at("10-01T09:00"), reason="another person")
    reported(arrived(), recorded("r-1")).when(report).stays_quiet()
