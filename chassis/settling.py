"""How what readers have heard of a lost time is settled: on each of those things this store has the last word again.

By now all that came before the epoch has been read again. What was stated meanwhile on a thing holds. Of the others,
what stands is stated anew, and what does not is taken back with the very data that readers have heard.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chassis.judge import Said, State
from chassis.routes import Kind
from chassis.sequence import epoch_of
from chassis.store import Connection, columns, sql
from schemas.envelope import Envelope, read, validate
from schemas.folding import thing
from schemas.topics import registry

Row = tuple[str, str]
"""Kind and key."""


class Unsettled(NamedTuple):
    """What is to be settled of one row. `lost`: thing → the last word that readers have heard on it."""

    lost: Mapping[str, Envelope]
    said: frozenset[str]
    """The things on which something has been stated in this epoch."""


async def unsettled(connection: Connection, rows: Sequence[Row], epoch: int) -> dict[Row, Unsettled]:
    """What there is to settle of these rows, which are locked; nothing of those that another has settled."""
    found: dict[Row, dict[str, Envelope]] = {}
    since: list[datetime] = []
    for row in await connection.fetch(sql("read_lost"), *columns(rows, 2)):
        found.setdefault((row["kind"], row["key"]), {})[row["thing"]] = read(row["message"])
        since.append(row["since"])
    if not found:
        return {}
    said = await _said_since(connection, min(since), {key for _, key in found}, epoch)
    return {row: Unsettled(lost, frozenset(said.get(row[1], ()))) for row, lost in found.items()}


async def _said_since(connection: Connection, since: datetime, keys: set[str], epoch: int) -> dict[str, set[str]]:
    said: dict[str, set[str]] = {}
    for row in await connection.fetch(sql("said_since"), since, sorted(keys)):
        said.setdefault(row["key"], set()).update(things_said([row["message"]], epoch))
    return said


def things_said(messages: Iterable[bytes], epoch: int) -> Iterator[str]:
    """The things on which these events of ours have a word in this epoch; answers to reports are about none."""
    for message in messages:
        envelope = read(message)
        if envelope.type in registry() and epoch_of(envelope.sequence or 0) == epoch:
            yield named(envelope.type, envelope.subject, envelope.data)


def named(event_type: str, subject: str, data: Mapping[str, Any]) -> str:
    """What names a thing, as one text."""
    return json.dumps(thing(event_type, subject, data))


def last_words(kind: Kind, state: State, lost: Mapping[str, Envelope]) -> Iterator[Said]:
    """What has to be said so that readers hold what stands: each lost thing as it is, or taken back."""
    stands = _standing(kind, state, lost)
    for about, heard in lost.items():
        if about in stands:
            yield stands[about]
        elif heard.data.get("withdrawn") is not True:
            model, _ = registry()[heard.type]
            yield Said(validate(model, {**heard.data, "withdrawn": True}), heard.time)


def _standing(kind: Kind, state: State, lost: Mapping[str, Envelope]) -> dict[str, Said]:
    """Of the lost things those that stand, as they would be announced by a service that had said nothing yet."""
    subject = next(iter(lost.values())).subject
    found: dict[str, Said] = {}
    for said in kind.announce(kind.begin(), state):
        name = type(said.event).type_name()
        if name in registry():
            found[named(name, subject, _as_sent(said.event))] = said
    return found


def _as_sent(event: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(event.model_dump_json(exclude_none=True))
    return data
