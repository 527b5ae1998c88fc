"""Positive again after the ward: readmission, or isolation until two negatives (F5)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from schemas.calendar import local_date
from services.followup import policy
from services.followup.domain.basis import Ground
from services.followup.domain.conclusions import PositiveAgain
from services.followup.domain.evidence import Alarming, told
from services.followup.domain.facts import Facts, Retest

_ONE_DAY = timedelta(days=1)


def retests_of(ground: Ground, facts: Facts) -> tuple[Retest, ...]:
    """The re-tests of a plan, in the order of collection; none unless one of them is positive."""
    if not any(retest.positive for retest in facts.retests):
        return ()
    retests = tuple(retest for retest in facts.retests if ground.holds(retest.collected_at))
    return retests if any(retest.positive for retest in retests) else ()


def positive_again(ground: Ground, facts: Facts) -> PositiveAgain | None:
    """Where the positive re-tests since a discharge lead: to readmission by the first that goes with an alarm.

    The next plan has no say in it: it follows from the discharge of the episode that begins with this very positive.
    """
    retests = tuple(retest for retest in facts.retests if retest.collected_at > ground.start.discharged_at)
    positives = [retest for retest in retests if retest.positive]
    if not positives:
        return None
    alarms = sorted(alarm for alarm in told(ground, facts) if alarm.ill)
    for positive in positives:
        if with_it := tuple(_with(ground, positive, retests, alarms)):
            since = min(max(positive.resulted_at, alarm.at) for alarm in with_it)
            named = dict.fromkeys(alarm.name for alarm in with_it)
            return PositiveAgain("readmit", since, (positive.result_id, *named))
    in_plan = [positive for positive in positives if ground.holds(positive.collected_at)]
    if not in_plan:
        return None
    tested = tuple(positive.result_id for positive in in_plan)
    return PositiveAgain("convalescent_isolation", min(positive.resulted_at for positive in in_plan), tested)


def isolated(ground: Ground, retests: Iterable[Retest], ended_at: datetime | None, at: datetime) -> bool:
    """Whether by what had come at an instant a positive waits for two negatives.

    Only positives collected within the plan count: before `ended_at`, if it has ended.
    """
    known = tuple(
        retest
        for retest in retests
        if retest.came < at and not (retest.positive and ended_at is not None and retest.collected_at >= ended_at)
    )
    positives = [retest for retest in known if retest.positive]
    return bool(positives) and _second_negative(ground, positives[-1], known) is None


def _second_negative(ground: Ground, positive: Retest, retests: Iterable[Retest]) -> datetime | None:
    """When the second of two negatives far enough apart was collected, with no positive between, after a positive."""
    apart = timedelta(hours=policy.retest(ground.start.jurisdiction, ground.day_0).negatives_apart_hours)
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


def _with(ground: Ground, positive: Retest, retests: tuple[Retest, ...], alarms: list[Alarming]) -> Iterator[Alarming]:
    """What is alarming between the civil day before a positive's collection and the second negative."""
    begin = local_date(positive.collected_at, ground.zone) - _ONE_DAY
    second = _second_negative(ground, positive, retests)
    return (alarm for alarm in alarms if alarm.on >= begin and (second is None or alarm.at <= second))
