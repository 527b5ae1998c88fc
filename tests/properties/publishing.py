"""A journey's messages told to one service in some order, and everything that came of it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from chassis.decide.aggregate import AnyAggregate
from chassis.decide.judge import AnyState, Emitted, Judged, Receipt, judge_message, judge_tick, overdue
from schemas.folding import ThingKey, thing
from schemas.message import Message, Report

Numbered = tuple[int, Message]
"""A message and its place in the journey: what ranks it, whatever the order in which it is told."""


class Publication:
    """One kind of case, told messages that all came at one instant, and then the clock going on.

    Every message is learnt once, as the engine's inbox sees to; a message told again is left out by its number.
    """

    def __init__(self, kind: AnyAggregate, received_at: datetime, context: Any = None) -> None:
        self.kind, self.received_at, self.context = kind, received_at, context
        self.state: AnyState = kind.begin()
        self.folded: dict[ThingKey, Emitted] = {}
        self._seen: set[int] = set()

    def tell(self, numbered: Iterable[Numbered]) -> "Publication":
        """Each message in turn."""
        for number, message in numbered:
            if number not in self._seen:
                self._seen.add(number)
                learn = self.kind.by_type[message.type_name()].learn
                self._take(
                    judge_message(
                        self.kind,
                        self.state,
                        learn,
                        message,
                        self._receipt(number, message),
                        self.received_at,
                        self.context,
                    )
                )
        return self

    def until(self, instants: Sequence[datetime]) -> "Publication":
        """The clock goes on to each of these instants, and everything due by then is judged."""
        for instant in instants:
            for judged in overdue(self.kind, self.state, instant, self.context):
                self._take(judged)
        self._take(judge_tick(self.kind, self.state, instants[-1], self.context))
        return self

    @property
    def standing(self) -> dict[ThingKey, Any]:
        """What a stranger holds who has folded all that was said: the last word on each thing, unless withdrawn."""
        return {about: _emitted(emitted) for about, emitted in self.folded.items() if not emitted.event.withdrawn}

    @property
    def end(self) -> tuple[Any, Any, dict[ThingKey, Any]]:
        """Facts, conclusions, standing events."""
        return self.state.facts, self.state.conclusions, self.standing

    def _take(self, judged: Judged[Any, Any]) -> None:
        assert judged.rejection is None, judged.rejection
        self.state = judged.state
        for emitted in judged.emitted:
            self.folded[about(self.kind, emitted)] = emitted

    def _receipt(self, number: int, message: Message, /) -> Receipt:
        rank = f"{number:016x}" + (f"{number:032x}" if isinstance(message, Report) else "")
        identity = f"00000000-0000-4000-8000-{number:012d}"
        return Receipt(identity, message.type_name(), "/tests", self.received_at, self.received_at, rank)


def stated_anew(kind: AnyAggregate, state: AnyState) -> dict[ThingKey, Any]:
    """What somebody who knew nothing would be told of a state: what the conclusions say, as events."""
    announced = kind.announce(kind.begin(), state)
    return {about(kind, emitted): _emitted(emitted) for emitted in announced if not emitted.event.withdrawn}


def about(kind: AnyAggregate, emitted: Emitted) -> ThingKey:
    """The thing that an event has the last word on."""
    data = emitted.event.model_dump(mode="json", exclude_none=True)
    return thing(emitted.event.type_name(), data.get("case_id", kind.name), data)


def _emitted(emitted: Emitted) -> Any:
    """An event by what it says, whatever its type: two types may say the same of a thing."""
    return emitted.event.model_dump(mode="json", exclude_none=True), emitted.time


def differences(one: dict[ThingKey, Any], other: dict[ThingKey, Any]) -> Iterator[ThingKey]:
    """The things of which two folds say something else."""
    return (key for key in {**one, **other} if one.get(key) != other.get(key))
