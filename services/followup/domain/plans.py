"""Where each plan stands: cancelled, completed or held, running; the first that holds (F7, F8)."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from chassis.judge import Clock
from services.followup.domain.conclusions import Conclusions, Plan, PositiveAgain, Standing
from services.followup.domain.course import Course
from services.followup.domain.deadlines import Deadlines
from services.followup.domain.facts import Facts
from services.followup.domain.ground import Ground, grounds
from services.followup.domain.ladder import first_calls
from services.followup.domain.retests import positive_again, retests_of


class Cancellation(NamedTuple):
    """What ends a plan before its time, and when."""

    at: datetime
    why: str


def conclude(facts: Facts, announced: Conclusions, clock: Clock, world: None) -> Conclusions:
    """What follows: a plan for each standing discharge, each judged by itself."""
    cancelled = {plan.key for plan in announced.plans if plan.standing.state == "cancelled"}
    plans = tuple(_plan(ground, facts, clock, ground.key in cancelled) for ground in grounds(facts))
    return Conclusions(plans, clock.due, clock.done)


def _plan(ground: Ground, facts: Facts, clock: Clock, was_cancelled: bool) -> Plan:
    retests = retests_of(ground, facts)
    positive = positive_again(ground, facts, retests)
    cancelled = min(_cancellations(ground, positive), default=None)
    over_at = min((at for at in (cancelled and cancelled.at, ground.until) if at is not None), default=None)
    deadlines = Deadlines(clock, ground.key, over_at, was_cancelled and over_at is None)
    course = Course(ground, facts, deadlines, retests)
    course.run()
    standing = _standing(ground, cancelled, course.standing)
    start = ground.start
    return Plan(
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
        first_calls(ground, facts, deadlines, course.ladders, standing),
        positive,
        tuple(day.number for day in course.added),
        course.added_at,
    )


def _standing(ground: Ground, cancelled: Cancellation | None, so_far: Standing) -> Standing:
    """Cancelled before all else (F8). Whoever is discharged again was readmitted before that, if the plan still ran."""
    if cancelled is not None:
        return Standing("cancelled", cancelled.at, cancelled.why)
    if ground.until is not None and so_far.state != "completed":
        return Standing("cancelled", ground.until, "readmitted")
    return so_far


def _cancellations(ground: Ground, positive: PositiveAgain | None) -> Iterator[Cancellation]:
    """Revoked, died, readmitted. A transfer takes back that the patient left for home."""
    if ground.stop is not None:
        yield Cancellation(ground.stop.at, "died" if ground.stop.kind == "died" else "revoked")
    if positive is not None and positive.branch == "readmit":
        yield Cancellation(positive.since, "readmitted")
