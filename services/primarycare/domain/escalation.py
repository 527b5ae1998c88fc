"""Escalation: one step at each deadline that passes unanswered, up to the last level; what was said stays said."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from chassis.decide.judge import Clock

Commission = Callable[[int], str | None]
"""The health commission of a level, where the directory has one."""


class Step(Struct, frozen=True, array_like=True):
    """An escalation: it was said, and stays so.

    `institution_id`: who had been asked; None where nobody could be. `to`: the health commission of the level.
    `respond_by`: when the next level follows, if there is one.
    """

    level: int
    at: datetime
    institution_id: str | None
    why: str
    to: str | None
    respond_by: datetime | None


class Escalation:
    """The steps of one search, through its stages: each institution that is asked is one.

    `taken`: the steps of before, of which those stay that the clock found; one that followed at once from what was
    answered is drawn anew. `next_at`: the deadline that is awaited, while there is one.
    """

    def __init__(self, name: str, levels: int, taken: tuple[Step, ...], commission: Commission, clock: Clock) -> None:
        self.next_at: datetime | None = None
        self._name, self._levels, self._commission, self._clock = name, levels, commission, clock
        found = [step.level for step in taken if self._what(step.level) in clock.done]
        self.steps = [step for step in taken if step.level <= max(found, default=0)]

    @property
    def is_exhausted(self) -> bool:
        """Whether the last level has been reached."""
        return len(self.steps) >= self._levels

    def wait(
        self, institution_id: str | None, why: str, first: datetime, every: timedelta, until: datetime | None
    ) -> None:
        """A stage: takes a step at `first` and after each `every`, for as long as nothing has come.

        `until`: when what ended the stage came; a deadline that passed by then had passed unanswered.
        """
        deadline = first
        while not self.is_exhausted and (until is None or deadline <= until):
            if not self.steps or deadline > self.steps[-1].at:
                if not self._clock.lapsed(self._what(len(self.steps) + 1), deadline, answered=False):
                    self.next_at = deadline
                    return
                self._take(institution_id, why, deadline, every)
            deadline += every

    def at_once(self, institution_id: str | None, why: str, at: datetime, every: timedelta) -> None:
        """A step that waits for nothing; the next follows after `every`."""
        if not self.is_exhausted and (not self.steps or at > self.steps[-1].at):
            self._take(institution_id, why, at, every)

    def _take(self, institution_id: str | None, why: str, at: datetime, every: timedelta) -> None:
        level = len(self.steps) + 1
        respond_by = at + every if level < self._levels else None
        self.steps.append(Step(level, at, institution_id, why, self._commission(level), respond_by))

    def _what(self, level: int) -> str:
        return f"{self._name} {level}"


def level_at(steps: Iterable[Step], instant: datetime) -> int:
    """How far something had been escalated before an instant."""
    return sum(step.at < instant for step in steps)
