"""The reckoning itself, on lives that anybody can follow in the rules by hand; and it is seen to disagree."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.journeys.lives import DAYS, HOME_VISIT, Life
from tests.journeys.population import differing
from tests.journeys.reckoning import reckon

BOTH = ("am", "pm")
QUIET = {"plans": 1, "logged": 28, "completed": 1, "days logged": 14}


@dataclass(frozen=True)
class Scripted(Life):
    """A life in which it is written how each call ends: (hour asked for, attempt) → (hour of the report, outcome)."""

    script: Mapping[tuple[int, int], tuple[int, str]] = field(default_factory=dict)

    def answer(self, asked_at: int, attempt: int, about_a_retest: bool = False) -> tuple[int, str] | None:
        return self.script.get((asked_at, attempt))


def silent_on(*days: int, forgotten: frozenset[int] = frozenset(), **script: tuple[int, int, int, str]) -> Scripted:
    """All other days are logged twice. `script`: (hour asked for, attempt, hour of the report, outcome)."""
    slots = {day: BOTH for day in DAYS if day not in days}
    written = {(asked, attempt): (at, outcome) for asked, attempt, at, outcome in script.values()}
    return Scripted("a life", slots, forgotten, script=written)


def test_a_quiet_life() -> None:
    assert reckon(silent_on()) == QUIET


def test_day_5_is_missed_and_call_1_reaches_somebody_in_the_morning() -> None:
    given = reckon(silent_on(5, call=(144, 1, 154, "reached")))
    assert given == {
        **QUIET,
        "logged": 26,
        "days logged": 13,
        "missed": 1,
        "days missed": 1,
        "days reached by phone": 1,
        "call 1": 1,
        "reached": 1,
    }


def test_day_5_is_missed_and_told_on_the_evening_after() -> None:
    given = reckon(silent_on(5, forgotten=frozenset({5})))
    assert given == {**QUIET, "logged": 27, "late": 1, "missed": 1, "days missed": 1, "call 1": 1, "withdrawn": 1}


def test_somebody_who_never_says_anything_is_called_three_times_visited_once_and_lost_once() -> None:
    asked = {"call 1": 1, "call 2": 1, "call 3": 1, "home visit": 1, "lapsed": 4}
    assert reckon(silent_on(*DAYS)) == {"plans": 1, "missed": 14, **asked, "lost": 1}


def test_somebody_lost_who_logs_again_is_called_72_hours_later_and_once_more_when_the_plan_is_held() -> None:
    given = reckon(silent_on(3, 4, 5, 6, 7))
    assert (given["lost"], given["resumed"], given["missed"], given["held"]) == (1, 1, 5, 1)
    assert (given["call 1"], given["call 2"], given["call 3"], given["home visit"]) == (3, 2, 2, 2)


def test_a_refusal_goes_to_the_visit_at_once_and_three_days_after_a_visit_in_vain_it_begins_again() -> None:
    given = reckon(silent_on(5, call=(144, 1, 154, "refused"), visit=(154, HOME_VISIT, 160, "no_answer")))
    asked = {"call 1": 3, "refused": 1, "no_answer": 1, "home visit": 2, "call 2": 1, "call 3": 1, "lapsed": 4}
    assert given == {"plans": 1, "logged": 26, "missed": 1, **asked, "held": 1}, "refusing is contact: nobody is lost"


def test_without_a_swab_by_the_end_of_day_8_somebody_calls_until_it_is_taken() -> None:
    life = replace(silent_on(), swabs=(10, 14))
    asked = {"call 1": 1, "call 2": 1, "call 3": 1, "lapsed": 2, "withdrawn": 1}
    assert reckon(life) == {**QUIET, "RetestMissed": 1, **asked}


def test_whoever_refuses_in_two_ladders_is_handed_to_the_district_and_asked_no_more() -> None:
    given = reckon(
        silent_on(
            *(2, 5, 9),
            call=(72, 1, 82, "refused"),
            visit=(82, HOME_VISIT, 88, "refused"),
            again=(144, 1, 154, "refused"),
            visited=(154, HOME_VISIT, 160, "refused"),
        )
    )
    assert (given["HealthAlertRaised"], given["held"], given["missed"]) == (1, 1, 3)
    assert (given["call 1"], given["home visit"], given["refused"]) == (2, 2, 4)


def test_a_figure_that_differs_is_seen() -> None:
    life = silent_on(5)
    reckoned = {life.name: reckon(life)}
    assert differing({life.name: reckon(life)}, reckoned) == {}
    assert differing({life.name: reckon(life) + Counter(lost=1)}, reckoned) == {life.name: ({"lost": 1}, {})}
    assert differing({life.name: reckon(life) - Counter(missed=1)}, reckoned) == {life.name: ({}, {"missed": 1})}
