"""The nucleic acid tests of an episode as D4 and D5 read them, in one pass through all that came into force.

Source: trial versions 6 to 9, criteria for discharge (respiratory specimens); version 9 for the Ct values.
"""

from bisect import bisect, bisect_left, insort
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from schemas.reference import NUCLEIC_ACID_TESTS, RESPIRATORY_SPECIMENS
from services.discharge.domain.calendar import DAY, civil_date, start_of_day
from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import Result
from services.discharge.domain.timeline import Spells, spells
from services.discharge.policy import TwoNegatives


class Verdict(NamedTuple):
    """A test that counts: one that breaks the run of negatives, or one that belongs to it.

    In the order of collection; of two collected at once, a positive breaks the run.
    """

    collected_at: datetime
    positive: bool
    result_id: str


class Swabs(NamedTuple):
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
        """Still detected: the last of the tests is."""
        return self.last is not None and self.last.positive


class History:
    """How the tests read through time. `read`: what was so from each instant at which a version came into force."""

    def __init__(self, read: list[tuple[datetime, Swabs]]) -> None:
        self.read = read

    def at(self, instant: datetime) -> Swabs:
        """As of an instant."""
        passed = bisect(self.read, instant, key=_instant)
        return self.read[passed - 1][1] if passed else Swabs()

    @cached_property
    def enough(self) -> Spells:
        """When D4 was met."""
        return spells([(at, swabs.enough) for at, swabs in self.read], before=False)

    @cached_property
    def positive(self) -> Spells:
        """When the last test was positive."""
        return spells([(at, swabs.positive) for at, swabs in self.read], before=False)


_instant = itemgetter(0)


def read_swabs(results: Iterable[Result], episode: Episode, rule: TwoNegatives) -> History:
    """D4 through time. `results`: every version of every test, in the order in which they came into force."""
    return History(list(_read(results, episode, rule)))


def second_from(first: Verdict, episode: Episode, rule: TwoNegatives) -> datetime:
    """The earliest collection that is far enough from the first: 24 h 00 min, or in version 6 the next civil day."""
    if rule.apart is not None:
        return first.collected_at + rule.apart
    return start_of_day(civil_date(first.collected_at, episode.zone) + DAY, episode.zone)


def _read(results: Iterable[Result], episode: Episode, rule: TwoNegatives) -> Iterator[tuple[datetime, Swabs]]:
    in_force: dict[str, Verdict] = {}
    verdicts: list[Verdict] = []
    positives: list[Verdict] = []
    for result in results:
        replaced = in_force.pop(result.result_id, None)
        if replaced:
            _take_out(verdicts, replaced)
            if replaced.positive:
                _take_out(positives, replaced)
        positive = _positive(result, rule)
        if positive is not None and _counts(result, episode):
            verdict = in_force[result.result_id] = Verdict(result.collected_at, positive, result.result_id)
            insort(verdicts, verdict)
            if positive:
                insort(positives, verdict)
        yield result.at, _swabs(verdicts, positives, episode, rule)


def _swabs(verdicts: list[Verdict], positives: list[Verdict], episode: Episode, rule: TwoNegatives) -> Swabs:
    """The run has at least two, and its first and last lie far enough apart."""
    begins = bisect(verdicts, positives[-1]) if positives else 0
    first_positive, last = positives[0] if positives else None, verdicts[-1] if verdicts else None
    if last is None or begins == len(verdicts):
        return Swabs(first_positive, last)
    first = verdicts[begins]
    enough = begins < len(verdicts) - 1 and last.collected_at >= second_from(first, episode, rule)
    return Swabs(first_positive, last, (first, last), enough)


def _take_out(verdicts: list[Verdict], verdict: Verdict) -> None:
    del verdicts[bisect_left(verdicts, verdict)]


def _counts(result: Result, episode: Episode) -> bool:
    """Final nucleic acid tests on respiratory specimens of the same episode (D0, D4)."""
    return (
        result.status in {"final", "corrected"}
        and result.test in NUCLEIC_ACID_TESTS
        and result.specimen_type in RESPIRATORY_SPECIMENS
        and episode.holds(result.collected_at)
    )


def _positive(result: Result, rule: TwoNegatives) -> bool | None:
    """None: inconclusive or invalid, which neither counts nor breaks the run."""
    if result.outcome == "not_detected" or _reaches_ct(result, rule):
        return False
    return True if result.outcome == "detected" else None


def _reaches_ct(result: Result, rule: TwoNegatives) -> bool:
    """Version 9: a test whose Ct values are all at least 35 counts as negative too."""
    limit = rule.negative_from_ct
    return (
        limit is not None and result.lowest_ct is not None and result.lowest_ct >= limit and result.outcome != "invalid"
    )
