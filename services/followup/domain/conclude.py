"""What follows from the facts of a case: its plans, and for each what was missed, asked for, found and decided."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from chassis.decide.judge import Clock, State
from services.followup.domain.alerts import Alert, Watch
from services.followup.domain.basis import Basis, bases
from services.followup.domain.calls import RequestedCall
from services.followup.domain.days import ContactLog, Loss
from services.followup.domain.deadlines import Deadlines, Pause, pauses
from services.followup.domain.escalation import Escalation
from services.followup.domain.facts import Facts
from services.followup.domain.midnights import Midnights, Status
from services.followup.domain.retests import PositiveAgain, positive_again, retests_of
from services.followup.domain.visits import ReturnVisit, ReturnVisits

_A_MOMENT = timedelta(microseconds=1)


class Plan(Struct, frozen=True, array_like=True):
    """A plan: which one it is, what is asked, and how it goes.

    `key` names it: episode and instant of discharge, in one spelling. `days`: its length by policy; `added`: the
    numbers of the days added since, `added_at` the midnight of the last addition. `missed`: the days that ended
    without a log, whether settled later or not. `pauses`: when it stood as cancelled and does so no more.
    """

    key: str
    episode: int
    discharged_at: datetime
    day_0: date
    days: int
    time_zone: str
    protocol: str
    jurisdiction: str
    status: Status
    missed: tuple[int, ...] = ()
    calls: tuple[RequestedCall, ...] = ()
    positive: PositiveAgain | None = None
    added: tuple[int, ...] = ()
    added_at: datetime | None = None
    alerts: tuple[Alert, ...] = ()
    visits: tuple[ReturnVisit, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def last_number(self) -> int:
        """The number of the last day."""
        return self.added[-1] if self.added else self.days


class Conclusions(Struct, frozen=True, array_like=True):
    """All that follows for a case. `due`, `done`: the clock's (chassis.decide.judge.Clock)."""

    plans: tuple[Plan, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = {}


CaseState = State[Facts, Conclusions]


class Announced(NamedTuple):
    """A plan as it was last said, and from when on it had no deadlines then: cancelled, or followed by another."""

    plan: Plan
    over_at: datetime | None


class Cancellation(NamedTuple):
    """What ends a plan before its time, and when."""

    at: datetime
    why: str


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: None) -> Conclusions:
    """What follows: a plan for each discharge in force, each judged by itself."""
    before = {one.plan.key: one for one in _announced(announced)}
    plans = tuple(_plan(basis, facts, clock, before.get(basis.key), announced) for basis in bases(facts))
    return Conclusions(plans, clock.due, clock.done)


def _announced(conclusions: Conclusions) -> Iterator[Announced]:
    for plan, following in pairwise([*conclusions.plans, None]):
        if plan is not None:
            cancelled_at = plan.status.since if plan.status.state == "cancelled" else None
            yield Announced(plan, _earliest(cancelled_at, following.discharged_at if following else None))


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def _plan(basis: Basis, facts: Facts, clock: Clock, before: Announced | None, announced: Conclusions) -> Plan:
    retests, positive = retests_of(basis, facts), positive_again(basis, facts)
    cancelled = min(_cancellations(basis, positive), default=None)
    over_at = _earliest(cancelled and cancelled.at, basis.until)
    paused = pauses(before.plan.pauses, before.over_at, over_at, clock.now) if before else ()
    deadlines = Deadlines(clock, basis.key, over_at, paused, announced.due, len(announced.done))
    contact_log = ContactLog(facts, basis.holds)
    escalation = Escalation(basis, facts, deadlines, contact_log)
    watch = Watch(basis, facts, retests, over_at)
    midnights = Midnights(basis, deadlines, contact_log, escalation, watch, retests)
    midnights.run()
    returns = ReturnVisits(basis, facts, deadlines, contact_log, escalation)
    returns.run()
    status = _status(basis, cancelled, midnights.status, escalation.losses)
    start = basis.start
    plan = Plan(
        basis.key,
        start.episode,
        start.discharged_at,
        basis.day_0,
        basis.days,
        start.time_zone,
        start.protocol,
        start.jurisdiction,
        status,
        tuple(missed.day.number for missed in midnights.missed),
        (*escalation.calls, *returns.calls),
        positive,
        tuple(day.number for day in midnights.added),
        midnights.added_at,
        tuple(_in_its_time(midnights.alerts, status, returns.last_number)),
        tuple(returns.visits),
        paused,
    )
    _look_again(basis, deadlines, plan, before)
    return plan


def _status(basis: Basis, cancelled: Cancellation | None, so_far: Status, losses: list[Loss]) -> Status:
    """Cancelled, lost, completed or held, running: the first that holds (F7, F8).

    A patient who is discharged again was readmitted before that, if the plan still ran.
    """
    if cancelled is not None:
        return Status("cancelled", cancelled.at, cancelled.why)
    if basis.until is not None and so_far.state != "completed":
        return Status("cancelled", basis.until, "readmitted")
    if not losses or so_far.state == "completed":
        return replace(so_far, resumed=losses[-1].until) if losses else so_far
    resumed = losses[-1].until
    if resumed is None:
        return Status("lost", losses[-1].since)
    if so_far.state == "running":
        return Status("running", resumed, "contact", resumed=resumed)
    return replace(so_far, resumed=resumed)


def _look_again(basis: Basis, deadlines: Deadlines, plan: Plan, before: Announced | None) -> None:
    """A plan that is held or lost is looked at again at each midnight, until one of them finds nothing new (F7).

    Then only people can change it, and what they report wakes it: it would tick every midnight for ever, with nothing
    to say. What a report changes at a later midnight has a deadline of its own.
    """
    status = plan.status
    if status.state not in {"held", "lost"}:
        return
    if before is None or before.plan != plan or deadlines.has_found_anything:
        watermark = deadlines.watermark(status.since)
        deadlines.look_at(basis.midnight_from(watermark + _A_MOMENT).end)


def _in_its_time(alerts: tuple[Alert, ...], status: Status, last_number: int) -> Iterator[Alert]:
    """The alerts up to the plan's completion, or to the last day of its return visits, if that is later (F6)."""
    running = status.state != "completed"
    return (alert for alert in alerts if running or alert.since <= status.since or alert.day <= last_number)


def _cancellations(basis: Basis, positive: PositiveAgain | None) -> Iterator[Cancellation]:
    """Revoked, died, readmitted. A transfer takes back that the patient left for home."""
    if basis.stop is not None:
        yield Cancellation(basis.stop.at, "died" if basis.stop.kind == "died" else "revoked")
    if positive is not None and positive.branch == "readmit":
        yield Cancellation(positive.since, "readmitted")
