"""A channel: open from its latest opening to the next closing, where its institution is; and the row of it."""

from typing import Any

from msgspec.json import decode

from schemas.message import Message
from services.consultation.domain.channel.read_model import Row
from services.consultation.domain.institutions import Directory
from services.consultation.routes import CHANNEL
from tests.domain.consultation.kinds import (
    BEIJING,
    CHANNEL_ID,
    ELSEWHERE,
    HOSPITAL,
    NOWHERE,
    at,
    closed,
    opened,
    rostered,
    unrostered,
)
from tests.domain.story import Story


def reported(*messages: Message, when: str = "12-09T09:00", context: Directory = BEIJING) -> Story:
    """All of this came then."""
    return Story(CHANNEL, context).given(*messages, received_at=at(when))


def is_open(story: Story) -> bool:
    found: bool = story.state.conclusions.is_open
    return found


def row(story: Story) -> Row:
    assert CHANNEL.table
    values = CHANNEL.table.row(story.state)
    assert values is not None
    return Row(*values)


def shifts(story: Story) -> list[list[Any]]:
    found: list[list[Any]] = decode(row(story).shifts)
    return found


def test_a_channel_is_open_from_its_opening_on() -> None:
    story = reported(opened("12-09T12:00"))

    assert not is_open(story)
    assert not is_open(story.until(at("12-09T11:59")))
    assert is_open(story.until(at("12-09T12:00")))


def test_a_channel_is_open_until_its_closing() -> None:
    story = reported(opened("12-09T08:00"), closed("12-20T08:00"))

    assert is_open(story.until(at("12-20T07:59")))
    assert not is_open(story.until(at("12-20T08:00")))


def test_a_closing_without_an_instant_is_of_when_it_was_written_down() -> None:
    story = reported(opened("12-09T08:00")).when(closed(), received_at=at("12-20T08:00"), recorded=at("12-19T20:00"))

    assert [one.closed_at for one in story.state.facts.closings] == [at("12-19T20:00")]
    assert not is_open(story)


def test_a_channel_opens_again() -> None:
    story = reported(opened("12-09T08:00"), closed("12-12T08:00"), opened("12-14T08:00"))

    assert not is_open(story.until(at("12-14T07:59")))
    assert is_open(story.until(at("12-14T08:00")))


def test_a_closing_at_the_instant_of_an_opening_ends_what_was_before() -> None:
    assert is_open(reported(closed("12-09T08:00"), opened("12-09T08:00")))


def test_a_closing_before_the_opening_closes_nothing() -> None:
    assert is_open(reported(closed("12-09T07:00"), opened("12-09T08:00")))


def test_a_later_opening_declares_the_channel_anew_from_then_on() -> None:
    story = reported(opened("12-12T08:00", name="Anew", institution_id=ELSEWHERE), opened("12-09T08:00"))

    assert decode(row(story).entry)["name"] == "Children online"
    story.until(at("12-12T08:00"))
    assert decode(row(story).entry)["name"] == "Anew"
    assert (row(story).institution_id, row(story).district) == (ELSEWHERE, "Haidian")


def test_a_channel_that_is_yet_to_open_shows_how_it_will_open() -> None:
    found = row(reported(opened("12-14T08:00", name="Then"), opened("12-12T08:00", name="First")))

    assert (found.is_open, decode(found.entry)["name"]) == (False, "First")


def test_of_two_declarations_of_one_opening_the_later_recorded_holds() -> None:
    story = reported(opened("12-09T08:00", name="Right"))
    story.when(opened("12-09T08:00", name="Wrong"), recorded=at("12-09T07:00"))

    assert decode(row(story).entry)["name"] == "Right"


def test_a_channel_is_where_its_institution_is() -> None:
    conclusions = reported(opened("12-09T08:00")).state.conclusions

    assert (conclusions.jurisdiction, conclusions.district) == ("CN-BJ", "Xicheng")


def test_a_channel_whose_institution_is_not_in_the_directory_is_open_at_no_known_place() -> None:
    story = reported(opened("12-09T08:00"), context=NOWHERE)

    assert (story.state.conclusions.jurisdiction, story.state.conclusions.district) == (None, None)
    assert (row(story).jurisdiction, row(story).district, row(story).plain_district) == ("unknown", "", "")
    assert row(story).is_open
    assert decode(row(story).entry).get("jurisdiction") is None
    assert decode(row(story).gap or "")["time_zone"] == "UTC"


def test_a_channel_that_was_never_declared_has_no_row() -> None:
    assert CHANNEL.table
    story = reported(rostered("12-09T08:00", "12-09T20:00"), closed("12-20T08:00"))

    assert CHANNEL.table.row(story.state) is None
    assert not is_open(story)


def test_the_row_has_the_columns_of_its_table() -> None:
    assert CHANNEL.table
    assert Row._fields == tuple(CHANNEL.table.columns)


