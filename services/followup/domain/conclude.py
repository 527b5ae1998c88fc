"""Where each plan stands: cancelled, lost, completed or held, running; the first that holds (F7, F8)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from chassis.judge import Clock
from services.followup.domain.alerts import Watch
from services.followup.domain.basis import Ground, grounds
from services.followup.domain.calendar import midnight_from
from services.followup.domain.conclusions import Alert, Conclusions, Pause, Plan, PositiveAgain, Standing
from services.followup.domain.days import Diary
from services.followup.domain.deadlines import Deadlines
from services.followup.domain.escalation import Ladders, Loss
from services.followup.domain.evidence import alarming
from services.followup.domain.facts import Facts
from services.followup.domain.midnights import Course
from services.followup.domain.retests import positive_again, retests_of
from services.followup.domain.visits import ReturnVisits

_A_MOMENT = timedelta(microseconds=1)


class Announced(NamedTuple):
    """A plan as it was last said, and from when on it had no deadlines then: cancelled, or followed by another."""

    plan: Plan
    over_at: datetime | None


class Cancellation(NamedTuple):
    """What ends a plan before its time, and when."""

    at: datetime
    why: str


def conclude(facts: Facts, announced: Conclusions, clock: Clock, world: None) -> Conclusions:
    """What follows: a plan for each standing discharge, each judged by itself."""
    before = {known.plan.key: known for known in _announced(announced)}
    plans = tuple(_plan(ground, facts, clock, before.get(ground.key), announced) for ground in grounds(facts))
    return Conclusions(plans, clock.due, clock.done)


def _announced(conclusions: Conclusions) -> Iterator[Announced]:
    for plan, following in pairwise([*conclusions.plans, None]):
        if plan is not None:
            cancelled_at = plan.standing.since if plan.standing.state == "cancelled" else None
            yield Announced(plan, _earliest(cancelled_at, following.discharged_at if following else None))


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def _plan(ground: Ground, facts: Facts, clock: Clock, before: Announced | None, announced: Conclusions) -> Plan:
    retests, found = retests_of(ground, facts), alarming(ground, facts)
    positive = positive_again(ground, facts)
    cancelled = min(_cancellations(ground, positive), default=None)
    over_at = _earliest(cancelled and cancelled.at, ground.until)
    pauses = _pauses(before, over_at, clock.now) if before else ()
    deadlines = Deadlines(clock, ground.key, over_at, pauses, announced.due, len(announced.done))
    diary = Diary(ground, facts)
    ladders = Ladders(ground, facts, deadlines, diary)
    course = Course(ground, deadlines, diary, ladders, Watch(ground, facts, found, retests, over_at), retests)
    course.run()
    returns = ReturnVisits(ground, facts, deadlines, diary, ladders)
    returns.run()
    standing = _standing(ground, cancelled, course.standing, ladders.losses)
    start = ground.start
    plan = Plan(
        ground.key,
        start.episode,
        start.discharged_at,
        ground.day_0,
        ground.days,
        start.time_zone,
        start.protocol,
        start.jurisdiction,
        standing,
        tuple(missed.day.number for missed in course.missed),
        (*ladders.calls, *returns.calls),
        positive,
        tuple(day.number for day in course.added),
        course.added_at,
        tuple(_in_its_time(course.alerts, standing, returns.last_number)),
        tuple(returns.visits),
        pauses,
    )
    _look_again(ground, deadlines, plan, before)
    return plan


def _pauses(before: Announced, over_at: datetime | None, now: datetime) -> tuple[Pause, ...]:
    """When the plan stood as cancelled and does so no more; one more when that is taken back, or moves later (F8)."""
    known = before.plan.pauses
    until = now if over_at is None else min(now, over_at)
    if before.over_at is None or until <= before.over_at:
        return known
    paused = Pause(before.over_at, until)
    return (*(pause for pause in known if not paused.covers(pause)), paused)


def _standing(ground: Ground, cancelled: Cancellation | None, so_far: Standing, losses: list[Loss]) -> Standing:
    """Cancelled before all else (F8). Whoever is discharged again was readmitted before that, if the plan still ran."""
    if cancelled is not None:
        return Standing("cancelled", cancelled.at, cancelled.why)
    if ground.until is not None and so_far.state != "completed":
        return Standing("cancelled", ground.until, "readmitted")
    if not losses or so_far.state == "completed":
        return replace(so_far, resumed=losses[-1].until) if losses else so_far
    resumed = losses[-1].until
    if resumed is None:
        return Standing("lost", losses[-1].since)
    if so_far.state == "running":
        return Standing("running", resumed, "contact", resumed=resumed)
    return replace(so_far, resumed=resumed)


def _look_again(ground: Ground, deadlines: Deadlines, plan: Plan, before: Announced | None) -> None:
    """A plan that is held or lost is looked at again at each midnight, until one of them finds nothing new (F7).

    Then only people can change it, and what they report wakes it: it would tick every midnight for ever, with nothing
    to say. What a report changes at a later midnight has a deadline of its own.
    """
    standing = plan.standing
    if standing.state not in {"held", "lost"}:
        return
    if before is None or before.plan != plan or deadlines.has_found_anything:
        read_to = deadlines.read_to(standing.since)
        deadlines.look_at(midnight_from(ground.day_0, ground.zone, read_to + _A_MOMENT).end)


def _in_its_time(alerts: tuple[Alert, ...], standing: Standing, last_number: int) -> Iterator[Alert]:
    """The alerts up to the plan's completion, or to the last day of its return visits, if that is later (F6)."""
    running = standing.state != "completed"
    return (alert for alert in alerts if running or alert.since <= standing.since or alert.day <= last_number)


def _cancellations(ground: Ground, positive: PositiveAgain | None) -> Iterator[Cancellation]:
    """Revoked, died, readmitted. A transfer takes back that the patient left for home."""
    if ground.stop is not None:
        yield Cancellation(ground.stop.at, "died" if ground.stop.kind == "died" else "revoked")
    if positive is not None and positive.branch == "readmit":
        yield Cancellation(positive.since, "readmitted")
