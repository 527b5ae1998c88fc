"""given · when · then for a rule: a case of one kind, judged as the engine judges it, without IO."""

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Self

from chassis.decide.aggregate import AnyAggregate
from chassis.decide.judge import AnyState, Emitted, Receipt, Rejection, judge_message, judge_tick, overdue
from schemas.envelope import Event, Message, Report


class Story:
    """A case that is told message by message. Every message comes when it happened, unless told otherwise."""

    def __init__(self, kind: AnyAggregate, context: Any = None) -> None:
        self.kind = kind
        self.context = context
        self.state: AnyState = kind.begin()
        self.now: datetime | None = None
        self.emitted: list[Emitted] = []
        self.rejection: Rejection | None = None
        self._published = 0

    def given(self, *messages: Message, received_at: datetime | None = None) -> Self:
        """What was known before; what it causes is not looked at."""
        for message in messages:
            self.when(message, received_at=received_at)
        self.emitted = []
        return self

    def when(
        self,
        message: Message,
        *,
        received_at: datetime | None = None,
        recorded: datetime | None = None,
        sequence: int = 0,
        watermark: datetime | None = None,
        source: str = "/tests",
    ) -> Self:
        """One more message; `then` looks at what it (and the clock, up to when it came) caused.

        `watermark`: how far the other topics have been read when the message is judged; by default as far as this one.
        """
        self._published += 1
        received_at = received_at or self.now or _happened(message)
        self.emitted, self.rejection = [], None
        self.until(max(watermark or received_at, self.now) if self.now else watermark or received_at, keep=True)
        self.now = max(received_at, self.now or received_at)
        assert self.now is not None
        receipt = Receipt(
            id=f"00000000-0000-4000-8000-{self._published:012d}",
            type=message.type_name(),
            source=source,
            received_at=received_at,
            recorded=recorded or received_at,
            rank=_rank(message, recorded or received_at, sequence or self._published),
        )
        learn = self.kind.by_type[message.type_name()].learn
        judged = judge_message(self.kind, self.state, learn, message, receipt, watermark or self.now, self.context)
        self._goes_on(judged.state)
        self.rejection = judged.rejection
        self.emitted.extend(judged.emitted)
        return self

    def until(self, instant: datetime, *, keep: bool = False) -> Self:
        """The clock goes on to `instant`, and nothing else happens; `then` looks at what that caused."""
        if not keep:
            self.emitted, self.rejection = [], None
        for judged in overdue(self.kind, self.state, instant, self.context):
            self._goes_on(judged.state)
            self.emitted.extend(judged.emitted)
        self.now = instant
        return self

    def woken(self, instant: datetime) -> Self:
        """Something else has changed: the case is judged again at `instant`; `then` looks at what that caused."""
        self.until(instant)
        judged = judge_tick(self.kind, self.state, instant, self.context)
        self._goes_on(judged.state)
        self.emitted.extend(judged.emitted)
        return self

    def _goes_on(self, state: AnyState) -> None:
        """As the engine does: what the case has taken of the world, the next judgement sees."""
        before, self.state = self.state, state
        if self.kind.adds_up is not None:
            self.context = self.kind.adds_up(self.context, before, state)

    def then(self, *expected: tuple[type[Event], dict[str, Any]] | type[Event]) -> Self:
        """Exactly these events, in any order; of an expected event's data only the fields named are compared.

        Each event stands for one expectation only: whoever names most of an event has the first choice.
        """
        assert self.rejection is None, self.rejection
        events = [(type(emitted.event).__name__, _data(emitted.event)) for emitted in self.emitted]
        wanted = [entry if isinstance(entry, tuple) else (entry, {}) for entry in expected]
        assert Counter(name for name, _ in events) == Counter(cls.__name__ for cls, _ in wanted), events
        left = list(events)
        for cls, fields in sorted(wanted, key=lambda entry: len(entry[1]), reverse=True):
            matching = [event for event in left if _matches(event, cls, fields)]
            assert matching, (cls.__name__, fields, events)
            left.remove(matching[0])
        return self

    def stays_quiet(self) -> Self:
        """Nothing was said and nothing was refused."""
        return self.then()

    def refuses(self, code: str, at: str | None = None) -> Self:
        """The last report was refused with `code`, and nothing was said."""
        assert self.rejection is not None, f"not refused; said {self.emitted}"
        assert (self.rejection.code, self.rejection.at) == (code, at), self.rejection
        return self


def _happened(message: Message) -> datetime:
    field = getattr(message, "clinical_time", None) if isinstance(message, Report) else None
    instant = getattr(message, field) if field else None
    assert isinstance(instant, datetime), f"say when {type(message).__name__} came"
    return instant + timedelta(minutes=1)


def _rank(message: Message, recorded: datetime, sequence: int) -> str:
    if isinstance(message, Report):
        return f"{int(recorded.timestamp() * 1e6):016x}{sequence:032x}"
    return f"{sequence:016x}"


def _data(event: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(event.model_dump_json(exclude_none=True))
    return loaded


def _matches(event: tuple[str, dict[str, Any]], cls: type[Event], fields: dict[str, Any]) -> bool:
    name, data = event
    return name == cls.__name__ and all(data.get(field) == value for field, value in fields.items())
