"""The table type that a service fills in: which message teaches what to which kind of thing."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.decide.judge import Announce, Conclude, Learn, State
from schemas.envelope import Message

Context = Callable[[Any, Sequence[str]], Awaitable[Mapping[str, Any]]]
"""(connection, keys) → what the rules need beyond the case, per key: a named query, asked once a batch."""


@dataclass(frozen=True, slots=True)
class Route:
    """A message class and the function that learns from it.

    `alone`: it takes something back that others may have begun to act on, which has to be said before: never concluded
    upon together with the messages before it.
    """

    message: type[Message]
    learn: Learn
    alone: bool = False


def on(message: type[Message], learn: Learn, *, alone: bool = False) -> Route:
    """A line of the table: from `message`, `learn`."""
    return Route(message, learn, alone)


@dataclass(frozen=True, slots=True, eq=False)
class ReadModel:
    """A small table of what spans cases, one row a case, written in the judgement's own transaction.

    `columns`: name → PostgreSQL type, without the key, which is always the first column (`key`).
    `row`: the values in the order of the columns, or None where the case has no row. A row is written when it differs.
    `beside`: SQL that its migration runs once the table has been made, for what goes with every such table.
    Tables are made and changed by migrations; a start is refused where a table has other columns than are declared.
    """

    name: str
    columns: Mapping[str, str]
    row: Callable[[State], tuple[Any, ...] | None]
    beside: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate:
    """One kind of thing that a service judges: its documents, its three steps, and the messages it learns from.

    `wakes`: (before, after) → (kind, key) of other things of this service that have to be judged again.
    `context`: asked after the rows are locked; absent: rules get None. No rule changes it.
    `adds_up`: (world, before, after) → the world as the next case must see it, with what this one has taken. Where it
    is given, all cases of a batch have one world.
    `is_silent`: nothing is ever announced of it.
    """

    name: str
    facts: type
    conclusions: type
    conclude: Conclude
    announce: Announce
    learns: tuple[Route, ...] = ()
    context: Context | None = None
    table: ReadModel | None = None
    wakes: Callable[[State, State], Iterable[tuple[str, str]]] | None = None
    is_silent: bool = False
    adds_up: Callable[[Any, State, State], Any] | None = None
    by_type: Mapping[str, Route] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_type", {route.message.type_name(): route for route in self.learns})

    def begin(self) -> State:
        """What is known before the first message."""
        return State(self.facts(), self.conclusions())
