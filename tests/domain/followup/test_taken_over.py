"""Right after a process has taken a case over nobody can tell how far has been read, and what comes is judged all the
same."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chassis.consume.watermarks import NEVER
from schemas.message import Message
from services.followup.routes import CASE as KIND
from tests.domain.followup.journeys import at, discharged, log, retested, revoked
from tests.domain.followup.stories import happening, home, logged
from tests.domain.story import Story


def lost() -> Story:
    return happening(home(), *logged(1, 4)).until(at(10, 1))


def held() -> Story:
    return happening(home(), *logged(but=(5,))).until(at(15, 1))


def revoked_over_its_end() -> Story:
    return happening(home(), *logged(1, 14), revoked(at(14, 12))).until(at(20, 1))


def held_then_revoked() -> Story:
    return held().given(revoked(at(15, 2)), received_at=at(15, 2)).until(at(20, 1))


@pytest.mark.parametrize(
    ("reported", "message"),
    [
        (lost, retested("r-9", at(9))),
        (lost, log(9)),
        (held, log(14, celsius=36.8, reported_at=at(14, 21))),
    ],
)
def test_a_message_is_judged_and_the_plan_looked_at_again_as_if_all_had_been_read(
    reported: Callable[[], Story], message: Message
) -> None:
    story, known = reported(), reported()
    assert story.now is not None
    received_at = story.now.replace(hour=3)
    story.when(message, received_at=received_at, watermark=NEVER)
    known.when(message, received_at=received_at)
    assert story.state.conclusions.due == known.state.conclusions.due
    later = at(30)
    assert story.until(later).state.conclusions == known.until(later).state.conclusions


@pytest.mark.parametrize("reported", [revoked_over_its_end, held_then_revoked])
def test_a_plan_that_revives_then_is_judged_and_looked_at_again(reported: Callable[[], Story]) -> None:
    story = reported()
    assert story.now is not None
    story.when(discharged(), received_at=story.now.replace(hour=3), watermark=NEVER)
    assert story.state.conclusions.plans[-1].status.state != "cancelled"
    assert (story.state.conclusions.due or at(0)) > at(14)
    story.until(at(40))


def test_midnights_of_an_outage_are_judged_also_when_messages_after_it_are_judged_before_they_are() -> None:
    """Positive again after the end, lost, found by a late log: a day is added at each midnight from then on."""
    away, known = Story(KIND), Story(KIND)
    reported: list[tuple[datetime, Message]] = [
        (at(0, 11), discharged()),
        (at(11, 21), log(11, "pm")),
        (at(14, 21), log(14, "pm")),
        (at(19, 15), retested("r-9", at(19), "detected")),
        (at(22, 10), log(12, "pm", reported_at=at(22, 9))),
        (at(24, 10), log(10, "pm", reported_at=at(24, 9))),
    ]
    for received_at, message in reported:
        away.when(message, received_at=received_at, watermark=at(0, 11))
        known.when(message, received_at=received_at)
    away.now = None  # the clock goes on where it stopped
    assert away.until(at(30)).state.conclusions == known.until(at(30)).state.conclusions
    assert {23, 24, 25} <= set(known.state.conclusions.plans[0].added)
