"""How every service announces: what is in force before a step and after it is compared, and what differs is said.

A domain describes its things in a table (`Things`); its `announce` is an `Announcer` of that table. Pure: what is said
is drawn from the two states alone, so it never depends on the order in which things were learnt.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from chassis.decide.judge import C, Emitted, F, State, difference
from schemas.limits import within_limits
from schemas.message import Event


class Statement(NamedTuple):
    """What is true of a thing, and how it is worded: the event, the instant it became true, and exactly its fields."""

    event: type[Event]
    time: datetime
    data: Mapping[str, Any]

    def emitted(self) -> Emitted:
        """The statement as an event. Raises ValidationError for a field that the event does not have."""
        return Emitted(within_limits(self.event)(**self.data), self.time)

    def withdrawn(self) -> "Statement":
        """The same, said as no longer true."""
        return self._replace(data={**self.data, "withdrawn": True})


Source = TypeVar("Source")

Word = Callable[[Any, Any, Any], Statement]
"""(what every statement of the case needs, key, thing) → how the thing is worded."""
Change = Callable[[Any, Any, Statement, Statement | None], Iterable[Statement]]
"""(what every statement of the case needs, key, what was in force, what is in force now) → what is said of it."""


def restated(_case: object, _key: object, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """What changed is said as it is now; what is gone is said again as withdrawn."""
    yield was.withdrawn() if now is None else now


def everything(was: Source, now: Source) -> tuple[Source, Source]:
    """Nothing is left out of the comparison."""
    return was, now


@dataclass(frozen=True, slots=True)
class Things(Generic[F, C]):
    """A row of the table: one kind of thing.

    `source`: what of a state its things are drawn from. While that is the same before and after, nothing is compared.
    `things`: source → key → thing. Things are compared first, and worded only where they differ.
    `word`: how one of them is worded; of the two wordings of a thing only those that differ are said.
    `change`: what is said of a thing that was in force and has changed, or is gone.
    `differing`: (source before, source after) → the parts of them that may differ, where comparing all is too slow.
    `is_about_an_instant`: without it another instant alone is no news.
    """

    source: Callable[[State[F, C]], Any]
    things: Callable[[Any], Mapping[Any, Any]]
    word: Word
    change: Change = restated
    differing: Callable[[Any, Any], tuple[Any, Any]] = everything
    is_about_an_instant: bool = True

    def announced(self, before: State[F, C], after: State[F, C], case: object) -> Iterator[Statement]:
        """What is to be said of the things of this kind: first of those that are gone, then of new and changed ones."""
        was, now = self.source(before), self.source(after)
        if was is now or was == now:
            return
        was, now = self.differing(was, now)
        for key, old, new in difference(self.things(was), self.things(now)):
            stands = None if new is None else self.word(case, key, new)
            if old is not None:
                stood = self.word(case, key, old)
                if stands is None or not self._says_the_same(stood, stands):
                    yield from self.change(case, key, stood, stands)
            elif stands is not None:
                yield stands

    def _says_the_same(self, was: Statement, now: Statement) -> bool:
        """Whether a reader would be told nothing new: what lies beyond the limits of an event is not said."""
        if was.event is not now.event or (self.is_about_an_instant and was.time != now.time):
            return False
        return was.data == now.data or was.emitted().event == now.emitted().event


class Announcer(Generic[F, C]):
    """Announces by a table: name of a kind of thing → its row. One without rows says nothing.

    `case`: (before, after) → what `word` and `change` are handed; by default the state after the step.
    """

    def __init__(
        self, table: Mapping[str, Things[F, C]], case: Callable[[State[F, C], State[F, C]], object] | None = None
    ) -> None:
        self.table = table
        self._case = case

    def __call__(self, before: State[F, C], after: State[F, C]) -> Iterator[Emitted]:
        """The difference between what was in force and what is, kind by kind, in the order of the table."""
        if self.table:
            case = after if self._case is None else self._case(before, after)
            for things in self.table.values():
                for statement in things.announced(before, after, case):
                    yield statement.emitted()


def by_kind(words: Mapping[str, Word]) -> Word:
    """The word for things of several kinds in one row, whose keys begin with the name of their kind."""

    def word(case: object, key: Sequence[str], thing: object) -> Statement:
        return words[key[0]](case, key, thing)

    return word


def stating(*events: type[Event]) -> Callable[[str, str], bool]:
    """An `Aggregate.states`: whatever the key, these events and no others."""
    names = frozenset(event.type_name() for event in events)
    return lambda name, _key: name in names
