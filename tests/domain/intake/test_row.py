"""The case's row for the work list: by when the patient had to be admitted, and where."""

from typing import Any

from msgspec.json import decode

from services.intake.domain.institutions import Institutions
from services.intake.domain.worklist import Row
from services.intake.routes import CASE as KIND
from tests.domain.intake.journeys import CONTEXT, HOSPITAL, NOBODY, admitted, arrived, at, recorded
from tests.domain.story import Story


def reported(context: Institutions = CONTEXT) -> Story:
    """The child was tested, and found positive at 9:00."""
    return Story(KIND, context).given(arrived(), recorded(), received_at=at("09-15T10:00"))


def row(story: Story) -> Row:
    assert KIND.table is not None
    values = KIND.table.row(story.state)
    assert values is not None
    assert len(values) == len(KIND.table.columns)
    return Row(*values)


def item(story: Story) -> dict[str, Any]:
    found: dict[str, Any] = decode(row(story).transfer or "{}")
    return found


def test_whoever_is_no_case_has_a_row_for_those_who_belong_with_them_and_is_on_no_list() -> None:
    story = Story(KIND, CONTEXT).given(arrived(), received_at=at("09-15T10:00"))
    known = row(story)
    assert (known.person_ref, known.party_id, known.required) == ("p-7c1f", "party-4", '["paediatric"]')
    assert (known.transfer_by, known.unplaced_since, known.duplicate_since) == (None, None, None)


def test_of_whom_only_an_admission_is_known_there_is_no_row() -> None:
    assert KIND.table is not None
    assert KIND.table.row(Story(KIND, CONTEXT).given(admitted(), received_at=at("09-15T14:05")).state) is None


def test_a_transfer_is_due_when_the_patient_had_to_be_admitted() -> None:
    story = reported()
    assert row(story)[:2] == ("CN-SH", "Pudong")
    assert row(story).plain_district == "pudong"
    assert row(story).transfer_by == at("09-16T09:00")
    assert item(story) == {
        "kind": "transfer",
        "episode": 1,
        "to_institution_id": HOSPITAL,
        "required_capabilities": ["paediatric"],
        "why": ["confirmed", "child", "with_party"],
        "party_id": "party-4",
        "since": "2020-09-15T09:00:00+08:00",
        "overdue": 0,
        "time_zone": "Asia/Shanghai",
        "way": "confirmed",
        "admitted_by": None,
        "is_case": True,
    }


def test_it_stays_due_since_then_however_often_that_is_said() -> None:
    story = reported().until(at("09-17T10:00"))
    assert (row(story).transfer_by, item(story)["overdue"]) == (at("09-16T09:00"), 2)


def test_an_admission_ends_it() -> None:
    story = reported().given(admitted(), received_at=at("09-15T14:05"))
    assert (row(story).open, row(story).transfer_by, row(story).transfer) == (False, None, None)


def test_whoever_can_be_sent_nowhere_is_on_the_list_until_admitted_somewhere() -> None:
    story = reported(NOBODY)
    assert (row(story).transfer_by, item(story)["to_institution_id"]) == (at("09-16T09:00"), None)
    story.given(admitted(), received_at=at("09-15T14:05"))
    assert (row(story).open, row(story).transfer_by) == (True, None)


def test_the_row_says_when_the_institution_was_chosen() -> None:
    assert (row(reported()).to_institution_id, row(reported()).chosen_on) == (HOSPITAL, at("09-15T10:00").date())
    assert (row(reported(NOBODY)).to_institution_id, row(reported(NOBODY)).chosen_on) == (None, None)
