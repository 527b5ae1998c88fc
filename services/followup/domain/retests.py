"""Positive again after the ward: readmission, or isolation until two negatives (F5)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from schemas.calendar import local_date
from services.followup import policy
from services.followup.domain.conclusions import PositiveAgain
from services.followup.domain.evidence import Alarming
from services.followup.domain.facts import Facts, Retest
from services.followup.domain.ground import Ground

_ONE_DAY = timedelta(days=1)


def retests_of(ground: Ground, facts: Facts) -> tuple[Retest, ...]:
    """The re-tests of a plan, in the order of collection; none unless one of them is positive."""
    if not any(retest.positive for retest in facts.retests):
        return ()
    retests = tuple(retest for retest in facts.retests if ground.holds(retest.collected_at))
    return retests if any(retest.positive for retest in retests) else ()


def positive_again(ground: Ground, found: Sequence[Alarming], retests: tuple[Retest, ...]) -> PositiveAgain | None:
    """Where the positive re-tests of a plan lead: to readmission as soon as one goes with something alarming."""
    positives = [retest for retest in retests if retest.positive]
    if not positives:
        return None
    alarms = [alarm for alarm in found if alarm.ill]
    pairs = [(positive, alarm) for positive in positives for alarm in _with(ground, positive, retests, alarms)]
    tested = tuple(positive.result_id for positive in positives)
    if not pairs:
        return PositiveAgain("convalescent_isolation", min(positive.resulted_at for positive in positives), tested)
    since = min(max(positive.resulted_at, alarm.at) for positive, alarm in pairs)
    named = tuple(dict.fromkeys(alarm.name for _, alarm in sorted(pairs, key=lambda pair: pair[1])))
    return PositiveAgain("readmit", since, (*tested, *named))


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
