"""I3: whoever lies in a suitable institution is not sent to another."""

from itertools import permutations

from schemas.events.intake import CaseImported, TransferCompleted, TransferOverdue, TransferRequested
from schemas.message import Message
from services.intake.domain.institutions import Institutions
from services.intake.routes import CASE
from tests.domain.intake.journeys import (
    CONTEXT,
    admitted,
    arrived,
    at,
    discharged,
    hospital,
    knowing,
    recorded,
    revoked,
)
from tests.domain.story import Story

RECEIVED_AT = at("09-15T16:00")


def nearer_and(**changed: object) -> Institutions:
    """A in the district of the residence, and B in another."""
    return knowing(hospital("A", district="Pudong"), hospital("B", **changed))


def reported(*messages: Message, context: Institutions) -> Story:
    return Story(CASE, context).given(*messages, received_at=RECEIVED_AT)


def test_i3_who_lies_in_a_suitable_one_already_stays_there() -> None:
    reported(arrived(), admitted("B"), context=nearer_and()).when(recorded("r-1")).then(
        CaseImported, (TransferCompleted, {"to_institution_id": "B"})
    )


def test_i3_a_choice_falls_when_another_suitable_one_admits() -> None:
    story = reported(arrived(), recorded("r-1"), context=nearer_and()).until(at("09-17T10:00"))
    assert story.state.conclusions.transfers[0].overdue == 2
    story.when(admitted("B", "09-17T11:00"), received_at=at("09-17T11:05")).then(
        (TransferCompleted, {"to_institution_id": "B", "admitted_at": "2020-09-17T11:00:00+08:00"})
    )
    assert story.state.conclusions.due is None


def test_i3_a_choice_stands_when_one_admits_that_cannot_do_what_is_needed() -> None:
    story = reported(arrived(), recorded("r-1"), context=nearer_and(capabilities=())).when(admitted("B"))
    story.then((TransferOverdue, {"to_institution_id": "A", "admitted_by": "B"}))


def test_i3_that_one_is_asked_when_its_admission_is_taken_back() -> None:
    story = reported(arrived(), recorded("r-1"), admitted("B"), context=nearer_and())
    story.when(admitted("B", withdrawn=True)).then((TransferRequested, {"to_institution_id": "B"}))


def test_i3_the_first_suitable_one_to_admit_is_where_the_patient_went_in_whatever_order_it_is_told() -> None:
    messages = (arrived(), recorded("r-1"), admitted("C", "09-15T11:00"), admitted("B", "09-15T12:00"), admitted("A"))
    for order in permutations(messages):
        context = knowing(hospital("A", district="Pudong"), hospital("B"), hospital("C", capabilities=()))
        story = reported(*order, context=context)
        emitted = [emitted.event for emitted in CASE.announce(CASE.begin(), story.state)]
        assert [(type(one), one.to_institution_id) for one in emitted[1:]] == [(TransferCompleted, "B")]


def test_i3_who_lay_there_before_anybody_was_asked_is_there_since_the_admission_whatever_is_read_first() -> None:
    """An admission that is told after the discharge was undone and said again, or in between."""
    chosen = []
    for order in (
        (revoked("09-15T20:00", "09-16T09:00", "cancelled"), admitted(), discharged("09-16T11:00")),
        (revoked("09-15T20:00", "09-16T09:00", "cancelled"), discharged("09-16T11:00"), admitted()),
        (admitted(), revoked("09-15T20:00", "09-16T09:00", "cancelled"), discharged("09-16T11:00")),
    ):
        story = Story(CASE, CONTEXT).given(arrived(), recorded("r-1"), received_at=at("09-16T21:00"))
        story.given(discharged("09-15T20:00"), received_at=at("09-16T21:00"))
        for number, one in enumerate(order):
            story.given(one, received_at=at(f"09-1{7 + number}T21:00"))
        chosen.append([(one.chosen_on, one.chosen_at, one.asked_late_at) for one in story.state.conclusions.transfers])
    assert chosen == [[(at("09-15T14:00").date(), at("09-15T14:00"), at("09-15T14:00"))]] * 3


def test_i3_whoever_was_asked_before_the_admission_was_chosen_then() -> None:
    story = reported(arrived(), recorded("r-1"), context=nearer_and())
    story.given(admitted("A", "09-16T18:00"), received_at=at("09-16T19:00"))
    (transfer,) = story.state.conclusions.transfers
    assert (transfer.chosen_on, transfer.chosen_at) == (RECEIVED_AT.date(), RECEIVED_AT)


def test_i3_an_hour_that_is_still_to_come_chooses_nobody() -> None:
    story = reported(arrived(), recorded("r-1"), admitted("A", "09-15T18:00"), context=nearer_and())
    assert story.state.conclusions.transfers[0].chosen_at == RECEIVED_AT


def test_i4_an_admission_that_is_taken_back_late_has_asked_nobody_so_far() -> None:
    story = Story(CASE, CONTEXT).given(arrived(), recorded("r-1"), admitted(), received_at=at("09-20T10:00"))
    story.when(admitted(withdrawn=True), received_at=at("09-20T12:00"))
    story.then((TransferRequested, {"respond_by": "2020-09-21T12:00:00+08:00"}))
