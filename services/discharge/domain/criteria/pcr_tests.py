"""D4 and D5: two consecutive negatives, or a patient who stays positive and whose panel overrides."""

from datetime import datetime
from typing import ClassVar

from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.criteria.verdicts import History, Verdict, read_history, second_from
from services.discharge.domain.timeline import MORE_THAN, last_by
from services.discharge.policy import Protocol


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


def _history(as_of: AsOf) -> History | None:
    """The tests as the protocol in force reads them; None where it has no such criterion."""
    protocol = as_of.protocol
    return as_of.facts.once(_read_history, protocol) if protocol.two_negatives is not None else None


def _read_history(facts: EpisodeFacts, protocol: Protocol) -> History:
    return read_history(facts.results, facts.episode, protocol)


def _evidence(*verdicts: Verdict) -> tuple[str, ...]:
    return tuple(dict.fromkeys([verdict.result_id for verdict in verdicts]))
