"""What the nucleic acid tests of an episode say at each instant: the verdict of each, and the run of negatives (D4)."""

from bisect import bisect, bisect_left, insort
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from schemas.episodes import FINAL, is_positive
from schemas.reference import NUCLEIC_ACID_TESTS
from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import Result
from services.discharge.domain.timeline import DAY, Spells, civil_date, spells, start_of_day
from services.discharge.policy import Protocol, TwoNegatives


class Verdict(NamedTuple):
    """A test that counts: one that breaks the run of negatives, or one that belongs to it.

    In the order of collection; of two collected at once, a positive breaks the run. `day`: the civil day of collection.
    `begun_by`, `over_by`: it was collected not before the one and not after the other, which differ where only the day
    is known.
    """

    collected_at: datetime
    positive: bool
    result_id: str
    lab: str
    specimen: str | tuple[str, str]
    day: date
    begun_by: datetime
    over_by: datetime


class PcrTests(NamedTuple):
    """The tests of an episode as D4 reads them at an instant.

    `run`: the first and the last of the unbroken run of negatives that ends them (the same where it is one alone), and
    `enough` whether D4 is met by it.
    """

    first_positive: Verdict | None = None
    last: Verdict | None = None
    run: tuple[Verdict, Verdict] | None = None
    enough: bool = False

    @property
    def positive(self) -> bool:
        """Whether the last of them is."""
        return self.last is not None and self.last.positive

    @property
    def still_detected(self) -> tuple[Verdict, Verdict] | None:
        """The first positive, and the last of the tests where that is positive as well."""
        if self.first_positive is None or self.last is None or not self.last.positive:
            return None
        return self.first_positive, self.last


class History:
    """How the tests read through time. `read`: what was so from each instant at which a version came into force."""

    def __init__(self, read: list[tuple[datetime, PcrTests]]) -> None:
        self.read = read

    def at(self, instant: datetime) -> PcrTests:
        """As of an instant."""
        passed = bisect(self.read, instant, key=_instant)
        return self.read[passed - 1][1] if passed else PcrTests()

    @cached_property
    def enough(self) -> Spells:
        """When D4 was met."""
        return spells([(at, tests.enough) for at, tests in self.read], before=False)

    @cached_property
    def positive(self) -> Spells:
        """When the last test was positive."""
        return spells([(at, tests.positive) for at, tests in self.read], before=False)


_instant = itemgetter(0)


def read_history(results: Iterable[Result], episode: Episode, protocol: Protocol) -> History:
    """D4 through time. `results`: every version of every test, in the order in which they came into force.

    A protocol that asks for no negatives has none that count.
    """
    rule = protocol.two_negatives
    return History(list(_read(results, episode, rule, protocol.negative_from_ct)) if rule else [])


def second_from(first: Verdict, episode: Episode, rule: TwoNegatives) -> datetime:
    """The earliest collection that is far enough from the first: 24 h 00 min, or in version 6 the next civil day.

    Of a first of which only the day is known, from the end of that day on.
    """
    if rule.apart is not None:
        return first.over_by + rule.apart
    return start_of_day(first.day + DAY, episode.zone)


def _read(
    results: Iterable[Result], episode: Episode, rule: TwoNegatives, negative_from_ct: float | None
) -> Iterator[tuple[datetime, PcrTests]]:
    in_force: dict[tuple[str, str], Verdict] = {}
    verdicts: list[Verdict] = []
    positives: list[Verdict] = []
    for result in results:
        replaced = in_force.pop(result.name, None)
        if replaced:
            _take_out(verdicts, replaced)
            if replaced.positive:
                _take_out(positives, replaced)
        positive = _positive(result, negative_from_ct)
        if positive is not None and _counts(result, episode, rule):
            verdict = in_force[result.name] = _verdict(result, positive, episode)
            insort(verdicts, verdict)
            if positive:
                insort(positives, verdict)
        yield result.at, _tests(verdicts, positives, episode, rule)


def _verdict(result: Result, positive: bool, episode: Episode) -> Verdict:
    day = civil_date(result.collected_at, episode.zone)
    begun_by = over_by = result.collected_at
    if result.collected_precision == "day":
        begun_by, over_by = start_of_day(day, episode.zone), start_of_day(day + DAY, episode.zone)
    return Verdict(result.collected_at, positive, result.result_id, result.lab, result.specimen, day, begun_by, over_by)


def _tests(verdicts: list[Verdict], positives: list[Verdict], episode: Episode, rule: TwoNegatives) -> PcrTests:
    """The run has at least two of different specimens, and its first and last lie far enough apart."""
    begins = bisect(verdicts, positives[-1]) if positives else 0
    first_positive, last = positives[0] if positives else None, verdicts[-1] if verdicts else None
    if last is None or begins == len(verdicts):
        return PcrTests(first_positive, last)
    first = verdicts[begins]
    enough = last.begun_by >= second_from(first, episode, rule) and _differ(verdicts, begins)
    return PcrTests(first_positive, last, (first, last), enough)


def _differ(verdicts: list[Verdict], begins: int) -> bool:
    """Whether the run is of more than one specimen: a specimen that is told of by two routes was taken once."""
    first = verdicts[begins].specimen
    return any(verdicts[place].specimen != first for place in range(len(verdicts) - 1, begins, -1))


def _take_out(verdicts: list[Verdict], verdict: Verdict) -> None:
    del verdicts[bisect_left(verdicts, verdict)]


def _counts(result: Result, episode: Episode, rule: TwoNegatives) -> bool:
    """Final nucleic acid tests on respiratory specimens of the same episode (D0, D4)."""
    return (
        result.status in FINAL
        and result.test in NUCLEIC_ACID_TESTS
        and result.specimen_type in rule.specimens
        and episode.holds(result.collected_at)
    )


def _positive(result: Result, negative_from_ct: float | None) -> bool | None:
    """None: inconclusive or invalid, which neither counts nor breaks the run."""
    if result.outcome == "not_detected":
        return False
    if result.outcome != "detected":
        return None
    return is_positive(result.outcome, result.cts, negative_from_ct)
