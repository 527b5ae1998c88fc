"""I4: who was sent on to another house, and who has to be brought back, is awaited there."""

from schemas.events.intake import TransferCompleted, TransferOverdue, TransferRequested
from schemas.message import Message
from services.intake.domain.institutions import Institutions
from services.intake.domain.worklist import Row
from services.intake.routes import CASE as KIND
from tests.domain.intake.journeys import (
    CONTEXT,
    HOSPITAL,
    NOBODY,
    admitted,
    arrived,
    at,
    discharged,
    hospital,
    knowing,
    other_stay,
    recorded,
    retracted,
    revoked,
    version,
)
from tests.domain.story import Story

LEFT, RECALLED = "10-12T10:00", "10-15T09:00"
TRANSFERRED = discharged(LEFT, "transferred")
TO_B = discharged(LEFT, "transferred", to_institution_id="B")
HOME = discharged(LEFT)
RECALL = revoked(LEFT, RECALLED)
BOTH = knowing(hospital(), hospital("B"))


def lying(context: Institutions = CONTEXT) -> Story:
    """Admitted to the hospital on 15 September."""
    return Story(KIND, context).given(arrived(), recorded("r-1"), admitted(), received_at=at("09-15T16:00"))


def published(story: Story, message: Message, when: str) -> Story:
    return story.when(message, received_at=at(when))


def test_i4_a_transfer_between_houses_is_awaited_by_the_next() -> None:
    story = published(lying(), TO_B, LEFT)
    story.then(
        (
            TransferRequested,
            {
                "kind": "onward",
                "leaves_at": "2020-10-12T10:00:00+08:00",
                "to_institution_id": "B",
                "why": ["onward", "child", "with_party"],
                "respond_by": "2020-10-13T10:00:00+08:00",
                "jurisdiction": "CN-SH",
                "district": "Pudong",
                "time_zone": "Asia/Shanghai",
            },
        )
    )
    published(story, admitted("B", "10-12T12:00"), "10-12T12:05").then((TransferCompleted, {"kind": "onward"}))


def test_i4_who_never_arrives_is_overdue_every_24_h() -> None:
    story = published(lying(), TRANSFERRED, LEFT)
    assert story.emitted[0].event.to_institution_id is None, "any house may admit"
    story.until(at("10-14T10:00"))
    assert [(one.event.kind, one.event.level) for one in story.emitted] == [("onward", 1), ("onward", 2)]
    row = Row(*((KIND.table and KIND.table.row(story.state)) or ()))
    assert (row.open, row.transfer_by) == (True, at("10-13T10:00"))
    published(story, admitted("C", "10-14T11:00"), "10-14T11:05").then(
        (TransferCompleted, {"kind": "onward", "to_institution_id": "C"})
    )
    assert story.state.conclusions.due is None


def test_i4_an_admission_elsewhere_than_the_named_house_is_asked_about_once() -> None:
    story = published(published(lying(), TO_B, LEFT), admitted("C", "10-12T12:00"), "10-12T12:05")
    story.then(
        (TransferOverdue, {"kind": "onward", "admitted_by": "C", "why": ["onward", "child", "with_party", "elsewhere"]})
    )
    story.until(at("10-20T00:00")).then((TransferOverdue, {"withdrawn": True}))


def test_i4_the_next_house_may_have_written_down_an_earlier_hour() -> None:
    story = published(lying(), admitted("B", "10-12T09:30"), "10-12T09:35")
    published(story, TO_B, LEFT).then((TransferCompleted, {"kind": "onward", "to_institution_id": "B"}))


def test_i4_the_first_admission_to_the_house_that_was_left_is_no_arrival_at_the_next() -> None:
    published(lying(), TRANSFERRED, LEFT).then((TransferRequested, {"kind": "onward"}))


def test_i4_a_transfer_that_is_told_late_is_awaited_from_then_on() -> None:
    late = discharged(LEFT, "transferred", known_at=at("10-16T08:00"))
    published(lying(), late, "10-16T08:00").then((TransferRequested, {"respond_by": "2020-10-17T08:00:00+08:00"}))


def test_i4_the_next_house_sends_home_whom_it_never_said_to_have_admitted() -> None:
    story = published(lying(), TRANSFERRED, LEFT)
    published(story, discharged("10-13T09:00"), "10-13T09:05").then((TransferRequested, {"withdrawn": True}))
    assert story.state.conclusions.due is None


