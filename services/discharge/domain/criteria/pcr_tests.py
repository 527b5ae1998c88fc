"""D4 and D5: two consecutive negatives, or a patient who stays positive and whose panel overrides."""

from bisect import bisect, bisect_left, insort
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cached_property
from operator import itemgetter
from typing import ClassVar, NamedTuple

from schemas.episodes import FINAL, is_positive
from schemas.reference import NUCLEIC_ACID_TESTS
from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import Result
from services.discharge.domain.timeline import DAY, MORE_THAN, Spells, civil_date, last_by, spells, start_of_day
from services.discharge.policy import Protocol, TwoNegatives


class ConsecutiveNegatives:
    """D4. Two consecutive negatives of different respiratory specimens, far enough apart; D5 takes its place where that
    is met.

    Source: trial versions 6 to 9, criteria for discharge; version 9 for the Ct values; not required from version 10 on.
    """

    name: ClassVar[str] = "two_negatives"
    required: ClassVar[bool] = True

    def __init__(self, as_of: AsOf) -> None:
        self.as_of = as_of

    def judge(self) -> Criterion | None:
        """By the unbroken run of negatives that ends the tests."""
        as_of, rule, history = self.as_of, self.as_of.protocol.two_negatives, _history(self.as_of)
        if rule is None or history is None:
            return None
        tests = history.at(as_of.local)
        if tests.run and tests.enough:
            _, since = history.enough.at(as_of.local)
            return Criterion(self.name, True, since, _evidence(*tests.run))
        if PersistentlyPositive(as_of).met:
            return None
        at_the_earliest = max(second_from(tests.run[0], as_of.episode, rule), as_of.instant) if tests.run else None
        return Criterion(self.name, False, None, _evidence(tests.last) if tests.last else (), at_the_earliest)

    def unmet_from(self) -> datetime | None:
        """Since when neither it nor what takes its place has been met."""
        return _unmet_from(self.as_of)

    def next_changes(self) -> tuple[datetime, ...] | None:
        """Those of what takes its place: the clock alone makes no negative."""
        return PersistentlyPositive(self.as_of).next_changes()


class PersistentlyPositive:
    """D5. Still detected more than 28 days after the first positive: eligible through the panel's override alone.

    Takes the place of D4 when met; said beside it while the last test is positive; else not at all. Source: trial
    versions 8 and 9.
    """

    name: ClassVar[str] = "persistently_positive"
    required: ClassVar[bool] = False

    def __init__(self, as_of: AsOf) -> None:
        self.as_of, self._history, self._override = as_of, _history(as_of), _override_by(as_of)
        after = as_of.protocol.persistent_after
        self._detected = self._history.at(as_of.local).still_detected if self._history and after else None
        self._eligible_at = self._detected[0].collected_at + after + MORE_THAN if self._detected and after else None

    @property
    def met(self) -> bool:
        """Whether the days are over and the panel has given its override."""
        return self._override is not None and self._eligible_at is not None and self.as_of.local >= self._eligible_at

    def judge(self) -> Criterion | None:
        """By the first positive, the last test and the override."""
        if self._history is None or self._detected is None or self._eligible_at is None:
            return None
        local, evidence = self.as_of.local, _evidence(*self._detected)
        if self._override is None or local < self._eligible_at:
            at_the_earliest = self._eligible_at if local < self._eligible_at else None
            return Criterion(self.name, False, None, evidence, at_the_earliest)
        _, positive_since = self._history.positive.at(local)
        since = max(self._eligible_at, self._override, positive_since or self._eligible_at)
        return Criterion(self.name, True, since, (*evidence, f"approval@{self._override.isoformat()}"))

    def unmet_from(self) -> datetime | None:
        """Since when neither it nor what it takes the place of has been met."""
        return _unmet_from(self.as_of)

    def next_changes(self) -> tuple[datetime, ...] | None:
        """When the 28 days are over, where the panel has given its override already."""
        if self._override is None or self._eligible_at is None or self.as_of.local >= self._eligible_at:
            return None
        return (self._eligible_at,)


def within_reach(as_of: AsOf) -> bool:
    """Whether the criteria may be, or may ever have been, met: cheap, and true of few days of a stay.

    Not without two tests that may be negative in some version, unless the panel overrode D4 or it is not required.
    """
    if as_of.protocol.two_negatives is None or _override_by(as_of) is not None:
        return True
    return as_of.if_past(as_of.facts.once(_maybe_negative_from)) is not None


def _unmet_from(as_of: AsOf) -> datetime | None:
    """Since when at least neither of the two has been met, where they are not.

    Where the panel has given its override, D5 may have been met until the last test came.
    """
    history, results = _history(as_of), as_of.facts.results
    if history is None or (as_of.protocol.persistent_after is not None and _override_by(as_of) is not None):
        last = last_by(results, as_of.local)
        return results[last].at if last >= 0 else None
    _, since = history.enough.at(as_of.local)
    return since


def _override_by(as_of: AsOf) -> datetime | None:
    """When the panel first gave its override (D5); None while it has not."""
    return as_of.if_past(as_of.facts.once(_override_from))


def _override_from(facts: EpisodeFacts) -> datetime | None:
    return next((approval.at for approval in facts.approvals if approval.override), None)


def _maybe_negative_from(facts: EpisodeFacts) -> datetime | None:
    """When there first were two tests that may be negative in some version of the protocol."""
    maybe = set()
    for result in facts.results:
        if result.outcome != "detected" or result.cts:
            maybe.add(result.name)
            if len(maybe) > 1:
                return result.at
    return None


def _history(as_of: AsOf) -> "History | None":
    """The tests as the protocol in force reads them; None where it has no such criterion."""
    protocol = as_of.protocol
    return as_of.facts.once(_read_history, protocol) if protocol.two_negatives is not None else None


def _read_history(facts: EpisodeFacts, protocol: Protocol) -> "History":
    return read_history(facts.results, facts.episode, protocol)


def _evidence(*verdicts: "Verdict") -> tuple[str, ...]:
    return tuple(dict.fromkeys([verdict.result_id for verdict in verdicts]))


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
