"""The deadlines of one plan, and what was found at each: the clock's memory under the plan's own name."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from chassis.judge import Clock
from services.followup.domain.conclusions import Pause

SKIPPED: Final = "skipped"
"""Found at a deadline that passed while the plan was cancelled: nobody was asked, so nothing was missed (F8)."""
_A_MOMENT: Final = timedelta(microseconds=1)


class Deadlines:
    """What a plan's rules ask of the clock.

    A plan cancelled at `cancelled_at` has no deadlines after that. When it revives, or is cancelled at a later instant
    after all, those that passed in the `pauses` are found skipped, for good: also those up to which not all has been
    read yet.
    """

    __slots__ = ("_awaited", "_key", "_known", "_pauses", "cancelled_at", "clock", "judged_to")

    def __init__(
        self,
        clock: Clock,
        key: str,
        cancelled_at: datetime | None,
        pauses: Sequence[Pause],
        awaited: datetime | None,
        known: int,
    ) -> None:
        self.clock = clock
        self.cancelled_at = cancelled_at
        self.judged_to = clock.read_to
        """How far all has been read and judged. Right after a process has taken over, nobody can tell what has been
        read; but up to `awaited`, the instant for which the last judgement waited, there was nothing to judge."""
        if awaited is not None:
            self.judged_to = max(clock.read_to, min(awaited, clock.now) - _A_MOMENT)
        self._key = key
        self._pauses = pauses
        self._awaited, self._known = awaited, known

    def found(self, what: str, deadline: datetime, finding: str) -> str | None:
        """What was found when `deadline` passed; None while it lies ahead (`Clock.found`)."""
        name = f"{self._key} {what}"
        if name in self.clock.done:
            return self.clock.done[name]
        if not self.stood_at(deadline):
            return SKIPPED
        if any(pause.holds(deadline) for pause in self._pauses):  # whatever may still be read of what came by then
            self.clock.done[name] = SKIPPED
        return self.clock.found(name, deadline, finding)

    def stood_at(self, at: datetime) -> bool:
        """Whether at an instant the plan was not cancelled, as that is known now."""
        return self.cancelled_at is None or at <= self.cancelled_at

    def passed(self, at: datetime) -> bool:
        """Whether an instant has come at which the plan was not cancelled, and all that came by then has been read."""
        if at > self.clock.read_to:
            self.look_at(at)
            return False
        return self.stood_at(at)

    def read_to(self, since: datetime) -> datetime:
        """`judged_to`, not behind `since`, which has been judged; else the instant of the judgement stands for it."""
        return self.judged_to if self.judged_to >= since else self.clock.now

    def look_at(self, ahead: datetime) -> None:
        """Asks for the case to be judged again when all that came up to `ahead` has been read."""
        if self.stood_at(ahead):
            self.clock.found(f"{self._key} look", ahead, "")

    @property
    def has_found_anything(self) -> bool:
        """Whether this judgement may be the ground of another: one between two instants that were waited for, one by
        which not all has been read that came, and one at which a deadline was found to have passed.
        """
        waited_for = self._awaited is not None and self._awaited <= self.clock.now
        return not waited_for or self.clock.read_to < self.clock.now or len(self.clock.done) > self._known

    def remembered(self, what: str) -> str | None:
        """What was found at a deadline that has passed, without asking for it."""
        return self.clock.done.get(f"{self._key} {what}")

    def numbers(self, what: str) -> list[int]:
        """The days whose midnights are remembered under `what`, in order."""
        if not self.clock.done:
            return []
        name = f"{self._key} {what} "
        return sorted(int(done.removeprefix(name)) for done in self.clock.done if done.startswith(name))
