"""The case's row for the work lists: the call and the visit that are due first, and nothing that nobody has to do."""

from datetime import datetime
from typing import Any

from msgspec.json import decode

from services.followup.domain.worklist import Row
from services.followup.routes import CASE
from tests.domain.followup.journeys import RETURNED, admitted, at, called, discharged, log, revoked, visited
from tests.domain.followup.stories import call_id, happening, home, logged, unknown
from tests.domain.story import Story

Due = tuple[datetime, dict[str, Any]] | None


def row(story: Story) -> Row:
    """The row, once there is one."""
    assert CASE.table is not None
    values = CASE.table.row(story.state)
    assert values is not None
    assert len(values) == len(CASE.table.columns)
    return Row(*values)


def call(story: Story) -> Due:
    """When the first call is due, and what is said of it."""
    found = row(story)
    return None if found.call_by is None else (found.call_by, decode(found.call or ""))


def visit(story: Story) -> Due:
    found = row(story)
    return None if found.visit_by is None else (found.visit_by, decode(found.visit or ""))


def test_a_case_without_a_plan_has_no_row() -> None:
    assert CASE.table is not None
    assert CASE.table.row(unknown().given(log(1)).state) is None


def test_a_patient_who_logs_is_to_be_called_by_nobody_and_expected_in_week_2() -> None:
    story = happening(home(), *logged(1, 4)).until(at(4, 23))
    found = row(story)
    assert (found.jurisdiction, found.district, found.call_by) == ("CN-SH", "Pudong", None)
    assert visit(story) == (
        at(15, 0),
        {
            "kind": "return_visit",
            "visit": "week_2",
            "time_zone": "Asia/Shanghai",
            "more": 1,
            "due_on": "2020-10-31",
            "missed_at": "2020-11-02T00:00:00+08:00",
        },
    )


def test_a_missed_day_puts_a_call_on_the_list_and_its_next_step_takes_its_place() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 1))
    assert call(story) == (
        at(7, 0),
        {
            "kind": "call",
            "visit": None,
            "time_zone": "Asia/Shanghai",
            "more": 0,
            "call_id": call_id(story),
            "attempt": 1,
            "calls": 3,
            "days": [5],
            "since": "2020-10-23T00:00:00+08:00",
            "why": "day_missed",
        },
    )
    by, second = call(story.until(at(7, 1))) or (None, {})
    assert (by, second["attempt"], second["days"]) == (at(7, 12), 2, [5, 6])


def test_a_call_that_reached_the_patient_is_on_the_list_no_more() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 1))
    story.when(called(call_id(story), at(6, 11)), received_at=at(6, 12))
    assert call(story) is None


def test_after_the_last_call_the_home_visit_comes_before_the_return_visits() -> None:
    story = happening(home(), *logged(1, 4)).until(at(8, 1))
    assert call(story) is None
    by, found = visit(story) or (None, {})
    assert (by, found["kind"], found["days"], found["more"]) == (at(9, 0), "home_visit", [5, 6, 7], 2)


def test_whoever_is_lost_is_called_by_nobody_and_still_expected() -> None:
    story = happening(home(), *logged(1, 4)).until(at(9, 1))
    assert call(story) is None
    assert (visit(story) or ("", {"visit": ""}))[1]["visit"] == "week_2"


def test_a_missed_return_visit_is_a_call_about_it_and_the_next_one_is_expected() -> None:
    story = happening(home(), *logged()).until(at(16, 1))
    by, about = call(story) or (None, {})
    assert (by, about["visit"], about["days"]) == (at(17, 0), "week_2", [])
    assert (visit(story) or ("", {"visit": ""}))[1]["visit"] == "week_4"


def test_an_attended_return_visit_is_expected_no_more() -> None:
    story = happening(home(), *logged(), RETURNED).until(at(16))
    assert (visit(story) or ("", {"visit": ""}))[1]["visit"] == "week_4"
    assert visit(story.given(visited("week_4", at(28)), received_at=at(28, 12))) is None


def test_a_cancelled_plan_asks_for_nothing() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 1)).given(revoked(at(6, 2)), received_at=at(6, 2))
    assert set(row(story)[2:-1]) == {None}
    assert (row(story)[1], row(story)[-1]) == ("Pudong", "pudong"), "a district as it is written, and as it is compared"


def test_a_visit_whose_deadline_was_skipped_is_expected_no_more() -> None:
    story = happening(home(), *logged(1, 4)).given(revoked(at(5)), received_at=at(5)).until(at(40))
    story.given(discharged(), received_at=at(40, 1))
    assert story.state.conclusions.plans[-1].status.state != "cancelled"
    assert visit(story) is None


def test_of_two_calls_the_one_due_first_is_shown_with_how_many_there_are_more() -> None:
    story = happening(home(), *logged(1, 13)).until(at(16, 1))
    open_calls = [one for one in story.state.conclusions.plans[-1].calls if not one.outcome and not one.home]
    assert len(open_calls) == 2
    by, first = call(story) or (None, {})
    assert (by, first["more"]) == (min(one.call_by for one in open_calls), 1)


def test_words_that_nobody_understands_are_on_a_list_until_aftercare_says_no_more_of_them() -> None:
    story = home().given(log(1, symptoms=("mi pecho duele",)), received_at=at(1, 9))
    found = row(story)
    assert found.word_at == at(1, 8)
    item = decode(found.word or "")
    assert (item["kind"], item["words"], item["evidence"]) == (
        "not_understood",
        ["mi pecho duele"],
        "log@2020-10-18/am",
    )


def test_whoever_lies_in_hospital_is_called_and_expected_by_nobody() -> None:
    story = happening(home(), *logged(1, 3)).until(at(5, 1)).given(admitted(at(5, 10)), received_at=at(5, 11))
    assert (call(story), visit(story)) == (None, None)


def test_whoever_lives_nobody_knows_where_is_on_the_lists_of_unknown() -> None:
    left = discharged(residence=None, jurisdiction=None, district=None)
    found = row(unknown().given(left, received_at=at(0, 11)))
    assert (found.jurisdiction, found.district) == ("unknown", "")
