"""For every state of follow-up: when it is looked at again, and what silence leads to; the page and the rules agree."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.domain.followup.journeys import (
    POSITIVE,
    RETURNED,
    TESTED,
    admitted,
    at,
    called,
    discharged,
    log,
    revoked,
    visited,
)
from tests.domain.followup.stories import happening, home, logged, names, unknown
from tests.domain.story import Story

PAGE = Path(__file__).parents[3] / "docs" / "architecture" / "followup.md"
ROW = re.compile(r"^\| (?P<state>[a-z][^|]*?) \| (?P<until>[^|]+?) \| (?P<said>[^|]+?) \|$", re.MULTILINE)
FINAL = "never"


class State(NamedTuple):
    """How a state is reached, and when it is looked at again; None: never, it is final."""

    reach: Callable[[], Story]
    due: datetime | None

    @property
    def later(self) -> datetime:
        """When to look again, to see what came of silence."""
        return at(400) if self.due is None else self.due


def _silent() -> Story:
    """Day 5 has just been missed."""
    return happening(home(), *logged(1, 4)).until(at(6, 0))


def _in_vain() -> Story:
    """Three calls and a visit on day 6, and nobody was met."""
    story = _silent()
    for hour in (9, 11, 13, 15):
        asked = story.state.conclusions.plans[0].calls[-1]
        story.given(called(asked.call_id, at(6, hour), "no_answer"), received_at=at(6, hour, 5))
    return story.until(at(8, 0))


def _refused() -> Story:
    """A refusal, and nobody at home: climbed in vain, with contact."""
    story = _silent()
    for outcome in ("refused", "no_answer"):
        asked = story.state.conclusions.plans[0].calls[-1]
        story.given(called(asked.call_id, at(6, 10), outcome), received_at=at(6, 11))
    return happening(story, *logged(6, 8), log(9))


def _feverish() -> Story:
    return happening(home(), *[reported for reported in logged() if reported != log(5)], log(5, celsius=38.2), RETURNED)


def _well() -> Story:
    return happening(home(), *logged())


def _untested() -> Story:
    """The re-test of day 14 was never taken; its ladder is exhausted."""
    story = happening(home(tested=False), *logged(), RETURNED, TESTED[0])
    return story.until(at(19, 1))


def _refused_twice() -> Story:
    """Days 1 and 2 missed, and every call and visit about them refused."""
    story = home()
    for day in (2, 3):
        story.until(at(day, 0))
        for hour in (1, 2):
            asked = story.state.conclusions.plans[0].calls[-1]
            story.given(called(asked.call_id, at(day, hour), "refused"), received_at=at(day, hour, 1))
    return story


def _over() -> Story:
    return happening(_well(), RETURNED, visited("week_4", at(28)))


def _refused_at_the_end() -> Story:
    """The last day was missed, and the ladder was climbed in vain with contact: it rests for 72 hours."""
    story = happening(home(), *logged(1, 13), RETURNED).until(at(15, 0))
    for outcome in ("refused", "no_answer"):
        asked = story.state.conclusions.plans[0].calls[-1]
        story.given(called(asked.call_id, at(15, 10), outcome), received_at=at(15, 11))
    return story


STATES = {
    "a day of the plan": State(lambda: happening(home(), *logged(1, 4)), at(6, 0)),
    "call 1": State(_silent, at(7, 0)),
    "call 2": State(lambda: _silent().until(at(7, 0)), at(7, 12)),
    "call 3": State(lambda: _silent().until(at(7, 12)), at(8, 0)),
    "home visit": State(lambda: _silent().until(at(8, 0)), at(9, 0)),
    "called and visited in vain, no contact": State(_in_vain, at(9, 0)),
    "refused, days unsettled": State(_refused, at(9, 11)),
    "lost": State(lambda: _silent().until(at(9, 0)), at(10, 0)),
    "lost, after the last day": State(lambda: _silent().until(at(30, 0)), at(31, 0)),
    "found, days unsettled": State(
        lambda: happening(_silent().until(at(10, 20)), *logged(11, 13), log(14, reported_at=at(14, 7))), at(14, 8, 1)
    ),
    "positive again, isolated": State(lambda: happening(_well(), POSITIVE), at(15, 0)),
    "held, a day missing": State(_refused_at_the_end, at(16, 0)),
    "held, an alert open": State(lambda: _feverish().until(at(15, 0)), at(16, 0)),
    "re-test": State(lambda: happening(home(tested=False), *logged(1, 8)), at(9, 0)),
    "discharge told late": State(lambda: unknown().given(discharged(), received_at=at(4, 10)), at(5, 0)),
    "held, a re-test missing": State(_untested, at(20, 0)),
    "refused twice, days unsettled": State(_refused_twice, at(4, 0)),
    "paused": State(lambda: happening(home(), *logged(1, 4)).given(admitted(at(5)), received_at=at(5, 10)), at(6, 0)),
    "recalled": State(lambda: home().given(revoked(at(1), why="corrected"), received_at=at(1, 10)), at(2, 0)),
    "return visit": State(lambda: _well().until(at(15, 0)), at(16, 0)),
    "call 1 about a visit": State(lambda: _well().until(at(16, 0)), at(17, 0)),
    "call 2 about a visit": State(lambda: _well().until(at(17, 0)), at(17, 12)),
    "call 3 about a visit": State(lambda: _well().until(at(17, 12)), at(18, 0)),
    "home visit about a visit": State(lambda: _well().until(at(18, 0)), at(19, 0)),
    "completed, visits over": State(_over, None),
    "cancelled": State(lambda: home().given(revoked(at(2)), received_at=at(2, 10)), None),
}


def documented() -> dict[str, tuple[bool, set[str]]]:
    """State → whether it is looked at again, and the events that follow when nobody answers, as the page says."""
    rows = ROW.finditer(PAGE.read_text())
    return {
        row["state"]: (row["until"] != FINAL, set(re.findall(r"`([A-Z]\w+)`", row["said"])))
        for row in rows
        if row["state"] != "state"
    }


def test_the_page_names_every_state_and_no_other() -> None:
    assert list(documented()) == list(STATES)


@pytest.mark.parametrize("name", STATES)
def test_no_state_waits_for_ever_and_silence_has_the_consequence_that_the_page_names(name: str) -> None:
    state = STATES[name]
    story = state.reach()
    assert story.state.conclusions.due == state.due
    waits, follows = documented()[name]
    assert waits == (state.due is not None)
    assert set(names(story.until(state.later))) == follows
