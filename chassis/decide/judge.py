"""How every service decides: *learn, conclude, announce*, and the clock that rules may ask.

Pure: no IO, no clocks, no randomness. A rule never sees a message, only the set of facts, so order of arrival,
repetition, lateness and correction need no code in any domain.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar


class Receipt(NamedTuple):
    """What is known of a message beyond its data.

    `received_at`: when it came to the bus. `recorded`: when its publisher wrote it down. `rank`: of two messages about
    the same thing, and with nothing better to go by, the one with the greater rank holds (a report: later
    `recordedtime`, else greater id; an event: higher `sequence`). Ranks are compared as text and only within one topic.
    """

    id: str
    type: str
    source: str
    received_at: datetime
    recorded: datetime
    rank: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A report refused on itself alone. `code`: fixed vocabulary; `reason`: a sentence without personal data."""

    code: str
    reason: str
    at: str | None = None


class Emitted(NamedTuple):
    """An event, and the instant at which it became true (from the facts)."""

    event: Any
    time: datetime


class Clock:
    """The instant of a judgement, and the memory of deadlines.

    `now`: the instant as of which is judged; what it says can change with what is learnt later.
    `watermark`: every record received up to this instant has been learnt. It may lie behind `now`, as another topic may
    still hold an earlier record; what is found permanently waits for it.
    `done`: append-only, what was found at each deadline that has passed.
    `due`: the earliest instant asked for that has not passed; the clock alone may change the conclusions then.
    """

    __slots__ = ("done", "due", "now", "watermark")

    def __init__(self, now: datetime, done: Mapping[str, str], watermark: datetime | None = None) -> None:
        self.now = now
        self.watermark = now if watermark is None else watermark
        self.done = dict(done)
        self.due: datetime | None = None

    def passed(self, at: datetime) -> bool:
        """Whether `at` has come; if not, the case is judged again at `at`."""
        return at <= self.now or self._wait(at)

    def found(self, what: str, deadline: datetime, finding: str) -> str | None:
        """What was found when `deadline` passed: `finding`, the first time it is asked after that, permanently.

        None before that, or while not all received by then has been read: nothing that depends on it is concluded yet.
        Draw `finding` from what was received by the deadline, so that a late tick finds the same as a punctual one.
        """
        if what not in self.done:
            if deadline > self.watermark:
                self._wait(deadline)
                return None
            self.done[what] = finding
        return self.done[what]

    def lapsed(self, what: str, deadline: datetime, answered: bool) -> bool:
        """Whether `deadline` passed without an answer; what answers it afterwards does not undo that."""
        return self.found(what, deadline, "answered" if answered else "lapsed") == "lapsed"

    def _wait(self, at: datetime) -> bool:
        if self.due is None or at < self.due:
            self.due = at
        return False


class Conclusions(Protocol):
    """What every domain's conclusions carry for the clock."""

    @property
    def due(self) -> datetime | None: ...
    @property
    def done(self) -> Mapping[str, str]: ...


F = TypeVar("F")
"""A domain's facts."""
C = TypeVar("C", bound=Conclusions)
"""A domain's conclusions."""
X_contra = TypeVar("X_contra", contravariant=True)
"""The context of a domain's rules: what they need beyond the case; None where that is nothing."""


class State(NamedTuple, Generic[F, C]):
    """A case as one service knows it: what was reported, what follows from it, and as of when that was judged."""

    facts: F
    conclusions: C
    judged: datetime | None = None


AnyState = State[Any, Any]
"""Of whichever domain: for those who handle the cases of all."""

Learn = Callable[[F, Any, Receipt], F | Rejection]
"""(facts, message, receipt) → facts, the same object when nothing new was learnt, or a `Rejection`."""
Conclude = Callable[[F, C, Clock, X_contra], C]
"""(facts, conclusions so far, clock, context) → conclusions."""
Announce = Callable[[State[F, C], State[F, C]], Iterable[Emitted]]
"""(before, after) → the difference."""


class Judged(NamedTuple, Generic[F, C]):
    """The outcome of one step: the new state, the events emitted, or why the report was rejected."""

    state: State[F, C]
    emitted: tuple[Emitted, ...] = ()
    rejection: Rejection | None = None


class Rules(Protocol[F, C, X_contra]):
    """The two steps of a domain that need no message; an `Aggregate` has them."""

    @property
    def conclude(self) -> Conclude[F, C, X_contra]: ...
    @property
    def announce(self) -> Announce[F, C]: ...


class NoProgress(Exception):
    """A tick concluded a `due` not later than its own: it would be woken for ever, so the case is parked."""


def judge_message(
    rules: Rules[F, C, X_contra],
    state: State[F, C],
    learn: Learn[F],
    message: object,
    receipt: Receipt,
    watermark: datetime,
    context: X_contra,
) -> Judged[F, C]:
    """Learns one message, then concludes as of when it came. A rejected report leaves the state as it was."""
    facts = learn(state.facts, message, receipt)
    if isinstance(facts, Rejection):
        return Judged(state, rejection=facts)
    if facts is state.facts:
        return Judged(state)
    return _conclude(rules, state, facts, receipt.received_at, watermark, context)


def judge_learnt(
    rules: Rules[F, C, X_contra], state: State[F, C], facts: F, at: datetime, watermark: datetime, context: X_contra
) -> Judged[F, C] | None:
    """Concludes once upon several messages that have been learnt, as of when the last of them came.

    None where a deadline found its answer: what was found when is for good, so each message has to be judged in turn.
    """
    judged = _conclude(rules, state, facts, at, watermark, context)
    return judged if judged.state.conclusions.done == state.conclusions.done else None


def judge_tick(rules: Rules[F, C, X_contra], state: State[F, C], at: datetime, context: X_contra) -> Judged[F, C]:
    """Concludes anew as of `at`, with nothing learnt.

    Raises:
        NoProgress: the new `due` is not later than `at`.
    """
    judged = _conclude(rules, state, state.facts, at, at, context)
    due = judged.state.conclusions.due
    if due is not None and due <= at:
        raise NoProgress("a tick left a due instant that is not later than its own")
    return judged


def overdue(
    rules: Rules[F, C, X_contra], state: State[F, C], watermark: datetime, context: X_contra
) -> Iterator[Judged[F, C]]:
    """A tick at each `due` of the case up to `watermark`, each at its own instant."""
    while (due := state.conclusions.due) is not None and due <= watermark:
        judged = judge_tick(rules, state, due, context)
        state = judged.state
        yield judged


def _conclude(
    rules: Rules[F, C, X_contra], before: State[F, C], facts: F, at: datetime, watermark: datetime, context: X_contra
) -> Judged[F, C]:
    now = at if before.judged is None or before.judged < at else before.judged
    clock = Clock(now, before.conclusions.done, min(watermark, now))
    after = State(facts, rules.conclude(facts, before.conclusions, clock, context), now)
    return Judged(after, tuple(rules.announce(before, after)))


Key = TypeVar("Key")
Value = TypeVar("Value")


def difference(
    before: Mapping[Key, Value], after: Mapping[Key, Value]
) -> Iterator[tuple[Key, Value | None, Value | None]]:
    """The keyed difference of two sets of standing things: (key, old, new) for each that is new, changed or gone."""
    for key, old in before.items():
        if key not in after:
            yield key, old, None
    for key, new in after.items():
        was = before.get(key)
        if was is not new and was != new:
            yield key, was, new
