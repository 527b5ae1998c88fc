"""Where many facts of one case are learnt one after another, each is found by its name without a look at all others.

Pure, as what it gives depends on what is asked alone: what it remembers only saves time. Facts lie in a tuple that
never changes; the index of one is carried over to the tuple that is made of it, and whoever goes on from an older tuple
(a rule raised, the step was undone) has all of it looked through again.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

F = TypeVar("F")
Name = Callable[[Any], Any]

LONG = 32
"""Fewer facts are looked through as quickly, and not remembered."""
REMEMBERED = 8
"""Tuples of facts that are remembered: a few kinds of thing are told of one case in turn."""

key_of: Name = attrgetter("key")
order_of: Name = attrgetter("order")


class Index:
    """What the last few tuples hold by name; drawn up when one is asked again that has just been added to."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, Name], tuple[tuple[Any, ...], dict[Hashable, list[Any]] | None]] = {}

    def named(self, facts: tuple[F, ...], name: Hashable, of: Name = key_of) -> Sequence[F]:
        """The facts of a name, in their clinical order."""
        place = id(facts), of
        remembered = self._known.get(place) if len(facts) >= LONG else None
        if remembered is None:
            return [fact for fact in facts if of(fact) == name]
        by_name = remembered[1]
        if by_name is None:
            by_name = _by_name(facts, of)
            self._known[place] = facts, by_name
        return by_name.get(name, ())

    def exchange(self, facts: tuple[F, ...], gone: Sequence[F], new: Sequence[F], of: Name = key_of) -> tuple[F, ...]:
        """`facts` without what is `gone`, and with the `new` ones in their clinical places.

        All facts of one name come and go in one step; the new ones are given in clinical order.
        """
        left: Sequence[F] = without(facts, gone) if gone else facts
        if not left or not new or order_of(left[-1]) < order_of(new[0]):
            made = (*left, *new)
        else:
            between = list(left)
            for fact in new:
                insort(between, fact, key=order_of)
            made = tuple(between)
        if len(made) >= LONG:
            self._follow(facts, gone, new, made, of)
        return made

    def _follow(self, facts: tuple[F, ...], gone: Sequence[F], new: Sequence[F], made: tuple[F, ...], of: Name) -> None:
        _, by_name = self._known.pop((id(facts), of), ((), None))
        if by_name is not None:
            for fact in gone:
                by_name.pop(of(fact), None)
            for fact in new:
                by_name.setdefault(of(fact), []).append(fact)
        self._known[id(made), of] = made, by_name
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]


def _by_name(facts: tuple[F, ...], of: Name) -> dict[Hashable, list[F]]:
    by_name: dict[Hashable, list[F]] = {}
    for fact in facts:
        by_name.setdefault(of(fact), []).append(fact)
    return by_name


def without(facts: Iterable[F], gone: Iterable[F]) -> list[F]:
    """A list of the facts but for these, each of which is found by its clinical place."""
    left = list(facts)
    for fact in gone:
        at = bisect_left(left, order_of(fact), key=order_of)
        if at == len(left) or left[at] is not fact:  # of equal places, or stored by another order
            at = next(place for place, other in enumerate(left) if other is fact)
        del left[at]
    return left
