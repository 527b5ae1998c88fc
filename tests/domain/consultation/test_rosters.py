"""C4: a 24-hour channel has somebody on its roster at every minute of the next 7 days, else the gap is found."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from schemas.events.consultation import RosterGapFound
from schemas.message import Event, Message
from services.consultation.routes import CHANNEL
from tests.domain.consultation.kinds import BEIJING, ELSEWHERE, HOSPITAL, at, closed, opened, rostered, unrostered
from tests.domain.story import Story


def reported(*messages: Message, when: str = "12-09T07:00") -> Story:
    """All of this came then, an hour before the channel opens."""
    return Story(CHANNEL, BEIJING).given(*messages, received_at=at(when))


def gap(begins: str, ends: str, **more: Any) -> tuple[type[Event], dict[str, Any]]:
    """As the event says it; a gap that stands, unless more is said."""
    written = {"from": at(begins).isoformat(), "until": at(ends).isoformat()}
    return RosterGapFound, {**written, "withdrawn": None, **more}


COVERED = (opened("12-09T08:00"), rostered("12-09T08:00", "12-25T08:00"))


def test_a_channel_with_somebody_at_every_minute_of_the_next_7_days_stays_quiet() -> None:
    night, day = rostered("12-09T20:00", "12-16T08:00", "e-2"), rostered("12-09T08:00", "12-09T20:00")

    reported(night, day).when(opened("12-09T08:00")).stays_quiet()


def test_hours_without_anybody_are_a_gap() -> None:
    story = reported(rostered("12-09T08:00", "12-09T20:00"), rostered("12-10T08:00", "12-20T08:00", "e-2"))

    found = gap("12-09T20:00", "12-10T08:00", institution_id=HOSPITAL, channel_id="bj-children-online")
    story.when(opened("12-09T08:00")).then(found)
    assert story.emitted[0].time == at("12-02T20:00"), "7 days before it begins"


def test_a_channel_without_any_roster_has_a_gap_from_its_opening_on_said_7_days_long() -> None:
    reported().when(opened("12-09T08:00"), received_at=at("12-09T07:00")).then(gap("12-09T08:00", "12-16T08:00"))


def test_a_gap_that_lies_more_than_7_days_ahead_is_found_7_days_before_it_begins() -> None:
    story = reported(opened("12-09T08:00"))
    story.when(rostered("12-09T08:00", "12-20T08:00")).then(gap("12-09T08:00", "12-16T08:00", withdrawn=True))

    story.until(at("12-13T07:59")).stays_quiet()
    story.until(at("12-13T08:00")).then(gap("12-20T08:00", "12-27T08:00"))


def test_a_roster_that_ends_is_a_gap_without_end_said_in_pieces_of_7_days() -> None:
    story = reported(*COVERED)

    story.until(at("12-18T08:00")).then(gap("12-25T08:00", "2023-01-01T08:00"))
    story.until(at("12-25T07:59")).stays_quiet()
    story.until(at("12-25T08:00")).then(RosterGapFound)
    assert story.emitted[0].event.from_ == at("12-25T08:00") + timedelta(days=7)


def test_a_gap_that_is_filled_is_withdrawn() -> None:
    story = reported(*COVERED).until(at("12-20T08:00"))

    story.when(rostered("12-25T08:00", "12-31T23:00", "e-2")).then(
        gap("12-25T08:00", "2023-01-01T08:00", withdrawn=True)
    )


def test_a_gap_that_is_filled_in_part_is_the_rest() -> None:
    story = reported(rostered("12-09T08:00", "12-09T20:00"), rostered("12-10T08:00", "12-20T08:00", "e-2"), COVERED[0])

    story.when(rostered("12-09T20:00", "12-10T02:00", "e-3")).then(
        gap("12-09T20:00", "12-10T08:00", withdrawn=True), gap("12-10T02:00", "12-10T08:00")
    )


def test_a_shift_that_is_taken_back_leaves_its_gap() -> None:
    night = rostered("12-09T20:00", "12-10T08:00", "e-3")
    story = reported(
        *COVERED[:1], rostered("12-09T08:00", "12-09T20:00"), night, rostered("12-10T08:00", "12-24T08:00")
    )

    story.when(unrostered("12-09T20:00", "e-3")).then(gap("12-09T20:00", "12-10T08:00"))
    story.when(night).then(gap("12-09T20:00", "12-10T08:00", withdrawn=True))


def test_a_shift_of_another_expert_at_the_same_hour_is_not_taken_back() -> None:
    second = rostered("12-09T08:00", "12-25T08:00", "e-2")

    reported(*COVERED, second).when(unrostered("12-09T08:00", "e-1")).stays_quiet()


def test_a_shift_that_is_taken_back_before_it_is_known_never_was() -> None:
    story = Story(CHANNEL, BEIJING).given(COVERED[0], received_at=at("12-09T07:00"))
    story.when(unrostered("12-09T08:00"), recorded=at("12-09T06:59")).stays_quiet()

    story.when(COVERED[1], recorded=at("12-09T06:58")).stays_quiet()
    assert [shift.stands for shift in story.state.facts.shifts] == [False]


def test_of_two_ends_of_a_shift_the_later_recorded_holds() -> None:
    story = reported(*COVERED)

    shorter = rostered("12-09T08:00", "12-12T08:00")
    story.when(shorter, recorded=at("12-09T06:00")).stays_quiet()
    story.when(shorter, recorded=at("12-09T07:30")).then(gap("12-12T08:00", "12-19T08:00"))


def test_a_past_gap_that_nobody_filled_stays() -> None:
    story = reported(rostered("12-09T08:00", "12-09T20:00"), rostered("12-10T08:00", "12-31T08:00", "e-2"), COVERED[0])

    story.until(at("12-20T08:00")).stays_quiet()
    assert [one.from_at for one in story.state.conclusions.gaps] == [at("12-09T20:00")]


def test_less_than_a_minute_is_no_gap_and_a_minute_is_one() -> None:
    until = rostered("12-09T08:00", "12-09T20:00")
    beyond = {"ends": "12-24T08:00", "expert": "e-2"}
    nearly = rostered("12-09T20:00", from_=at("12-09T20:00") + timedelta(seconds=59), **beyond)

    reported(until, nearly).when(opened("12-09T08:00")).stays_quiet()
    reported(until, rostered("12-09T20:01", **beyond)).when(opened("12-09T08:00")).then(
        gap("12-09T20:00", "12-09T20:01")
    )


def test_overlapping_shifts_and_one_within_another_cover_once() -> None:
    shifts = (
        rostered("12-08T00:00", "12-12T08:00"),
        rostered("12-09T09:00", "12-09T10:00", "e-2"),
        rostered("12-12T07:00", "12-19T08:00", "e-3"),
    )

    reported(*shifts).when(opened("12-09T08:00")).stays_quiet()


def test_a_channel_that_is_not_open_around_the_clock_stays_quiet() -> None:
    story = reported(rostered("12-09T08:00", "12-09T20:00"))

    story.when(opened("12-09T08:00", open_24h=False)).stays_quiet()
    story.until(at("12-31T08:00")).stays_quiet()


def test_a_channel_that_becomes_a_24_hour_one_needs_somebody_from_then_on() -> None:
    story = reported(opened("12-09T08:00", open_24h=False), rostered("12-14T08:00", "12-28T08:00"))

    story.when(opened("12-13T08:00")).then(gap("12-13T08:00", "12-14T08:00"))


def test_a_channel_that_is_declared_anew_without_a_break_has_no_other_gap() -> None:
    reported(*COVERED).when(opened("12-12T08:00", departments=["infection"])).stays_quiet()


def test_a_gap_across_a_new_declaration_of_the_same_institution_is_one() -> None:
    story = reported(rostered("12-12T12:00", "12-24T08:00"), opened("12-12T08:00"))

    story.when(opened("12-12T06:00", name="Before")).then(
        gap("12-12T08:00", "12-12T12:00", withdrawn=True), gap("12-12T06:00", "12-12T12:00")
    )


def test_a_gap_is_that_of_the_institution_that_declared_the_channel_then() -> None:
    story = reported(opened("12-09T08:00"), rostered("12-09T09:00", "12-24T08:00"))

    story.when(opened("12-09T08:00", institution_id=ELSEWHERE)).then(
        gap("12-09T08:00", "12-09T09:00", institution_id=ELSEWHERE)
    )


def test_after_the_closing_nobody_is_missed() -> None:
    story = reported(*COVERED)

    story.when(closed("12-24T08:00")).stays_quiet()
    story.until(at("12-31T08:00")).stays_quiet()


def test_a_gap_that_ends_with_the_closing_is_said_until_then() -> None:
    story = reported(*COVERED, when="12-20T08:00")
    assert [one.until for one in story.state.conclusions.gaps] == [at("2023-01-01T08:00")]

    story.when(closed("12-28T08:00")).then(gap("12-25T08:00", "12-28T08:00"))
    story.when(closed("12-25T08:00")).then(gap("12-25T08:00", "12-28T08:00", withdrawn=True))


def test_a_channel_that_closes_before_its_gap_begins_takes_the_gap_back() -> None:
    story = reported(COVERED[0], rostered("12-09T08:00", "12-12T08:00"))

    story.when(closed("12-11T08:00")).then(gap("12-12T08:00", "12-19T08:00", withdrawn=True))


def test_a_channel_that_opens_again_needs_somebody_from_then_on() -> None:
    story = reported(*COVERED, closed("12-12T08:00"), rostered("12-26T08:00", "12-31T08:00", "e-2"))

    story.when(opened("12-24T08:00")).stays_quiet()
    story.until(at("12-18T08:00")).then(gap("12-25T08:00", "12-26T08:00"))


def test_a_channel_that_closes_and_opens_at_one_instant_needs_somebody_from_then_on() -> None:
    reported(closed("12-09T08:00")).when(opened("12-09T08:00"), received_at=at("12-09T07:00")).then(
        gap("12-09T08:00", "12-16T08:00")
    )


def test_nobody_is_missed_while_a_channel_is_closed() -> None:
    story = reported(rostered("12-09T08:00", "12-10T08:00"), rostered("12-12T08:00", "12-24T08:00"))
    story.given(closed("12-10T08:00"), opened("12-12T08:00"))

    story.when(opened("12-09T08:00")).stays_quiet()


def test_nobody_is_missed_before_the_epidemic_however_early_a_channel_is_said_to_have_opened() -> None:
    story = reported(rostered("12-09T08:00", "12-24T08:00"))

    story.when(opened("12-09T08:00", opened_at=at("12-09T08:00").replace(year=1900))).then(RosterGapFound)
    found = story.emitted[0].event
    assert (found.from_.astimezone(UTC).isoformat(), found.until) == ("2019-12-01T00:00:00+00:00", at("12-09T08:00"))


@pytest.mark.parametrize("ends", ["12-09T08:00", "12-09T07:59"])
def test_a_shift_that_does_not_end_later_than_it_begins_is_refused(ends: str) -> None:
    reported().when(rostered("12-09T08:00", ends), received_at=at("12-09T07:00")).refuses("invalid", "until")
