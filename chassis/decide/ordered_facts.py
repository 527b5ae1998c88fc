"""Facts in their clinical order, each thing once: what every domain's `learn` puts them in place with.

Pure, as judging is. A search by name asks an index, so that the thousandth fact of a case costs what the first did.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from chassis.decide.index import Index, key_of, order_of


class Ordered(Protocol):
    """What has an order, among its like."""

    def __lt__(self, other: Any, /) -> bool: ...
    def __le__(self, other: Any, /) -> bool: ...


class Fact(Protocol):
    """One reported thing: `key` names it, `rank` says which of two versions of it holds.

    `order` is its clinical place, and total: it ends with the key, so that equal instants have one order too. Where it
    is the key, a thing never moves.
    """

    @property
    def key(self) -> Hashable: ...
    @property
    def order(self) -> Any: ...
    @property
    def rank(self) -> Ordered: ...


F = TypeVar("F", bound=Fact)


def place(facts: tuple[F, ...], new: F) -> tuple[F, ...]:
    """`facts` with `new` in its clinical place, instead of an earlier version of the same thing.

    The very same tuple when `new` says nothing new or a version of a higher rank is already known.
    """
    if new.key == new.order:
        return _placed(facts, new)
    known = _index.named(facts, new.key)
    if known and new.rank <= known[0].rank:
        return facts
    return _index.exchange(facts, known, (new,))


def _placed(facts: tuple[F, ...], new: F) -> tuple[F, ...]:
    """`place` of a thing that never moves."""
    order = new.order
    if not facts or facts[-1].order < order:
        return (*facts, new)
    at = bisect_left(facts, order, key=order_of)
    replaces = facts[at].order == order
    if replaces and new.rank <= facts[at].rank:
        return facts
    return (*facts[:at], new, *facts[at + replaces :])


def known_as(facts: tuple[F, ...], new: F) -> F | None:
    """The version of the same thing that is known, if any is."""
    key, order = new.key, new.order
    if key != order:
        return next(iter(_index.named(facts, key)), None)
    if not facts or facts[-1].order < order:
        return None
    at = bisect_left(facts, order, key=order_of)
    return facts[at] if at < len(facts) and facts[at].order == order else None


def versions(facts: tuple[F, ...], name: Hashable, of: Callable[[F], Hashable]) -> Sequence[F]:
    """The facts that say `name` when asked `of`, in their clinical order. Pass the same `of` each time."""
    return _index.named(facts, name, of)


def replace_versions(
    facts: tuple[F, ...], known: Sequence[F], new: Iterable[F], of: Callable[[F], Hashable] = key_of
) -> tuple[F, ...]:
    """`facts` with the `new` versions of a thing in their clinical places, instead of all that were `known` of it.

    `known`: as `versions` gives them; `of` as it was asked.
    """
    return _index.exchange(facts, known, sorted(new, key=order_of), of)


class Arrival(Fact, Protocol):
    """A fact that remembers when its thing first came."""

    @property
    def received_at(self) -> datetime: ...


A = TypeVar("A", bound=Arrival)


def take(facts: tuple[A, ...], new: A, replace: Callable[..., A]) -> tuple[A, ...]:
    """`place`, but whichever version holds keeps the instant at which the thing first came, in any version.

    `replace`: (fact, received_at=instant) → the same fact with that instant; facts are of their domain's own making.
    """
    before = known_as(facts, new)
    if before is None:
        return place(facts, new)
    holds, received_at = new if new.rank > before.rank else before, min(before.received_at, new.received_at)
    if holds is before and received_at == before.received_at:
        return facts
    return _index.exchange(facts, (before,), (replace(holds, received_at=received_at),))


_index = Index()
