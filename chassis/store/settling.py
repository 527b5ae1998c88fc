"""How what readers have heard of a lost time is settled: on each of those things this store has the last word again.

Until all that came before the epoch has been read again, nothing is stated on these things: what they are on the way is
what they were once, and a reader would act upon it today. Then what stands is stated anew, and what does not is taken
back with the very data that readers have heard.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chassis.decide.aggregate import AnyAggregate
from chassis.decide.judge import AnyState, Emitted
from chassis.store.connection import Connection, columns, sql
from schemas.envelope import Envelope, read, validate
from schemas.folding import thing
from schemas.topics import registry

Row = tuple[str, str]
"""Kind and key."""


Lost = Mapping[str, Envelope]
"""Thing → the last word that readers have heard on it."""


async def unsettled(connection: Connection, rows: Sequence[Row]) -> dict[Row, Lost]:
    """What there is to settle of these rows, which are locked; nothing of those that another has settled."""
    found: dict[Row, dict[str, Envelope]] = {}
    for row in await connection.fetch(sql("read_lost"), *columns(rows, 2)):
        found.setdefault((row["kind"], row["key"]), {})[row["thing"]] = read(row["message"])
    return dict(found)


def but_for(lost: Lost, key: str, emitted: Iterable[Emitted]) -> tuple[Emitted, ...]:
    """What is said of a case, without what would be said of lost things; an answer to a report is about none."""
    return tuple(one for one in emitted if _about(key, one) not in lost)


def named(event_type: str, subject: str, data: Mapping[str, Any]) -> str:
    """What names a thing, as one text."""
    return json.dumps(thing(event_type, subject, data))


def last_words(aggregate: AnyAggregate, state: AnyState, lost: Lost) -> Iterator[Emitted]:
    """What has to be said so that readers hold what stands: each lost thing as it is, or taken back."""
    stands = _backlog(aggregate, state, lost)
    for about, heard in lost.items():
        if about in stands:
            yield stands[about]
        elif heard.data.get("withdrawn") is not True:
            model, _ = registry()[heard.type]
            yield Emitted(validate(model, {**heard.data, "withdrawn": True}), heard.time)


def _backlog(aggregate: AnyAggregate, state: AnyState, lost: Lost) -> dict[str, Emitted]:
    """Of the lost things those that stand, as they would be announced by a service that had said nothing yet."""
    key = next(iter(lost.values())).subject
    announced = ((_about(key, emitted), emitted) for emitted in aggregate.announce(aggregate.begin(), state))
    return {about: emitted for about, emitted in announced if about is not None}


def _about(key: str, emitted: Emitted) -> str | None:
    name = type(emitted.event).type_name()
    if name not in registry():
        return None
    return named(name, key, json.loads(emitted.event.model_dump_json(exclude_none=True)))
