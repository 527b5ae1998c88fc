"""Where the engine's processor time goes: named parts of it, each with the seconds spent in it and in nothing below."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import reduce
from importlib import import_module
from time import thread_time
from typing import Any
from unittest.mock import patch

from chassis.decide.aggregate import AnyAggregate

ENGINE_PARTS = {
    "read": ("chassis.consume.reader:Reader.read",),
    "encode": ("chassis.publish.events:encoded",),
    "document": ("chassis.store.locked_row:LockedRow.load", "chassis.store.locked_row:LockedRow.saved"),
}
"""Part → the callables that are it. What lies between them is `engine`; rules and store are timed where they enter."""


class Stopwatch:
    """One thread's processor time by parts. Parts may lie within each other: the outer one rests meanwhile."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._running: list[str] = []
        self._since = thread_time()

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        """The time until the block ends is this part's."""
        self._turn()
        self._running.append(part)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    def timed(self, part: str, callable_: Callable[..., Any]) -> Callable[..., Any]:
        """The same callable, its time taken; an iterator is run to its end."""

        def call(*arguments: Any, **named: Any) -> Any:
            with self.on(part):
                result = callable_(*arguments, **named)
                return list(result) if isinstance(result, Iterator) else result

        return call

    def _turn(self) -> None:
        now = thread_time()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now


class TimedConnection:
    """A connection whose work on this side is the part `store`; what PostgreSQL does is not this thread's."""

    def __init__(self, connection: Any, watch: Stopwatch) -> None:
        self._connection, self._watch = connection, watch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        return self._timed(found) if name in _ASKED else found

    def transaction(self) -> "_TimedTransaction":
        """The connection's own, its begin and its commit timed."""
        return _TimedTransaction(self._connection.transaction(), self._watch)

    def _timed(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*arguments: Any, **named: Any) -> Any:
            with self._watch.on("store"):
                return await ask(*arguments, **named)

        return call


_ASKED = frozenset({"execute", "executemany", "fetch", "fetchrow", "fetchval", "copy_records_to_table"})


class _TimedTransaction:
    def __init__(self, transaction: Any, watch: Stopwatch) -> None:
        self._transaction, self._watch = transaction, watch

    async def __aenter__(self) -> None:
        with self._watch.on("store"):
            await self._transaction.__aenter__()

    async def __aexit__(self, *error: Any) -> None:
        with self._watch.on("store"):
            await self._transaction.__aexit__(*error)


@contextmanager
def watched(watch: Stopwatch) -> Iterator[None]:
    """Times the parts of the engine until the block ends. Raises AttributeError when one is no longer there."""
    with ExitStack() as patches:
        for part, places in ENGINE_PARTS.items():
            for owner, name in map(_find, places):
                patches.enter_context(patch.object(owner, name, watch.timed(part, getattr(owner, name))))
        yield


def timed_aggregate(aggregate: AnyAggregate, watch: Stopwatch) -> AnyAggregate:
    """A kind whose three steps are timed."""
    learns = tuple(replace(route, learn=watch.timed("learn", route.learn)) for route in aggregate.learns)
    conclude, announce = watch.timed("conclude", aggregate.conclude), watch.timed("announce", aggregate.announce)
    return replace(aggregate, learns=learns, conclude=conclude, announce=announce)


def _find(place: str) -> tuple[Any, str]:
    """What holds the callable, and its name there."""
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    return reduce(getattr, owners, import_module(module)), name
