"""Escalation: one step at each deadline that passes unanswered, up to the last level; what was said stays said."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from chassis.decide.judge import Clock
from services.primarycare.domain.institutions import Directory

Place = tuple[str, str]
"""Jurisdiction and district."""


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


class Stage(NamedTuple):
    """What is waited for from an instant on, by what had come by then (F10); without `deadline` nothing is.

    `institution_id`: whose answer. `every`: after the deadline, how long each level has before the next. `at_once`:
    since when nobody is left to ask, which waits for nothing. `place`: where the patient lived, as far as it was known.
    """

    since: datetime
    institution_id: str | None = None
    why: str = ""
    deadline: datetime | None = None
    every: timedelta = timedelta()
    at_once: datetime | None = None
    place: Place = ("", "")


class Escalation:
    """The steps of one search, through its stages: whatever came may begin another one.

    `taken`: the steps of before, of which those stay that the clock found; one that followed at once from what was
    answered is drawn anew. `next_at`: the deadline that is awaited, while there is one.
    """

    def __init__(self, name: str, levels: int, taken: tuple[Step, ...], directory: Directory, clock: Clock) -> None:
        self.next_at: datetime | None = None
        self._name, self._levels, self._directory, self._clock = name, levels, directory, clock
        found = [step.level for step in taken if self._is_found(step)]
        self.steps = [step for step in taken if step.level <= max(found, default=0)]
        self._found = len(self.steps)

    @property
    def is_exhausted(self) -> bool:
        """Whether the last level has been reached."""
        return len(self.steps) >= self._levels

    def climb(self, stages: Sequence[Stage]) -> None:
        """Through all stages, in the order in which they began; the last one goes on.

        A deadline is met by what came before it: at the very instant it is too late.
        """
        for stage, then in pairwise((*stages, None)):
            if stage is not None and not self._wait(stage, then.since if then is not None else None):
                return

    def _wait(self, stage: Stage, until: datetime | None) -> bool:
        """Whether the stage is over: nothing has to be waited for before the next begins."""
        del self.steps[self._found :]
        if stage.at_once is not None and not self.is_exhausted and self._is_after_the_last(stage.at_once):
            self._take(stage, stage.at_once)
        deadline = stage.deadline
        while deadline is not None and not self.is_exhausted and (until is None or deadline <= until):
            if deadline > stage.since and self._is_after_the_last(deadline):
                if not self._clock.lapsed(self._what(len(self.steps) + 1, deadline), deadline, answered=False):
                    self.next_at = deadline
                    return False
                self._take(stage, deadline)
                self._found = len(self.steps)
            deadline += stage.every
        return True

    def _is_after_the_last(self, at: datetime) -> bool:
        return not self.steps or at > self.steps[-1].at

    def _take(self, stage: Stage, at: datetime) -> None:
        level = len(self.steps) + 1
        respond_by = at + stage.every if level < self._levels else None
        to = self._directory.commission(*stage.place, level)
        self.steps.append(Step(level, at, stage.institution_id, stage.why, to, respond_by))

    def _is_found(self, step: Step) -> bool:
        """Of the first edition's the memory has the level alone."""
        done = self._clock.done
        return self._what(step.level, step.at) in done or f"{self._name} {step.level}" in done

    def _what(self, level: int, deadline: datetime) -> str:
        return f"{self._name} {level} {deadline.astimezone(UTC).isoformat()}"


def level_at(steps: Iterable[Step], instant: datetime) -> int:
    """How far something had been escalated before an instant."""
    return sum(step.at < instant for step in steps)
