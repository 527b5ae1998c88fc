"""I1 and Where: a positive that confirms nobody is shown to somebody, at the place where the patient is."""

from typing import Any

import pytest
from msgspec.json import decode

from schemas.message import Message
from services.intake import views
from services.intake.domain.worklist import Row
from services.intake.routes import CASE as KIND
from tests.domain.intake.journeys import (
    CONTEXT,
    NOBODY,
    admitted,
    arrived,
    at,
    corrected,
    discharged,
    hospital,
    knowing,
    local,
    recorded,
    retracted,
    version,
    withdrawn,
)
from tests.domain.story import Story

RECEIVED_AT = at("10-20T00:00")


def reported(*messages: Message, context: Any = CONTEXT) -> Story:
    return Story(KIND, context).given(*messages, received_at=RECEIVED_AT)


def row(story: Story) -> Row | None:
    assert KIND.table is not None
    values = KIND.table.row(story.state)
    return Row(*values) if values else None


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ((recorded("r-1"), admitted()), "nobody_reported"),
        ((recorded("r-1", collected_at=at("09-12T08:00"), setting="hospital"), arrived()), "before_the_arrival"),
        ((recorded("r-1"), local(), withdrawn("10-01T09:00")), "withdrawn"),
    ],
)
def test_i1_a_positive_that_confirms_nobody_is_on_the_work_list_with_the_reason(messages: Any, reason: str) -> None:
    story = reported(*messages)
    known = row(story)
    assert known is not None
    assert (known.jurisdiction, known.unplaced_since) == ("CN-SH", at("09-15T09:00"))
    shown = decode(known.unplaced or "")
    assert (shown["kind"], shown["is_case"]) == ("unplaced", False)
    assert [(one["result_id"], one["lab"], one["reason"]) for one in shown["results"]] == [
        ("r-1", "Shanghai CDC", reason)
    ]


@pytest.mark.parametrize(
    "messages",
    [
        (recorded("r-1"), arrived()),
        (recorded("r-1"), arrived(origin_country="CN")),
        (recorded("r-1", "not_detected"), admitted()),
        (recorded("r-1", status="preliminary"), admitted()),
        (retracted(version("r-1")), admitted()),
        (corrected(version("r-1"), "not_detected"), admitted()),
    ],
)
def test_i1_nobody_is_asked_about_what_confirms_somebody_or_is_no_positive(messages: Any) -> None:
    story = reported(*messages)
    assert story.state.conclusions.unplaced == ()
    known = row(story)
    assert known is None or known.unplaced_since is None


def test_i1_a_positive_leaves_the_list_when_the_arrival_is_told() -> None:
    story = reported(recorded("r-1"), admitted()).when(arrived())
    assert story.state.conclusions.unplaced == ()


def test_a_case_that_nobody_has_reported_is_where_it_was_admitted_or_discharged_last() -> None:
    context = knowing(hospital(), hospital("B", jurisdiction="CN-BJ", district="Ditan", designated=False))
    for last in (admitted("B", "09-16T08:00"), discharged("09-16T08:00", institution_id="B")):
        known = row(reported(recorded("r-1"), admitted(), last, context=context))
        assert known is not None
        assert (known.jurisdiction, known.district) == ("CN-BJ", "Ditan")
        assert decode(known.unplaced or "")["time_zone"] == "Asia/Shanghai"


def test_of_an_institution_that_the_directory_does_not_know_discharge_may_know_the_place() -> None:
    discharge = discharged("09-16T08:00", jurisdiction="CN-BJ", district="Ditan")
    known = row(reported(recorded("r-1"), discharge, context=NOBODY))
    assert known is not None
    assert (known.jurisdiction, known.district) == ("CN-BJ", "Ditan")


def test_who_is_nowhere_is_on_the_list_of_the_unknown_and_looked_for_again_by_itself() -> None:
    story = reported(recorded("r-1"), admitted(), context=NOBODY)
    known = row(story)
    assert known is not None
    assert (known.jurisdiction, known.district, story.state.conclusions.due) == ("unknown", "", at("10-20T09:00"))
    story.context = CONTEXT
    story.until(at("10-20T09:00"))
    known = row(story)
    assert known is not None
    assert (known.jurisdiction, story.state.conclusions.due) == ("CN-SH", None)


def test_a_case_shows_what_it_is_and_which_tests_nobody_understood() -> None:
    story = reported(arrived(age=None, nationality=None), recorded("r-1", "not_detected"), recorded("r-2", test="1-1"))
    shown = views.case(story.state.facts, story.state.conclusions, RECEIVED_AT)
    assert (shown["status"], shown["tests_not_understood"]) == ("not_a_case", ["1-1"])
    assert (shown["person"].get("age"), shown["person"]["nationality"]) == (None, "unknown")
    shown = views.case(*reported(recorded("r-1"), admitted()).state[:2], RECEIVED_AT)
    assert (shown["status"], shown["place"]["district"]) == ("not_a_case", "Jinshan")
    assert shown["unplaced"][0]["reason"] == "nobody_reported"
