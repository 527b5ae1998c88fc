"""Looking for somebody silent: the ladders that missed days open, one at a time, and how each ends (F3)."""

from collections.abc import Callable, Container, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from msgspec.structs import replace

from schemas.calendar import local_date
from services.followup import policy
from services.followup.domain.basis import Ground
from services.followup.domain.calls import Climb, Frame, Limits, climb, ladder_name
from services.followup.domain.conclusions import RequestedCall
from services.followup.domain.days import Diary, Missed, Settlement
from services.followup.domain.deadlines import SKIPPED, Deadlines
from services.followup.domain.facts import Call, Facts

_AGAIN: Final = "opened"
_SETTLED: Final = "settled"


class Loss(NamedTuple):
    """A time without contact: from the instant at which the patient was lost, until the next contact, if any."""

    since: datetime
    until: datetime | None


class Ladder(NamedTuple):
    """Steps taken one after another until everything it covers is settled.

    `opened`: the number of the day before the civil day in which it opened, `opened_at`. It covers every day then
    unsettled, and those missed while it is open. `again`: how many there were before, if it follows one of them.
    """

    opened: int
    opened_at: datetime
    covers: list[Missed]
    again: int = 0

    @property
    def name(self) -> str:
        """The name under which its deadlines are remembered."""
        return ladder_name(self.opened, self.again)

    def ended(self) -> Settlement | None:
        """The last settlement of what it covers; None while something is unsettled."""
        settled = [missed.settled for missed in self.covers if missed.settled]
        if len(settled) < len(self.covers):
            return None
        return max(settled, default=Settlement(self.opened_at, self.opened_at))  # a correction left it nothing

    def days_at(self, at: datetime) -> tuple[int, ...]:
        """The days missed and unsettled by an instant."""
        return tuple(missed.day.number for missed in self.covers if missed.day.end <= at and missed.open_at(at))


class Way(NamedTuple):
    """How one ladder went.

    `contact`: the first since it opened, or since the loss. `idle_at`: from when it asks for nothing more, in vain.
    `skipped_at`: from when it was left, because a time of its own passed while the plan was cancelled.
    """

    climb: Climb
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
        return self.ended is None or self.ended.came >= at


