"""The deadlines of one plan, and what was found at each: the clock's memory under the plan's own name."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from chassis.decide.judge import Clock
from services.followup.domain.stays import Stay

EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of what has not ended."""
SKIPPED: Final = "skipped"
"""Found at a deadline that passed while the plan was cancelled or paused: no one was asked, nothing was missed (F8)."""
_A_MOMENT: Final = timedelta(microseconds=1)


class Settlement(NamedTuple):
    """What settles that a deadline was missed: when it came to the bus, and when it took place."""

    received_at: datetime
    at: datetime


class Pause(Struct, frozen=True, array_like=True):
    """When a plan stood as cancelled: after `since`, up to `until`, when that was taken back or moved (F8)."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.since < at <= self.until

    def ends_after(self, at: datetime) -> bool:
        """Whether it ended, and after an instant."""
        return at < self.until < EVER

    def covers(self, other: "Pause") -> bool:
        """Whether another lies wholly in it."""
        return self.since <= other.since and other.until <= self.until


def pauses(
    so_far: tuple[Pause, ...], over_before: datetime | None, over_at: datetime | None, now: datetime
) -> tuple[Pause, ...]:
    """`so_far`, and one more when the plan was over as last concluded and is not, or not yet, as it is now (F8).

    `over_before`, `over_at`: from when on it had no deadlines, then and now.
    """
    until = now if over_at is None else min(now, over_at)
    if over_before is None or until <= over_before:
        return so_far
    paused = Pause(over_before, until)
    return (*(pause for pause in so_far if not paused.covers(pause)), paused)


def name_of(plan: str, what: str) -> str:
    """The name under which the clock remembers a deadline of the plan with this key."""
    return f"{plan} {what}"


class Over(NamedTuple):
    """When a plan was cancelled, and from when on that was known, which is not before it; None where it is not."""

    cancelled_at: datetime | None
    closed_at: datetime | None


class Deadlines:
    """What a plan's rules ask of the clock.

    A plan cancelled at `cancelled_at` has no deadlines after that was known, `closed_at` (F10). When it revives, or is
    cancelled at a later instant after all, those that passed in the `pauses` are found skipped, permanently. So are
    those that pass while the patient is known to lie in hospital, in one of the `stays`.
    `found_before`: how many findings the clock remembered when the judgement began.
    """

    __slots__ = (
        "_awaited",
        "_found_before",
        "_pauses",
        "_prefix",
        "_stays",
        "cancelled_at",
        "clock",
        "closed_at",
        "judged_to",
    )

    def __init__(
        self,
        clock: Clock,
        key: str,
        over: Over,
        pauses: Sequence[Pause],
        stays: Sequence[Stay],
        awaited: datetime | None,
        found_before: int,
    ) -> None:
        self.clock = clock
        self.cancelled_at, self.closed_at = over
        self.judged_to = clock.watermark
        """How far all has been read and judged. Right after a process has taken over, it is unknown what has been
        read; but up to `awaited`, the instant for which the last judgement waited, there was nothing to judge."""
        if awaited is not None:
            self.judged_to = max(clock.watermark, min(awaited, clock.now) - _A_MOMENT)
        self._prefix = name_of(key, "")
        self._pauses, self._stays = pauses, stays
        self._awaited, self._found_before = awaited, found_before

    def found(self, what: str, deadline: datetime, finding: str, *, asks: bool = True) -> str | None:
        """What was found when `deadline` passed; None while it lies ahead (`Clock.found`).

        `asks`: the patient had been asked for something by then, so that a stay in hospital skips it.
        """
        name = self._prefix + what
        if name in self.clock.done:
            return self.clock.done[name]
        if not self.stood_at(deadline):
            return SKIPPED
        if any(pause.holds(deadline) for pause in self._pauses):  # also where not all that came by then has been read
            self.clock.done[name] = SKIPPED
        elif asks and any(stay.holds(deadline) for stay in self._stays):
            finding = SKIPPED
        return self.clock.found(name, deadline, finding)

    def free_from(self, at: datetime) -> datetime | None:
        """The first instant from one on at which the plan was neither cancelled nor paused, as known at that instant;
        None while it is paused."""
        while True:
            ends = [pause.until for pause in self._pauses if pause.holds(at)]
            stays = [stay.until for stay in self._stays if stay.holds(at)]
            if None in stays:
                return None
            ends += [end for end in stays if end is not None]
            if not ends:
                return at
            at = max(ends) + _A_MOMENT

    @property
    def in_hospital_since(self) -> datetime | None:
        """Since when the patient lies in hospital, as known now; None where that is not so."""
        now = (stay.admitted_at for stay in self._stays if stay.lasts_at(self.clock.now))
        return min(now, default=None)

    def paused_since(self, at: datetime) -> datetime:
        """When the stay began during which a deadline passed; else the deadline itself."""
        return next((stay.admitted_at for stay in self._stays if stay.holds(at)), at)

    def stood_at(self, at: datetime) -> bool:
        """Whether at an instant the plan was not cancelled, or nobody knew yet that it was (F10)."""
        return self.closed_at is None or at <= self.closed_at

    def passed(self, at: datetime) -> bool:
        """Whether an instant has come at which the plan was not cancelled, and all that came by then has been read."""
        if at > self.clock.watermark:
            self.look_at(at)
            return False
        return self.stood_at(at)

    def watermark(self, since: datetime) -> datetime:
        """`judged_to`, not behind `since`, which has been judged; else the instant of the judgement stands for it."""
        return self.judged_to if self.judged_to >= since else self.clock.now

    def look_at(self, ahead: datetime) -> None:
        """Asks for the case to be judged again when all that came up to `ahead` has been read."""
        if self.stood_at(ahead):
            self.clock.found(f"{self._prefix}look", ahead, "")

    @property
    def has_found_anything(self) -> bool:
        """Whether this judgement may give another one: one between two instants that were waited for, one by
        which not all has been read that came, and one at which a deadline was found to have passed.
        """
        waited_for = self._awaited is not None and self._awaited <= self.clock.now
        return not waited_for or self.clock.watermark < self.clock.now or len(self.clock.done) > self._found_before

    def remembered(self, what: str) -> str | None:
        """What was found at a deadline that has passed, without asking for it."""
        return self.clock.done.get(self._prefix + what)

    def numbers(self, what: str) -> list[int]:
        """The days whose midnights are remembered under `what`, in order."""
        if not self.clock.done:
            return []
        name = f"{self._prefix}{what} "
        return sorted(int(done.removeprefix(name)) for done in self.clock.done if done.startswith(name))