def test_the_row_says_what_a_router_needs() -> None:
    found = row(reported(opened("12-09T08:00"), rostered("12-09T08:00", "12-25T08:00")))

    assert decode(found.entry) == {
        "channel_id": CHANNEL_ID,
        "institution_id": HOSPITAL,
        "name": "Children online",
        "jurisdiction": "CN-BJ",
        "district": "Xicheng",
        "departments": ["respiratory_medicine", "general_medicine"],
        "priority_groups": ["child"],
        "open_24h": True,
        "opened_at": "2022-12-09T08:00:00+08:00",
        "is_open": True,
        "closed_at": None,
        "closing_received_at": None,
    }
    assert (found.jurisdiction, found.district, found.plain_district) == ("CN-BJ", "Xicheng", "xicheng")
    assert (found.gap_from, found.gap) == (None, None)


def test_the_row_has_the_shifts_that_stand_by_their_beginning_and_expert() -> None:
    late, taken_back = rostered("12-10T08:00", "12-10T20:00", "e-1"), rostered("12-09T20:00", "12-10T08:00", "e-3")
    early = rostered("12-09T08:00", "12-09T20:00", "e-2", prescriber=False), rostered("12-09T08:00", "12-09T20:00")
    story = reported(opened("12-09T08:00"), late, taken_back, *early, unrostered("12-09T20:00", "e-3"))

    assert shifts(story) == [
        ["e-1", True, "2022-12-09T08:00:00+08:00", "2022-12-09T20:00:00+08:00"],
        ["e-2", False, "2022-12-09T08:00:00+08:00", "2022-12-09T20:00:00+08:00"],
        ["e-1", True, "2022-12-10T08:00:00+08:00", "2022-12-10T20:00:00+08:00"],
    ]


def test_the_row_leaves_out_shifts_that_ended_45_days_before_the_last_one() -> None:
    first, last = rostered("10-16T08:00", "10-16T20:00"), rostered("11-30T08:00", "11-30T20:00")

    assert len(shifts(reported(opened("10-16T08:00"), first, last))) == 1
    assert len(shifts(reported(opened("10-16T08:00"), first, rostered("11-30T08:00", "11-30T19:59")))) == 2


def test_the_row_goes_by_when_the_roster_was_last_written() -> None:
    first, last = rostered("10-16T08:00", "10-16T20:00"), rostered("11-30T08:00", "11-30T20:00")
    story = reported(opened("10-16T08:00"), first, when="10-16T08:00")

    story.when(last, received_at=at("11-20T08:00"))
    assert len(shifts(story)) == 2
    story.when(rostered("12-01T08:00", "12-01T20:00"), received_at=at("12-01T07:00"))
    assert [one[2][:10] for one in shifts(story)] == ["2022-11-30", "2022-12-01"]


def test_a_shift_that_ends_in_a_year_far_ahead_by_a_slip_leaves_the_others_in_the_row() -> None:
    slip = rostered("12-09T08:00", "12-09T20:00", "e-2", until=at("12-09T20:00").replace(year=2122))

    assert len(shifts(reported(opened("12-09T08:00"), rostered("12-09T08:00", "12-09T20:00"), slip))) == 2


def test_the_row_shows_the_first_gap_that_is_not_over() -> None:
    story = reported(
        opened("12-09T08:00"),
        rostered("12-09T08:00", "12-10T08:00"),
        rostered("12-10T10:00", "12-12T08:00"),
        rostered("12-12T12:00", "12-31T08:00"),
    )

    assert row(story).gap_from == at("12-10T08:00")
    assert decode(row(story).gap or "") == {
        "kind": "roster",
        "from": "2022-12-10T08:00:00+08:00",
        "until": "2022-12-10T10:00:00+08:00",
        "institution_id": HOSPITAL,
        "name": "Children online",
        "time_zone": "Asia/Shanghai",
        "more": 1,
    }
    story.until(at("12-10T10:00"))
    assert (row(story).gap_from, decode(row(story).gap or "")["more"]) == (at("12-12T08:00"), 0)
    story.until(at("12-12T12:00"))
    assert (row(story).gap_from, row(story).gap) == (None, None)


def test_a_channel_at_no_known_place_is_looked_at_once_more_after_a_minute() -> None:
    story = reported(opened("12-09T08:00", open_24h=False), context=NOWHERE)
    assert story.state.conclusions.due == at("12-09T09:01")

    story.context = BEIJING
    story.until(at("12-09T09:01"))
    assert row(story).jurisdiction == "CN-BJ"
    assert story.state.conclusions.due is None


def test_a_channel_that_stays_at_no_known_place_is_not_looked_at_for_ever() -> None:
    story = reported(opened("12-09T08:00", open_24h=False), context=NOWHERE).until(at("12-09T09:01"))
    assert story.state.conclusions.due is None
