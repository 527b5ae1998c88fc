"""A case that is told whatever comes, and all that is said of it, read again as its readers will."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from itertools import islice
from typing import Any
from uuid import UUID

from chassis.decide.aggregate import AnyAggregate
from chassis.decide.judge import AnyState, Judged, Receipt, judge_message, judge_tick, overdue
from chassis.publish.archive import encoded
from chassis.publish.encoding import Attributes
from schemas.envelope import read, validate
from schemas.message import Message, Report
from tests.properties.weird import RECEIVED_AT

TICKS = 300
"""How many instants of the clock are lived through at once, at most."""


def aggregates_of(service: str) -> list[AnyAggregate]:
    """The kinds that learn; of contact a case as somebody subscribes to it."""
    journeys = import_module(f"tests.domain.{service}.journeys")
    aggregates = [kind for kind in import_module(f"services.{service}.routes").AGGREGATES if kind.learns]
    return [getattr(journeys, "KIND", aggregates[0]), *aggregates[1:]]


def context_of(service: str, kind: AnyAggregate | None = None) -> Any:
    """What the journeys of a service know beyond the case, or beyond a thing of another kind."""
    journeys = import_module(f"tests.domain.{service}.journeys")
    of_kinds = getattr(journeys, "CONTEXTS", {})
    return of_kinds[kind.name] if kind and kind.name in of_kinds else getattr(journeys, "CONTEXT", None)


@dataclass
class Published:
    """One kind of case. Raises whatever a rule raises, and what a reader of its events would refuse."""

    kind: AnyAggregate
    context: Any = None
    key: str = "case"
    state: AnyState = field(init=False)
    emitted: list[Message] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    """How many events each step said."""
    _published: int = 0

    def __post_init__(self) -> None:
        self.state = self.kind.begin()

    def tell(self, messages: Iterable[Message], received_at: datetime = RECEIVED_AT) -> "Published":
        """Each message in turn, all come at one instant."""
        for message in messages:
            self._published += 1
            learn = self.kind.by_type[message.type_name()].learn
            receipt = self._receipt(message, received_at)
            self._take(judge_message(self.kind, self.state, learn, message, receipt, received_at, self.context))
        return self

    def know(self, messages: Iterable[Message], received_at: datetime = RECEIVED_AT) -> "Published":
        """All that was told before, without a judgement at each: many things are known at once."""
        for message in messages:
            self._published += 1
            learn = self.kind.by_type[message.type_name()].learn
            facts = learn(self.state.facts, message, self._receipt(message, received_at))
            self.state = self.state._replace(facts=facts)
        return self

    def until(self, instant: datetime) -> "Published":
        """The clock goes on."""
        for judged in islice(overdue(self.kind, self.state, instant, self.context), TICKS):
            self._take(judged)
        self._take(judge_tick(self.kind, self.state, instant, self.context))
        return self

    def of(self, name: str) -> list[Any]:
        """The events of a name, in the order in which they were said."""
        return [event for event in self.emitted if type(event).__name__ == name]

    def _take(self, judged: Judged[Any, Any]) -> None:
        self.state = judged.state
        if self.kind.table is not None:
            self.kind.table.row(self.state)
        self.steps.append(len(judged.emitted))
        for index, (event, time) in enumerate(judged.emitted):
            message = encoded(event, Attributes(str(UUID(int=index)), "/s", self.key, time, RECEIVED_AT, index))
            self.emitted.append(validate(type(event), read(message).data))

    def _receipt(self, message: Message, received_at: datetime) -> Receipt:
        rank = f"{self._published:016x}" + (f"{self._published:032x}" if isinstance(message, Report) else "")
        identity = f"00000000-0000-4000-8000-{self._published:012d}"
        return Receipt(identity, message.type_name(), "/tests", received_at, received_at, rank)