def test_i4_a_death_ends_the_way_to_the_next_house() -> None:
    story = published(published(lying(), TO_B, LEFT), discharged("10-12T11:00", "died"), "10-12T11:05")
    story.then((TransferRequested, {"kind": "onward", "withdrawn": True}))
    assert story.emitted[0].time == at("10-12T11:00")


def test_i4_a_stay_for_another_illness_may_end_on_the_way_to_another_house_too() -> None:
    story = published(published(lying(), HOME, LEFT), admitted("C", "10-20T08:00"), "10-20T08:05")
    ended = other_stay("10-20T08:00", "10-21T08:00", "transferred", institution_id="C", to_institution_id="B")
    published(story, ended, "10-21T08:05").then((TransferRequested, {"kind": "onward", "to_institution_id": "B"}))
    published(story, admitted("B", "10-21T09:00"), "10-21T09:05").then(TransferCompleted)
    published(lying(), other_stay("10-20T08:00", "10-21T08:00"), "10-21T08:05").stays_quiet()


def test_i4_who_is_no_confirmed_case_is_awaited_too_and_marked() -> None:
    unconfirmed = discharged(LEFT, "transferred", to_institution_id="B")
    story = Story(KIND, CONTEXT).given(admitted(), received_at=at("09-15T16:00"))
    published(story, unconfirmed, LEFT).then((TransferRequested, {"kind": "onward", "district": "Jinshan"}))
    row = Row(*((KIND.table and KIND.table.row(story.state)) or ()))
    assert (row.jurisdiction, row.transfer_by) == ("CN-SH", at("10-13T10:00"))
    assert '"is_case":false' in (row.transfer or "")


def test_i4_a_recall_sends_the_patient_back_to_the_hospital_that_had_discharged() -> None:
    story = published(published(lying(BOTH), HOME, LEFT), RECALL, "10-15T09:05")
    recall = {"kind": "recalled", "leaves_at": "2020-10-15T09:00:00+08:00", "to_institution_id": HOSPITAL}
    story.then((TransferRequested, {**recall, "why": ["recalled", "child", "with_party"]}))
    story.until(at("10-16T09:00")).then((TransferOverdue, {**recall, "level": 1}))
    published(story, admitted(when="10-16T10:00"), "10-16T10:05").then((TransferCompleted, recall))
    assert story.state.conclusions.due is None


def test_i4_a_recalled_patient_is_sent_to_another_where_that_hospital_cannot() -> None:
    story = published(lying(BOTH), HOME, LEFT)
    story.context = knowing(hospital("B"))
    published(story, RECALL, "10-15T09:05").then((TransferRequested, {"kind": "recalled", "to_institution_id": "B"}))
    story = published(lying(BOTH), HOME, LEFT)
    story.context = NOBODY
    published(story, RECALL, "10-15T09:05").then((TransferRequested, {"to_institution_id": HOSPITAL}))


def test_i4_a_recalled_patient_who_lies_in_a_ward_again_is_there() -> None:
    story = published(published(lying(), HOME, LEFT), admitted(when="10-14T08:00"), "10-14T08:05")
    published(story, RECALL, "10-15T09:05").then((TransferCompleted, {"kind": "recalled"}))
    story = published(published(lying(), HOME, LEFT), admitted(when="10-14T08:00"), "10-14T08:05")
    published(story, other_stay("10-14T08:00", "10-14T20:00"), "10-14T20:05")
    published(story, RECALL, "10-15T09:05").then((TransferRequested, {"kind": "recalled"}))


def test_i4_a_discharge_that_holds_again_calls_the_recall_off() -> None:
    story = published(published(lying(), HOME, LEFT), RECALL, "10-15T09:05")
    published(story, HOME, "10-15T12:00").then((TransferRequested, {"kind": "recalled", "withdrawn": True}))


def test_i4_a_discharge_that_is_cancelled_or_excluded_recalls_nobody() -> None:
    for why in ("cancelled", "excluded"):
        published(published(lying(), HOME, LEFT), revoked(LEFT, RECALLED, why), "10-15T09:05").stays_quiet()


def test_i4_an_exclusion_calls_every_way_off() -> None:
    story = published(
        published(lying(), TO_B, LEFT), retracted(version("r-1"), resulted_at=at("10-12T10:30")), "10-12T10:35"
    )
    stated = [(type(one.event).__name__, one.event.withdrawn, one.time) for one in story.emitted]
    assert sorted(stated)[1:] == [
        ("TransferCompleted", True, at("10-12T10:30")),
        ("TransferRequested", True, at("10-12T10:30")),
    ]
