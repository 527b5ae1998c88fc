"""The nucleic acid tests of an episode as D4 and D5 read them.

Source: trial versions 6 to 9, criteria for discharge (respiratory specimens); version 9 for the Ct values.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from schemas.reference import NUCLEIC_ACID_TESTS, RESPIRATORY_SPECIMENS
from services.discharge.domain.calendar import DAY, civil_date, start_of_day
from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import Result
from services.discharge.domain.timeline import up_to
from services.discharge.policy import TwoNegatives


class Verdict(NamedTuple):
    """A test that counts: one that breaks the run of negatives, or one that belongs to it."""

    collected_at: datetime
    positive: bool
    result_id: str


class Swabs(NamedTuple):
    """The tests of an episode as D4 reads them, the unbroken run of negatives that ends them, and if it is enough."""

    verdicts: list[Verdict]
    run: list[Verdict]
    enough: bool

    @property
    def positive(self) -> bool:
        """Still detected: the last of the tests is."""
        return bool(self.verdicts) and self.verdicts[-1].positive


def read_swabs(results: tuple[Result, ...], instant: datetime, episode: Episode, rule: TwoNegatives) -> Swabs:
    """D4 as of an instant: the run has at least two, and its first and last lie far enough apart."""
    verdicts = _verdicts(up_to(results, instant), episode, rule)
    run: list[Verdict] = []
    for verdict in reversed(verdicts):
        if verdict.positive:
            break
        run.insert(0, verdict)
    return Swabs(verdicts, run, len(run) >= 2 and run[-1].collected_at >= second_from(run[0], episode, rule))


def changes(results: Iterable[Result]) -> list[datetime]:
    """The instants at which a version of a result came into force, oldest first."""
    return sorted({result.at for result in results})


def second_from(first: Verdict, episode: Episode, rule: TwoNegatives) -> datetime:
    """The earliest collection that is far enough from the first: 24 h 00 min, or in version 6 the next civil day."""
    if rule.apart is not None:
        return first.collected_at + rule.apart
    return start_of_day(civil_date(first.collected_at, episode.zone) + DAY, episode.zone)


def _verdicts(results: tuple[Result, ...], episode: Episode, rule: TwoNegatives) -> list[Verdict]:
    """In the order of collection; of two collected at once, a positive breaks the run."""
    in_force = {result.result_id: result for result in results}
    verdicts = []
    for result in in_force.values():
        positive = _positive(result, rule)
        if positive is not None and _counts(result, episode):
            verdicts.append(Verdict(result.collected_at, positive, result.result_id))
    return sorted(verdicts)


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