class Ladders:
    """The ladders of one plan. `rest_from`: its completion, after which nobody is looked for (F8)."""

    def __init__(self, ground: Ground, facts: Facts, deadlines: Deadlines, diary: Diary) -> None:
        self._ground, self._facts, self._deadlines, self._diary = ground, facts, deadlines, diary
        self._ladders: list[Ladder] = []
        self._ways: dict[int, tuple[Settlement | None, Way]] = {}
        self._terms = policy.ladder(ground.start.jurisdiction, ground.day_0)
        self._asked: Container[date] = ()
        self._rest_from: datetime | None = None

    def open_at(self, at: datetime) -> bool:
        """Whether one is open: then what is missed at that instant joins it."""
        return bool(self._ladders) and self._way(-1).open_at(at)

    @property
    def is_left(self) -> bool:
        """Whether the last one, or the one to follow it, was given up because the plan was cancelled meanwhile."""
        if not self._ladders:
            return False
        return self._way(-1).skipped_at is not None or self._deadlines.remembered(self._next_name()) == SKIPPED

    def open(self, opened: int, at: datetime, covers: list[Missed], asked: Container[date]) -> None:
        """A ladder opens; `asked`: the dates whose logs count as contact."""
        self._asked = asked
        self._ladders.append(Ladder(opened, at, covers))

    def join(self, missed: Missed) -> bool:
        """One more missed day for the ladder that is open; False when there is none at all."""
        if self._ladders:
            self._ladders[-1].covers.append(missed)
        return bool(self._ladders)

    def reopen(self, until: datetime | None, unsettled_at: Callable[[datetime], list[Missed]]) -> None:
        """Opens, up to an instant, each ladder that follows one climbed in vain while there was contact."""
        while self._ladders and (at := self._again_at(self._way(-1))) is not None and (until is None or at <= until):
            unsettled = unsettled_at(at)
            if self._deadlines.found(self._next_name(), at, _AGAIN if unsettled else _SETTLED) != _AGAIN:
                return
            number = (local_date(at, self._ground.zone) - self._ground.day_0).days - 1
            self._ladders.append(Ladder(number, at, unsettled, len(self._ladders)))

    def _next_name(self) -> str:
        """The name under which the opening of the one that follows the last is remembered."""
        return f"again {self._ladders[-1].name}"

    def rest_from(self, at: datetime) -> None:
        """The plan is completed: what was still asked for is asked for no more."""
        self._rest_from = at
        if any(way.ended is None or way.ended.came >= at for way in self._all()):
            self._ways.clear()

    @property
    def losses(self) -> list[Loss]:
        """The times during which the patient was lost, in order."""
        return [Loss(way.lost_at, way.contact) for way in self._all() if way.lost_at is not None]

    @property
    def calls(self) -> tuple[RequestedCall, ...]:
        """Everything asked for, open or ended."""
        return tuple(
            replace(call, days=ladder.days_at(call.opened_at))
            for ladder, way in zip(self._ladders, self._all(), strict=True)
            for call in way.climb.calls
        )

    @cached_property
    def reports(self) -> dict[str, Call]:
        """What was reported of calls and home visits, by id."""
        return {call.call_id: call for call in self._facts.calls}

    @cached_property
    def _contacts(self) -> Sequence[datetime]:
        return self._diary.contacts(self._asked)

    def _all(self) -> list[Way]:
        return [self._way(index) for index in range(len(self._ladders))]

    def _way(self, index: int) -> Way:
        """How a ladder went; it only goes another way when what it covers is settled at another time."""
        index %= len(self._ladders)
        ladder = self._ladders[index]
        ended = ladder.ended()
        known = self._ways.get(index)
        if known is None or known[0] != ended:
            known = self._ways[index] = ended, self._gone(ladder, ended)
        return known[1]

    def _gone(self, ladder: Ladder, ended: Settlement | None) -> Way:
        """How a ladder went. One that was left while the plan was cancelled loses nobody."""
        contact = next((at for at in self._contacts if at >= ladder.opened_at), None)
        deadline = ladder.opened_at + timedelta(hours=self._terms.lost_hours)
        climbed = self._climb(ladder, Limits(ended, self._rest_from))
        left = climbed.skipped_at is not None and climbed.skipped_at <= deadline
        verdict = None if left else self._lost(ladder, ended, contact, deadline)
        lost_at = deadline if verdict == "lost" else None
        if lost_at is not None:
            climbed = self._climb(ladder, Limits(ended, lost_at))
            contact = contact and max(contact, lost_at)
        skipped_at = climbed.skipped_at or (deadline if verdict == SKIPPED else None)
        return Way(climbed, ended, contact, lost_at, lost_at or climbed.exhausted_at, skipped_at)

    def _climb(self, ladder: Ladder, limits: Limits) -> Climb:
        frame = Frame.of(self._ground, self._facts.case_id, ladder.opened, ladder.opened_at, ladder.again)
        return climb(frame, self.reports, self._deadlines, limits)

    def _lost(
        self, ladder: Ladder, ended: Settlement | None, contact: datetime | None, deadline: datetime
    ) -> str | None:
        """Whether nobody had heard of the patient by the time set for that, counted from the opening."""
        name = f"lost {ladder.name}"
        over = [at for at in (ended and ended.came, contact, self._rest_from) if at is not None and at < deadline]
        if over and self._deadlines.remembered(name) is None:
            return None
        return self._deadlines.found(name, deadline, "lost")

    def _again_at(self, way: Way) -> datetime | None:
        """When a ladder opens again after one that was climbed in vain, with contact; None when all was settled."""
        if way.idle_at is None or way.contact is None or way.skipped_at is not None or self._rest_from is not None:
            return None
        at = max(way.idle_at, way.contact) + timedelta(hours=self._terms.again_hours)
        return None if way.ended is not None and way.ended.came < at else at
