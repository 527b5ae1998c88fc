"""What an institution is now: the latest of its versions that has begun to hold."""

from schemas.events.directory import InstitutionDelisted, InstitutionListed
from services.directory import views
from services.directory.routes import INSTITUTION
from tests.domain.directory.journeys import CENTRE, at, closed, declared
from tests.domain.story import Story

NOW = at("02-01T12:00")


def reported() -> Story:
    return Story(INSTITUTION).given(declared(), received_at=NOW)


def shown(story: Story) -> dict[str, object]:
    assert story.now is not None
    return views.institution(story.state.facts, story.state.conclusions, story.now)


def test_what_is_declared_is_listed() -> None:
    story = Story(INSTITUTION).when(declared(), received_at=NOW)
    story.then((InstitutionListed, {"institution_id": CENTRE, "version": 1, "kind": "community_centre"}))
    assert story.emitted[0].time == at("01-01T00:00")


def test_the_same_declaration_again_stays_quiet() -> None:
    reported().when(declared()).stays_quiet()


def test_what_is_to_come_is_listed_when_it_begins_and_not_before() -> None:
    story = Story(INSTITUTION).when(declared("03-01T00:00"), received_at=NOW).stays_quiet()
    assert shown(story)["state"] == "unknown"
    story.until(at("02-29T23:59")).stays_quiet()
    story.until(at("03-01T00:00")).then((InstitutionListed, {"version": 1}))


def test_another_version_is_another_entry_from_its_own_instant_on() -> None:
    story = reported().when(declared("03-01T00:00", designated=True)).stays_quiet()
    story.until(at("03-02T00:00")).then((InstitutionListed, {"designated": True, "version": 2}))
    assert story.emitted[0].time == at("03-01T00:00")


def test_a_version_of_the_past_does_not_replace_what_holds_now_but_counts() -> None:
    reported().when(declared("01-15T00:00")).then((InstitutionListed, {"version": 2}))
    late = Story(INSTITUTION).given(declared("01-15T00:00", name="Newer"), received_at=NOW)
    late.when(declared(name="Older")).then((InstitutionListed, {"name": "Newer", "version": 2}))


def test_a_correction_of_a_version_is_the_one_written_down_later() -> None:
    reported().when(declared(name="Right Name")).then((InstitutionListed, {"name": "Right Name", "version": 1}))
    reported().when(declared(name="Older Word"), recorded=at("01-05T00:00")).stays_quiet()


def test_what_is_withdrawn_is_delisted_with_what_it_was() -> None:
    story = reported().when(closed("03-01T00:00")).stays_quiet()
    story.until(at("03-01T00:00"))
    gone = {"name": "Example Community Health Centre", "version": 2, "effective_from": "2020-03-01T00:00:00+08:00"}
    story.then((InstitutionDelisted, gone))
    assert shown(story)["state"] == "delisted"


def test_what_was_closed_may_open_again() -> None:
    story = reported().given(closed("01-10T00:00")).when(declared("01-20T00:00"))
    story.then((InstitutionListed, {"version": 3}))


def test_a_withdrawal_of_what_nobody_declared_waits() -> None:
    story = Story(INSTITUTION).when(closed("01-10T00:00"), received_at=NOW).stays_quiet()
    story.when(declared()).then((InstitutionDelisted, {"version": 2}))


def test_a_declaration_that_is_undone_from_its_own_instant_on_is_taken_back() -> None:
    reported().when(closed("01-01T00:00")).then((InstitutionListed, {"withdrawn": True}))


def test_what_is_to_come_is_shown() -> None:
    story = reported().given(closed("06-01T00:00"))
    assert shown(story)["version"] == 1
    assert [version["is_gone"] for version in shown(story)["to_come"]] == [True]  # type: ignore[attr-defined]
