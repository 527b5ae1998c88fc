"""What every event of a transfer says: where to, why, what is needed there, and by when."""

from itertools import permutations
from typing import Any

import pytest

from schemas.events.intake import CaseImported, TransferCompleted, TransferOverdue, TransferRequested
from services.intake.routes import CASE
from tests.domain.intake.journeys import CONTEXT, HOSPITAL, admitted, arrived, at, recorded
from tests.domain.story import Story

RECEIVED_AT = at("09-15T16:00")


@pytest.mark.parametrize(
    ("messages", "event", "own"),
    [
        ((), TransferRequested, {}),
        ((admitted(),), TransferCompleted, {"admitted_at": "2020-09-15T14:00:00+08:00"}),
        ((), TransferOverdue, {"level": 1}),
    ],
    ids=["requested", "completed", "overdue"],
)
def test_i3_every_event_of_a_transfer_says_where_why_and_by_when(messages: Any, event: Any, own: Any) -> None:
    story = Story(CASE, CONTEXT).given(arrived(), recorded("r-1"), *messages, received_at=RECEIVED_AT)
    story.until(at("09-16T09:00") if "level" in own else at("09-16T08:00"))
    reported_of = {
        "case_id": "case-child",
        "jurisdiction": "CN-SH",
        "district": "Pudong",
        "time_zone": "Asia/Shanghai",
        "episode": 1,
        "kind": "confirmed",
        "to_institution_id": HOSPITAL,
        "required_capabilities": ["paediatric"],
        "why": ["confirmed", "child", "with_party"],
        "respond_by": "2020-09-16T09:00:00+08:00",
        "party_id": "party-4",
    }
    (emitted,) = [
        one.event for one in CASE.announce(CASE.begin(), story.state) if not isinstance(one.event, CaseImported)
    ]
    assert (type(emitted), emitted.model_dump(mode="json", exclude_none=True)) == (event, reported_of | own)


def test_i3_who_was_admitted_before_anybody_could_be_asked_was_not_asked_late() -> None:
    """Whatever of it is known first, though all of it is heard of five days later."""
    for order in permutations((arrived(), recorded("r-1"), admitted())):
        story = Story(CASE, CONTEXT).given(*order, received_at=at("09-20T10:00"))
        last = [one.event for one in CASE.announce(CASE.begin(), story.state)][-1]
        assert (type(last), last.respond_by) == (TransferCompleted, at("09-16T09:00"))


def test_i3_who_was_admitted_after_a_late_request_had_until_then() -> None:
    story = Story(CASE, CONTEXT).given(arrived(), recorded("r-1"), received_at=at("09-20T10:00"))
    story.when(admitted(when="09-20T15:00")).then((TransferCompleted, {"respond_by": "2020-09-21T10:00:00+08:00"}))
