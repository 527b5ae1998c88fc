"""The deadlines of one plan, and what was found at each: the clock's memory under the plan's own name."""

from datetime import datetime
from typing import Final

from chassis.judge import Clock

SKIPPED: Final = "skipped"
"""Found at a deadline that passed while the plan was cancelled: nobody was asked, so nothing was missed (F8)."""


class Deadlines:
    """What a plan's rules ask of the clock.

    A plan cancelled at `cancelled_at` has no deadlines after that. When it revives, those that passed meanwhile are
    found skipped, for good: also those that can be found only later, once all that came by then has been read.
    """

    __slots__ = ("_key", "_revived_at", "cancelled_at", "clock")

    def __init__(self, clock: Clock, key: str, cancelled_at: datetime | None, was_cancelled: bool) -> None:
        self.clock = clock
        self.cancelled_at = cancelled_at
        self._key = key
        name = f"{key} revived"
        if was_cancelled and cancelled_at is None:
            clock.done[name] = clock.now.isoformat()
        revived = clock.done.get(name)
        self._revived_at = datetime.fromisoformat(revived) if revived else None

    def found(self, what: str, deadline: datetime, finding: str) -> str | None:
        """What was found when `deadline` passed; None while it lies ahead (`Clock.found`)."""
        name = f"{self._key} {what}"
        if name in self.clock.done:
            return self.clock.done[name]
        if self.cancelled_at is not None and deadline > self.cancelled_at:
            return SKIPPED
        skipped = self._revived_at is not None and deadline <= self._revived_at
        return self.clock.found(name, deadline, SKIPPED if skipped else finding)

    def passed(self, at: datetime) -> bool:
        """Whether an instant has come at which the plan was not cancelled, and all that came by then has been read."""
        if at > self.clock.read_to:
            self.look_at(at)
            return False
        return self.cancelled_at is None or at <= self.cancelled_at

    def read_to(self, since: datetime) -> datetime:
        """How far all has been read: not behind `since`, which has been judged. Right after a process has taken over,
        nobody can tell, and the instant of the judgement stands for it."""
        return self.clock.read_to if self.clock.read_to >= since else self.clock.now

    def look_at(self, ahead: datetime) -> None:
        """Asks for the case to be judged again when all that came up to `ahead` has been read."""
        self.found("look", ahead, "")

    def remembered(self, what: str) -> str | None:
        """What was found at a deadline that has passed, without asking for it."""
        return self.clock.done.get(f"{self._key} {what}")

    def numbers(self, what: str) -> list[int]:
        """The days whose midnights are remembered under `what`, in order."""
        if not self.clock.done:
            return []
        name = f"{self._key} {what} "
        return sorted(int(done.removeprefix(name)) for done in self.clock.done if done.startswith(name))
