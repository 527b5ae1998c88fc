"""What follows from the facts of a case: its plans, and for each what was missed, asked for, found and decided."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from chassis.decide.judge import Clock, State
from services.followup.domain.alerts import Watch
from services.followup.domain.basis import Basis, bases
from services.followup.domain.calendar import Zones, zones_of
from services.followup.domain.calls import RequestedCall
from services.followup.domain.cancelling import cancellation
from services.followup.domain.chains import Chains
from services.followup.domain.days import ContactLog
from services.followup.domain.deadlines import Deadlines, Over, Pause, pauses
from services.followup.domain.due_tests import DueTest, DueTests
from services.followup.domain.escalation import Escalation
from services.followup.domain.evidence import Words, not_understood
from services.followup.domain.facts import Facts, Retest
from services.followup.domain.known import closures
from services.followup.domain.midnights import Midnights
from services.followup.domain.residence import Place, next_move, place_at
from services.followup.domain.retests import PositiveAgain, positive_again, read, retests_of, taken_back
from services.followup.domain.rounds import Alert
from services.followup.domain.status import Cancellation, Status, status_of
from services.followup.domain.stays import Stay, stays_of
from services.followup.domain.visits import ReturnVisit, ReturnVisits

_A_MOMENT = timedelta(microseconds=1)


class Plan(Struct, frozen=True, array_like=True):
    """A plan: which one it is, what is asked, and how it goes.

    `key` names it: episode and instant of discharge, in one spelling. `days`: its length by policy; `added`: the
    numbers of the days added since, `added_at` the midnight of the last addition. `missed`: the days that ended
    without a log, whether settled later or not; `unknown`: those that had ended before the discharge was known.
    `pauses`: when it stood as cancelled and does so no more, where no fact that is kept tells (`known.closures`).
    `moves`: from when on its days are those of another zone. `place`: where the patient lives now; missing in documents
    of the first edition. `taken_back`: the readmission that the results had made, which they make no more.
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
    unknown: tuple[int, ...] = ()
    tests: tuple[DueTest, ...] = ()
    moves: Zones = ()
    place: Place | None = None
    not_understood: tuple[Words, ...] = ()
    taken_back: PositiveAgain | None = None

    @property
    def zones(self) -> Zones:
        """The zones in which its days are counted."""
        return zones_of(self.time_zone, self.moves)

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
    tests, stays = read(basis, facts), stays_of(basis, facts)
    positive = positive_again(basis, facts, tests)
    cancelled = cancellation(basis, facts, positive, stays)
    over_at = _earliest(cancelled and cancelled.at, basis.until)
    closed = closures(basis, facts, over_at)
    closed_at = max(over_at, closed[-1].since if closed else over_at) if over_at is not None else None
    paused = tuple(pause for pause in closed if closed_at is None or pause.since < closed_at)
    untold = _untold(before, over_at, closed_at, closed, clock.now)
    deadlines = Deadlines(
        clock, basis.key, Over(over_at, closed_at), (*paused, *untold), stays, announced.due, len(announced.done)
    )
    judged = _judged(basis, facts, deadlines, tests, stays)
    so_far = judged.midnights.status
    if cancelled is None and basis.until is not None and so_far.state != "completed":
        cancelled = Cancellation(basis.until, "readmitted")
    status = status_of(cancelled, stays, clock.now, so_far, judged.escalation.losses)
    plan = _drawn_up(basis, judged, status, positive, untold, place_at(basis.start, facts.residences, clock.now))
    plan = replace(
        plan,
        not_understood=not_understood(basis, facts),
        taken_back=None if positive else taken_back(basis, facts),
    )
    _look_again(basis, deadlines, plan, before)
    if (moves_at := next_move(basis.start, facts.residences, clock.now)) is not None:
        clock.passed(moves_at)
    return plan


def _untold(
    before: Announced | None,
    over_at: datetime | None,
    closed_at: datetime | None,
    closed: tuple[Pause, ...],
    now: datetime,
) -> tuple[Pause, ...]:
    """When a plan stood as cancelled and does so no more, where no fact that is kept tells of it (F8)."""
    if before is None:
        return ()
    was_over_at = before.over_at
    moved = was_over_at is not None and (over_at is None or over_at > was_over_at)
    if was_over_at is None or not moved or any(one.ends_after(was_over_at) for one in closed):
        return before.plan.pauses
    return pauses(before.plan.pauses, was_over_at, closed_at, now)


class _Judged(NamedTuple):
    """What the rules have found of one plan."""

    midnights: Midnights
    escalation: Escalation
    visits: tuple[ReturnVisit, ...]
    tests: tuple[DueTest, ...]
    calls: tuple[RequestedCall, ...]


def _judged(
    basis: Basis, facts: Facts, deadlines: Deadlines, tests: tuple[Retest, ...], stays: tuple[Stay, ...]
) -> _Judged:
    contact_log = ContactLog(basis, facts, stays)
    escalation = Escalation(basis, facts, deadlines, contact_log)
    watch = Watch(basis, facts, [test for test in tests if basis.holds(test.collected_at)], deadlines.cancelled_at)
    due_tests = DueTests(basis, tests, deadlines, contact_log)
    midnights = Midnights(basis, deadlines, contact_log, escalation, watch, retests_of(basis, tests), due_tests)
    midnights.run()
    chains = Chains(basis, deadlines, escalation)
    returns = ReturnVisits(basis, facts, deadlines, contact_log, chains)
    returns.run()
    due, calls = due_tests.run(chains)
    return _Judged(
        midnights, escalation, tuple(returns.visits), tuple(due), (*escalation.calls, *returns.calls, *calls)
    )


def _drawn_up(
    basis: Basis,
    judged: _Judged,
    status: Status,
    positive: PositiveAgain | None,
    paused: tuple[Pause, ...],
    place: Place,
) -> Plan:
    start, midnights = basis.start, judged.midnights
    return Plan(
        basis.key,
        start.episode,
        start.discharged_at,
        basis.day_0,
        basis.days,
        start.time_zone,
        start.protocol,
        start.jurisdiction,
        status,
        tuple(missed.day.number for missed in midnights.missed if not missed.unknown),
        judged.calls,
        positive,
        tuple(day.number for day in midnights.added),
        midnights.added_at,
        tuple(_in_its_time(midnights, status, basis.aftercare_days)),
        judged.visits,
        paused,
        tuple(missed.day.number for missed in midnights.missed if missed.unknown),
        judged.tests,
        basis.zones[1:],
        place,
    )


def _in_its_time(midnights: Midnights, status: Status, last_number: int) -> Iterator[Alert]:
    """The alerts of all of aftercare, and of a plan that goes on after it (F4)."""
    goes_on = status.state in {"held", "lost"}
    last_number = max(last_number, midnights.last.number)
    return (alert for alert in midnights.alerts if goes_on or alert.day <= last_number)


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
