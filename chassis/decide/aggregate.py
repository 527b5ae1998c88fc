"""The table type that a service fills in: which message teaches what to which kind of thing."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from chassis.decide.judge import Announce, C, Conclude, F, Learn, Receipt, Rejection, State
from schemas.envelope import Message

X = TypeVar("X")
"""The context of the rules, whole: both asked for and handed on."""
M = TypeVar("M", bound=Message)

Context = Callable[[Any, Sequence[str]], Awaitable[Mapping[str, X]]]
"""(connection, keys) → what the rules need beyond the case, per key: a named query, asked once a batch."""


@dataclass(frozen=True, slots=True)
class Route(Generic[F]):
    """A message class and the function that learns from it.

    `alone`: it takes something back that others may have begun to act on, which has to be said before: never concluded
    upon together with the messages before it.
    """

    message: type[Message]
    learn: Learn[F]
    alone: bool = False


def on(message: type[M], learn: Callable[[F, M, Receipt], F | Rejection], *, alone: bool = False) -> Route[F]:
    """A line of the table: from `message`, `learn`."""
    return Route(message, learn, alone)


ITSELF: Any = None
"""In a line of the table: the kind whose row has changed."""


@dataclass(frozen=True, slots=True, eq=False)
class Wakes:
    """A line of the table: whom a change of a read model's row wakes, found by their own rows in one statement a batch.

    `woken`: a kind with a small table, or `ITSELF`.
    `version`: of the row that has changed: as it "was" (another now, or gone), or as it "is" (new, or another).
    `equal`: column of the woken row → column of the changed one that it equals; the key is a column too.
    `having`: column of the woken row → what is there: True, or None.
    `unless_only_others`: a row that stays and differs in none of these columns wakes nobody; empty: any change does.
    `first`: no more than so many for each changed row, the first by the columns of `order`; 0: all of them.

    Raises ValueError where the woken kind has no such columns to be found by.
    """

    woken: "AnyAggregate"
    version: Literal["was", "is"]
    equal: Mapping[str, str]
    having: Mapping[str, Literal[True] | None] = field(default_factory=dict)
    unless_only_others: tuple[str, ...] = ()
    first: int = 0
    order: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.woken is not ITSELF:
            _ensure_columns(self.table, {*self.equal, *self.having, *self.order})

    @property
    def table(self) -> "AnyReadModel":
        """The small table by which the woken rows are found."""
        if self.woken.table is None:
            raise ValueError(f"{self.woken.name} has no small table by which to find whom to wake")
        return self.woken.table


Ids = Literal["case", "consultation", "prescription"]
"""What the keys of a kind about a person are; the same in every service that has such a kind."""


def _no_others(_facts: Any) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class OfPerson(Generic[F]):
    """That things of a kind are each about one person, and go when that person is erased.

    `refs`: facts → the pseudonyms of the person that stand in them; absent: none does. `names`: facts → ids of other
    things of that person.
    """

    ids: Ids
    refs: Callable[[F], Iterable[str]] | None = None
    names: Callable[[F], Iterable[tuple[Ids, str]]] = _no_others


@dataclass(frozen=True, slots=True, eq=False)
class ReadModel(Generic[F, C]):
    """A small table of what spans cases, one row a case, written in the judgement's own transaction.

    `columns`: name → PostgreSQL type, without the key, which is always the first column (`key`).
    `row`: the values in the order of the columns, or None where the case has no row. A row is written when it differs.
    `wakes`: who is judged again when a row changes, seen as the tables are once the whole batch has been written.
    `beside`: SQL that its migration runs once the table has been made, for what goes with every such table.
    `as_figures`: the statement that takes the rows of a person who is erased, where something stays as a figure; given
    their keys, and a word under which they are one person's. Without it the rows are deleted.
    Tables are made and changed by migrations; a start is refused where a table has other columns than are declared.
    """

    name: str
    columns: Mapping[str, str]
    row: Callable[[State[F, C]], tuple[Any, ...] | None]
    beside: str = ""
    wakes: tuple[Wakes, ...] = ()
    as_figures: str = ""

    def __post_init__(self) -> None:
        for line in self.wakes:
            _ensure_columns(self, {*line.equal.values(), *line.unless_only_others})


def _ensure_columns(table: "AnyReadModel", asked: Collection[str]) -> None:
    if unknown := sorted(set(asked) - {"key", *table.columns}):
        raise ValueError(f"{table.name} has no column {', '.join(unknown)}, by which routes.py says whom to wake")


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate(Generic[F, C, X]):
    """One kind of thing that a service judges: its documents, its three steps, and the messages it learns from.

    `wakes`: (before, after) → (kind, key) of other things of this service that have to be judged again.
    `context`: asked after the rows are locked; absent: rules get None. No rule changes it.
    `adds_up`: (world, before, after) → the world as the next case must see it, with what this one has taken. Where it
    is given, all cases of a batch have one world.
    `is_silent`: nothing is ever announced of it.
    `of_person`: that each thing is about one person; absent: it is about none.
    `states`: (type of an event, key) → whether it is this kind that announces it; absent: whatever the others do not.
    """

    name: str
    facts: type[F]
    conclusions: type[C]
    conclude: Conclude[F, C, X]
    announce: Announce[F, C]
    learns: tuple[Route[F], ...] = ()
    context: Context[X] | None = None
    table: ReadModel[F, C] | None = None
    wakes: Callable[[State[F, C], State[F, C]], Iterable[tuple[str, str]]] | None = None
    is_silent: bool = False
    states: Callable[[str, str], bool] | None = None
    adds_up: Callable[[X, State[F, C], State[F, C]], X] | None = None
    of_person: OfPerson[F] | None = None
    by_type: Mapping[str, Route[F]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_type", {route.message.type_name(): route for route in self.learns})
        for line in self.table.wakes if self.table else ():
            if line.woken is ITSELF:
                object.__setattr__(line, "woken", self)
                line.__post_init__()

    def begin(self) -> State[F, C]:
        """What is known before the first message."""
        return State(self.facts(), self.conclusions())


AnyAggregate = Aggregate[Any, Any, Any]
AnyReadModel = ReadModel[Any, Any]
AnyRoute = Route[Any]
"""Of whichever domain: for those who handle the things of all."""
