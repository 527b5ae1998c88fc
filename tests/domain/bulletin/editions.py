"""A day of which only one edition is heard: for tests that are about that one."""

from collections.abc import Iterator
from dataclasses import replace

from chassis.decide.aggregate import AnyAggregate
from chassis.decide.judge import AnyState, Emitted
from services.bulletin.routes import DAY


def _in(edition: str) -> AnyAggregate:
    def announce(before: AnyState, after: AnyState) -> Iterator[Emitted]:
        yield from (one for one in DAY.announce(before, after) if one.event.edition == edition)

    return replace(DAY, announce=announce)


COMMISSION, PUBLIC = _in("commission"), _in("public")
