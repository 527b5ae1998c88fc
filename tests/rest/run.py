"""One life told to all services: does it come to rest, does no rule raise?"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from schemas.topics import EVERY_SERVICE
from tests.rest.house import House, NoRest, RuleRaised
from tests.rest.lives import BEGINS, Author, Round

REPORTS_A_LIFE = 40
MOST_A_ROUND = 3_000


@dataclass
class Outcome:
    """How a life ended. `problem`: None when it came to rest each time and nothing raised."""

    seed: int
    reports: int
    events: int
    most_a_report: float
    problem: str | None = None
    rounds: list[Round] = field(default_factory=list)


def live(seed: int) -> Outcome:
    """The life of a seed, invented while it is told, since calls and alerts are answered under the ids they were given."""
    dice = Random(f"life {seed}")
    house, author = House(BEGINS, Random(f"order {seed}")), Author(Random(f"reports {seed}"))
    rounds = [Round(BEGINS + timedelta(days=1), author.founding())]
    outcome = Outcome(seed, 0, 0, 0.0, rounds=rounds)
    while outcome.problem is None:
        play(house, rounds[-1], outcome)
        if outcome.reports >= REPORTS_A_LIFE:
            break
        at = rounds[-1].at + timedelta(hours=dice.choice([0, 0, 1, 6, 24, 24, 72, 144]))
        told = author.round(at, dice.choice([1, 1, 2, 3, 6, 10]), house.asked)
        asleep = frozenset(name for name in EVERY_SERVICE if dice.random() < 0.05)
        rounds.append(Round(at, told, asleep))
    return outcome


def play(house: House, one: Round, outcome: Outcome) -> None:
    """A round is told, and everybody goes on until there is nothing more to do."""
    house.step_to(one.at)
    for told in one.told:
        house.report(told.report, told.recorded)
    outcome.reports += len(one.told)
    try:
        events = house.rest(MOST_A_ROUND, [name for name in EVERY_SERVICE if name not in one.asleep])
    except (NoRest, RuleRaised) as problem:
        outcome.problem = f"{type(problem).__name__}: {problem}"
        return
    outcome.events += events
    outcome.most_a_report = max(outcome.most_a_report, events / max(1, len(one.told)))
