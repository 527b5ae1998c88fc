"""A life told to all services: does it come to rest each time, and does no rule raise?"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from random import Random
from typing import Any

import msgspec
from pydantic_core import PydanticCustomError

from schemas.folding import ThingKey
from schemas.instants import parse_instant
from schemas.services import EVERY_SERVICE
from tests.rest.house import House, NoRest, RuleRaised
from tests.rest.lives import REPORTS, Author, Round
from tests.rest.pen import BEGINS

EVENTS_FOR_EACH = 40
"""So many events at most for each report, and for each day of each case: the clock says something too.

`make chaos ONLY=rest` prints how many the life that said most said of 200,000 reports. A loop has no such number.
"""
DIVIDED = ("/services/intake", "/services/treatment", "/services/discharge")
SETTLED = frozenset({"episode", "result", "severity", "criteria", "discharge", "violation"})
"""What stands alike whichever topic is read first, whatever the clock has found meanwhile: who is a case, in which
episode, and how it ended. Of other things it may matter who came first: what was done for want of a report stays done,
a choice among institutions stands (CONTRACTS §2), and a plan that was told of is cancelled, not forgotten."""


@dataclass
class Outcome:
    """How a life went. `problem`: empty when it came to rest each time and nothing raised."""

    seed: int
    rounds: list[Round] = field(default_factory=list)
    reports: int = 0
    events: int = 0
    most_for_each: float = 0.0
    problem: str = ""
    settled: dict[tuple[str, ThingKey], Any] = field(default_factory=dict)


def live(seed: int) -> Outcome:
    """The life of a seed, invented while it is told; at its end everybody is awake."""
    author, given = Author(Random(f"life {seed}")), Publication(seed, f"order {seed}")
    given.play(author.first())
    while not given.outcome.problem and given.outcome.reports < REPORTS:
        given.play(author.next(given.house.asked))
    return given.end()


def published_again(life: Outcome, order: str) -> Outcome:
    """The same reports at the same times, read in another order, with nobody asleep."""
    given = Publication(life.seed, order)
    for one in life.rounds:
        if not given.outcome.problem:
            given.play(replace(one, asleep=frozenset()))
    return given.end()


def differences(life: Outcome, other: Outcome) -> list[str]:
    """What is settled of which two publications of the same say something else."""
    pairs = {about: (life.settled.get(about), other.settled.get(about)) for about in {**life.settled, **other.settled}}
    return sorted(f"{about}: {one}, {two}" for about, (one, two) in pairs.items() if one != two)


def shrunk(life: Outcome, orders: Sequence[str]) -> Outcome:
    """The same problem with as few reports as can be left out one by one, in one of these orders."""
    smallest = life
    for number in reversed(range(len(life.rounds))):
        for place in reversed(range(len(life.rounds[number].given))):
            rounds = list(smallest.rounds)
            given = rounds[number].given
            rounds[number] = replace(rounds[number], given=(*given[:place], *given[place + 1 :]))
            tried = (published_again(Outcome(life.seed, rounds), order) for order in orders)
            smallest = next((one for one in tried if one.problem), smallest)
    return smallest


class Publication:
    """A house to which rounds are told, and what came of it."""

    def __init__(self, seed: int, order: str) -> None:
        self.house = House(BEGINS, Random(order))
        self.outcome = Outcome(seed)

    def play(self, one: Round) -> None:
        """A round is told, and everybody awake goes on until there is nothing more to do."""
        house, outcome = self.house, self.outcome
        outcome.rounds.append(one)
        house.step_to(one.at)
        for given in one.given:
            house.report(given.report, given.recorded, given.source)
        outcome.reports += len(one.given)
        self._rest([name for name in EVERY_SERVICE if name not in one.asleep])

    def end(self) -> Outcome:
        """Whoever slept wakes up; what is stored has to be read back as it was."""
        if not self.outcome.problem:
            self._rest(EVERY_SERVICE)
        if not self.outcome.problem:
            self.outcome.problem = next(iter(_not_read_back(self.house)), "")
        standing = self.house.standing
        self.outcome.settled = {
            about: spelt_alike(emitted)
            for about, emitted in standing.items()
            if about[0] in DIVIDED and about[1][0] in SETTLED
        }
        return self.outcome

    def _rest(self, awake: Iterable[str]) -> None:
        outcome, each = self.outcome, self._each()
        try:
            self.house.rest(int(EVENTS_FOR_EACH * each) - outcome.events, awake)
        except (NoRest, RuleRaised) as problem:
            outcome.problem = f"{type(problem).__name__}: {problem}"
        outcome.events = self.house.emitted.total()
        outcome.most_for_each = max(outcome.most_for_each, outcome.events / each)

    def _each(self) -> float:
        cases = {
            given.report.key for one in self.outcome.rounds for given in one.given if one.at > self.outcome.rounds[0].at
        }
        days = (self.outcome.rounds[-1].at - self.outcome.rounds[0].at) / timedelta(days=1)
        return self.outcome.reports + days * len(cases)


def spelt_alike(emitted: Any) -> Any:
    """Two spellings of one instant say the same; when something came is another thing in another order."""
    if isinstance(emitted, dict):
        return {name: spelt_alike(value) for name, value in emitted.items() if name != "known_at"}
    if isinstance(emitted, list | tuple):
        return [spelt_alike(value) for value in emitted]
    if isinstance(emitted, str) and emitted[10:11] == "T":
        with suppress(PydanticCustomError):
            return parse_instant(emitted).astimezone(UTC)
    return emitted


def _not_read_back(house: House) -> Iterable[str]:
    for service in house.services.values():
        for case in service.cases.values():
            documents: Any = (case.state.facts, case.state.conclusions)
            aggregates = tuple[case.aggregate.facts, case.aggregate.conclusions]  # type: ignore[name-defined]
            if msgspec.json.decode(msgspec.json.encode(documents), type=aggregates) != documents:
                yield f"{service.name}: the document of a {case.aggregate.name} is read back as another"
