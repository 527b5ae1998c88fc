"""Whatever is told, in whatever order the topics are read: everybody comes to rest, and no rule raises."""

import pytest

from schemas.message import Report
from schemas.topics import TOPICS
from tests.mutants import caught_by
from tests.rest.lives import REPORTS
from tests.rest.mutants import CIRCULAR, broken
from tests.rest.run import EVENTS_FOR_EACH, differences, live, published_again, shrunk

LIVES = range(2_000 // REPORTS)
FOUND_WITHIN = 250
"""Lives."""
SELDOM = {"a plan has the re-tests up to where the next one begins"}
"""Found only after many lives."""


@pytest.mark.timeout(600)
def test_2_000_reports_of_every_type_come_to_rest_and_raise_nothing() -> None:
    given, types, most = 0, set[type[Report]](), 0.0
    for seed in LIVES:
        life = live(seed)
        assert not life.problem, f"python -m tests.rest --seed {seed}: {life.problem}"
        given, most = given + life.reports, max(most, life.most_for_each)
        types |= {type(one.report) for each in life.rounds for one in each.given}
    assert given >= len(LIVES) * REPORTS
    assert most < EVENTS_FOR_EACH / 2, "the limit is no longer far from what is ordinary"
    assert {message for topic in TOPICS for message in topic.messages if issubclass(message, Report)} == types


@pytest.mark.timeout(600)
@pytest.mark.parametrize("lives", [range(5), pytest.param(range(5, 15), marks=pytest.mark.thorough)])
def test_whichever_topic_is_read_first_the_same_people_are_cases_in_the_same_episodes_with_the_same_discharges(
    lives: range,
) -> None:
    for seed in lives:
        life = live(seed)
        again = published_again(life, f"another order {seed}")
        assert not again.problem, f"seed {seed}: {again.problem}"
        assert differences(life, again) == [], f"seed {seed}"
        assert life.settled, f"seed {seed}: nothing stands that could differ"


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "mutant",
    [pytest.param(name, marks=pytest.mark.thorough if name in SELDOM else []) for name in caught_by("rest")],
)
def test_rules_that_answer_themselves_are_found_when(mutant: str) -> None:
    with broken(CIRCULAR[mutant]):
        lives = (live(seed) for seed in range(FOUND_WITHIN))
        assert next((life.problem for life in lives if life.problem), "").startswith("NoRest: more than")


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_a_failing_life_is_told_again_with_fewer_reports() -> None:
    mutant = CIRCULAR["two services answer each other for ever"]
    with broken(mutant):
        life = next(life for life in map(live, range(FOUND_WITHIN)) if life.problem)
        again = shrunk(life, [f"order {life.seed}"])
        assert again.problem.startswith("NoRest")
        assert again.reports < life.reports
