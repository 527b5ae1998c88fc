"""Positive again after the ward: readmission, or isolation until two negatives (F5)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from schemas.calendar import local_date
from services.followup import policy
from services.followup.domain.basis import Basis
from services.followup.domain.evidence import Alarming, alarming
from services.followup.domain.facts import Facts, Retest

_ONE_DAY = timedelta(days=1)


class PositiveAgain(Struct, frozen=True, array_like=True):
    """Positive again (F5): where that leads, since when, and by what evidence."""

    branch: str
    since: datetime
    evidence: tuple[str, ...]


def retests_of(basis: Basis, facts: Facts) -> tuple[Retest, ...]:
    """The re-tests of a plan, in the order of collection; none unless one of them is positive."""
    if not any(retest.positive for retest in facts.retests):
        return ()
    retests = tuple(retest for retest in facts.retests if basis.holds(retest.collected_at))
    return retests if any(retest.positive for retest in retests) else ()


def positive_again(basis: Basis, facts: Facts) -> PositiveAgain | None:
    """Where the positive re-tests since a discharge lead: to readmission by the first that goes with an alarm.

    The next plan has no say in it: it follows from the discharge of the episode that begins with this very positive.
    """
    retests = tuple(retest for retest in facts.retests if retest.collected_at > basis.start.discharged_at)
    positives = [retest for retest in retests if retest.positive]
    if not positives:
        return None
    alarms = sorted(alarm for alarm in alarming(facts, basis.zone, basis.start.jurisdiction) if alarm.ill)
    for positive in positives:
        if with_it := tuple(_with(basis, positive, retests, alarms)):
            since = min(max(positive.resulted_at, alarm.at) for alarm in with_it)
            named = dict.fromkeys(alarm.name for alarm in with_it)
            return PositiveAgain("readmit", since, (positive.result_id, *named))
    in_plan = [positive for positive in positives if basis.holds(positive.collected_at)]
    if not in_plan:
        return None
    tested = tuple(positive.result_id for positive in in_plan)
    return PositiveAgain("convalescent_isolation", min(positive.resulted_at for positive in in_plan), tested)


def isolated(basis: Basis, retests: Iterable[Retest], ended_at: datetime | None, at: datetime) -> bool:
    """Whether by what had come at an instant a positive waits for two negatives.

    Only positives collected within the plan count: before `ended_at`, if it has ended.
    """
    by_then = tuple(
        retest
        for retest in retests
        if retest.received_at < at
        and not (retest.positive and ended_at is not None and retest.collected_at >= ended_at)
    )
    positives = [retest for retest in by_then if retest.positive]
    return bool(positives) and _second_negative(basis, positives[-1], by_then) is None


def _second_negative(basis: Basis, positive: Retest, retests: Iterable[Retest]) -> datetime | None:
    """When the second of two negatives far enough apart was collected, with no positive between, after a positive."""
    apart = timedelta(hours=policy.retest(basis.start.jurisdiction, basis.day_0).negatives_apart_hours)
    first: datetime | None = None
    for retest in retests:
        if retest.order <= positive.order:
            continue
        if retest.positive:
            first = None
        elif first is None:
            first = retest.collected_at
        elif retest.collected_at - first >= apart:
            return retest.collected_at
    return None


def _with(basis: Basis, positive: Retest, retests: tuple[Retest, ...], alarms: list[Alarming]) -> Iterator[Alarming]:
    """What is alarming between the civil day before a positive's collection and the second negative."""
    begin = local_date(positive.collected_at, basis.zone) - _ONE_DAY
    second = _second_negative(basis, positive, retests)
    return (alarm for alarm in alarms if alarm.on >= begin and (second is None or alarm.at <= second))
