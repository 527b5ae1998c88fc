"""Escalation while a patient is silent: the ladders that missed days open, one at a time, and how each ends (F3)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from msgspec.structs import replace

from services.followup import policy
from services.followup.domain.basis import Basis
from services.followup.domain.calls import Bounds, Progress, RequestedCall, Schedule, progress_of
from services.followup.domain.days import ContactLog, Loss, Missed
from services.followup.domain.deadlines import SKIPPED, Deadlines, Settlement
from services.followup.domain.facts import Call, Facts

_AGAIN: Final = "opened"
_SETTLED: Final = "settled"


class Ladder(NamedTuple):
    """Steps taken one after another until everything it covers is settled.

    `opened`: the number of the day before the civil day in which it opened, `opened_at`. It covers every day then
    unsettled, and those missed while it is open. `again`: how many there were before, if it follows one of them.
    `about`: `unknown` where it opened when the discharge came to be known.
    """

    opened: int
    opened_at: datetime
    covers: list[Missed]
    again: int = 0
    about: str = ""

    @property
    def name(self) -> str:
        """The name under which its deadlines are remembered."""
        return _ladder_name(self.opened, self.again, self.about)

    def ended(self) -> Settlement | None:
        """The last settlement of what it covers; None while something is unsettled."""
        settled = [missed.settled for missed in self.covers if missed.settled]
        if len(settled) < len(self.covers):
            return None
        return max(settled, default=Settlement(self.opened_at, self.opened_at))  # a correction left it nothing

    def days_at(self, at: datetime) -> tuple[int, ...]:
        """The days missed and unsettled by an instant."""
        return tuple(missed.day.number for missed in self._missed_at(at))

    def asks_at(self, call: RequestedCall) -> RequestedCall:
        """A call of it with what it is about: the days missed and unsettled when it was asked for."""
        missed = self._missed_at(call.opened_at)
        unknown = bool(missed) and all(one.unknown for one in missed)
        return replace(call, days=self.days_at(call.opened_at), why="day_unknown" if unknown else "")

    def _missed_at(self, at: datetime) -> list[Missed]:
        return [missed for missed in self.covers if missed.day.end <= at and missed.open_at(at)]


class Outcome(NamedTuple):
    """How one ladder went.

    `contact`: the first since it opened, or since the loss. `idle_at`: from when it is exhausted and asks for nothing
    more. `skipped_at`: from when it was left, because a time of its own passed while the plan was cancelled.
    """

    progress: Progress
    ended: Settlement | None
    contact: datetime | None
    lost_at: datetime | None
    idle_at: datetime | None
    skipped_at: datetime | None

    def open_at(self, at: datetime) -> bool:
        """Whether at an instant it looks for the patient, or the patient is lost."""
        if self.skipped_at is not None and self.skipped_at <= at:
            return False
        if self.idle_at is not None and self.idle_at <= at and self.contact is not None and self.contact < at:
            return False
        return self.ended is None or self.ended.received_at >= at


class Refusal(NamedTuple):
    """Nobody is asked again, since when, and the calls that were refused (F3)."""

    at: datetime
    calls: tuple[str, ...]


class Escalation:
    """The ladders of one plan. `rest_from`: its completion, after which it asks for no more calls (F8)."""

    def __init__(self, basis: Basis, facts: Facts, deadlines: Deadlines, contact_log: ContactLog) -> None:
        self._basis, self._facts, self._deadlines, self._contact_log = basis, facts, deadlines, contact_log
        self._ladders: list[Ladder] = []
        self._outcomes: dict[int, tuple[Settlement | None, Outcome]] = {}
        self._terms = policy.ladder(basis.start.jurisdiction, basis.day_0)
        self._rest_from: datetime | None = None

    @property
    def is_idle(self) -> bool:
        """Whether none has opened yet."""
        return not self._ladders

    def open_at(self, at: datetime) -> bool:
        """Whether one is open: then what is missed at that instant joins it."""
        return bool(self._ladders) and self._outcome(-1).open_at(at)

    @property
    def left_at(self) -> datetime | None:
        """When the last one, or the one to follow it, was given up since the plan was cancelled or paused meanwhile."""
        if not self._ladders:
            return None
        outcome = self._outcome(-1)
        if outcome.skipped_at is None and self._deadlines.remembered(self._next_name()) == SKIPPED:
            return self._follows(outcome) or outcome.idle_at
        return outcome.skipped_at

    def open(self, opened: int, at: datetime, covers: list[Missed], about: str = "") -> None:
        """A ladder opens."""
        self._ladders.append(Ladder(opened, at, covers, about=about))

    def join(self, missed: Missed) -> bool:
        """One more missed day for the ladder that is open; False when there is none at all."""
        if self._ladders:
            self._ladders[-1].covers.append(missed)
        return bool(self._ladders)

    def reopen(self, until: datetime | None, unsettled_at: Callable[[datetime], list[Missed]]) -> None:
        """Opens, up to an instant, each ladder that follows one that was exhausted while there was contact."""
        while self._ladders and (at := self._again_at()) is not None and (until is None or at <= until):
            unsettled = unsettled_at(at)
            finding = self._deadlines.found(
                self._next_name(), at, f"{_AGAIN} {at.isoformat()}" if unsettled else _SETTLED
            )
            how, _, opened_at = (finding or "").partition(" ")
            if how != _AGAIN:
                return
            at = datetime.fromisoformat(opened_at) if opened_at else at
            number = self._basis.number_at(at) - 1
            covers = unsettled_at(at)
            self._ladders.append(Ladder(number, at, covers, len(self._ladders), self._ladders[-1].about))

    def _again_at(self) -> datetime | None:
        """When a ladder opens again after the last one: what was found of that stays, whatever is learnt later (F3)."""
        how, _, opened_at = (self._deadlines.remembered(self._next_name()) or "").partition(" ")
        if how == _AGAIN and opened_at:
            return datetime.fromisoformat(opened_at)
        return self._follows(self._outcome(-1))

    def _next_name(self) -> str:
        """The name under which the opening of the one that follows the last is remembered."""
        return f"again {self._ladders[-1].name}"

    @property
    def refusal(self) -> Refusal | None:
        """From when on nobody is asked again: so many ladders were exhausted and ended in refusals (F3)."""
        refused = [one.progress for one in self._all() if one.progress.refusals and one.progress.exhausted_at]
        if len(refused) < self._terms.refused_ladders:
            return None
        refused = refused[: self._terms.refused_ladders]
        instants = [one.exhausted_at for one in refused if one.exhausted_at is not None]
        return Refusal(max(instants), tuple(call for one in refused for call in one.refusals))

    def is_given_up_at(self, at: datetime) -> bool:
        """Whether by an instant the patient had refused so often that nobody is asked again."""
        refusal = self.refusal
        return refusal is not None and refusal.at <= at

    def rest_from(self, at: datetime) -> None:
        """The plan is completed: what was still asked for is asked for no more."""
        self._rest_from = at
        if any(outcome.ended is None or outcome.ended.received_at >= at for outcome in self._all()):
            self._outcomes.clear()

    @property
    def losses(self) -> list[Loss]:
        """The times during which the patient was lost, in order."""
        return [Loss(outcome.lost_at, outcome.contact) for outcome in self._all() if outcome.lost_at is not None]

    @property
    def calls(self) -> tuple[RequestedCall, ...]:
        """Everything asked for, open or ended."""
        return tuple(
            ladder.asks_at(call)
            for ladder, outcome in zip(self._ladders, self._all(), strict=True)
            for call in outcome.progress.calls
        )

    @cached_property
    def reports(self) -> dict[str, Call]:
        """What was reported of calls and home visits, by id."""
        return {call.call_id: call for call in self._facts.calls}

    def schedule(self, opened: int, opened_at: datetime, again: int, about: str = "", visit: str = "") -> Schedule:
        """The schedule of a ladder of the plan; `again`: how many there were before, if it follows one of them."""
        name = _ladder_name(opened, again, about)
        until = self._steps_until(opened, opened_at)
        return Schedule(self._basis.key, self._facts.case_id, opened, opened_at, until, visit, name)

    def _steps_until(self, opened: int, opened_at: datetime) -> tuple[datetime, ...]:
        """By when its steps must be reported: call 1 by the end of the opening day, the others after that."""
        terms = self._terms
        day = self._basis.day(opened + terms.first_call_days)
        while day.end <= opened_at:
            day = self._basis.day(day.number + 1)
        return (day.end, *(day.end + timedelta(hours=hours) for hours in (*terms.later_calls_hours, terms.visit_hours)))

    @cached_property
    def _contacts(self) -> Sequence[datetime]:
        return self._contact_log.contacts()

    def _all(self) -> list[Outcome]:
        return [self._outcome(index) for index in range(len(self._ladders))]

    def _outcome(self, index: int) -> Outcome:
        """How a ladder went; that changes only when what it covers is settled at another time."""
        index %= len(self._ladders)
        ladder = self._ladders[index]
        ended = ladder.ended()
        cached = self._outcomes.get(index)
        if cached is None or cached[0] != ended:
            cached = self._outcomes[index] = ended, self._judged(ladder, ended)
        return cached[1]

    def _judged(self, ladder: Ladder, ended: Settlement | None) -> Outcome:
        """How a ladder went. One that was left while the plan was cancelled ends in no loss."""
        contact = next((at for at in self._contacts if at >= ladder.opened_at), None)
        deadline = ladder.opened_at + timedelta(hours=self._terms.lost_hours)
        progress = self._progress(ladder, Bounds(ended, self._rest_from))
        left = progress.skipped_at is not None and progress.skipped_at <= deadline
        verdict = None if left else self._lost(ladder, ended, contact, deadline)
        lost_at = deadline if verdict == "lost" else None
        if lost_at is not None:
            progress = self._progress(ladder, Bounds(ended, lost_at))
            contact = contact and max(contact, lost_at)
        skipped_at = progress.skipped_at or (deadline if verdict == SKIPPED else None)
        return Outcome(progress, ended, contact, lost_at, lost_at or progress.exhausted_at, skipped_at)

    def _progress(self, ladder: Ladder, bounds: Bounds) -> Progress:
        schedule = self.schedule(ladder.opened, ladder.opened_at, ladder.again, ladder.about)
        return progress_of(schedule, self.reports, self._deadlines, bounds)

    def _lost(
        self, ladder: Ladder, ended: Settlement | None, contact: datetime | None, deadline: datetime
    ) -> str | None:
        """Whether there had been no contact by the time set for that, counted from the opening."""
        name = f"lost {ladder.name}"
        over = [
            at for at in (ended and ended.received_at, contact, self._rest_from) if at is not None and at < deadline
        ]
        if over and self._deadlines.remembered(name) is None:
            return None
        return self._deadlines.found(name, deadline, "lost")

    def _follows(self, outcome: Outcome) -> datetime | None:
        """When a ladder opens again after one that was exhausted, with contact; None when all was settled."""
        if outcome.idle_at is None or outcome.contact is None or outcome.skipped_at is not None:
            return None
        at = max(outcome.idle_at, outcome.contact) + timedelta(hours=self._terms.again_hours)
        if (self._rest_from is not None and self._rest_from <= at) or self.is_given_up_at(at):
            return None
        return None if outcome.ended is not None and outcome.ended.received_at < at else at


def _ladder_name(opened: int, again: int, about: str = "") -> str:
    """What names a ladder in its plan: when it opened, and its place among them if it follows one of them."""
    return f"{about} {opened}{f'+{again}' if again else ''}".lstrip()
