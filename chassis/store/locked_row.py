"""A row of `state` while a batch is judged: what one service knows of one thing, and which messages it has seen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import GenericAlias
from typing import Any

import msgspec

from chassis.decide.aggregate import AnyAggregate
from chassis.decide.judge import AnyState, State
from chassis.store.quota import Reports

TableRow = tuple[Any, ...] | None


@cache
def _decoder(aggregate: AnyAggregate) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(GenericAlias(tuple, (aggregate.facts, aggregate.conclusions)))


@dataclass(slots=True)
class LockedRow:
    """A locked row: what one service knows of one thing, while a batch is judged."""

    aggregate: AnyAggregate
    key: str
    partition: int
    loaded_version: int
    loaded: AnyState
    state: AnyState
    version: int
    blocked: bool
    unprompted: int
    """Steps since a report last asked for one, here or one service before; that one included, and left out what follows
    from a report at some removes (`judging.ORDINARY_HOPS`)."""
    reports: Reports
    seen: bytes
    legible: bool = True
    """Whether this version of the service understands the stored document; if not, the case is not judged."""
    loaded_bytes: int = 0
    more_seen: bytearray = field(default_factory=bytearray)
    touched: bool = False
    rows: tuple[TableRow, TableRow] | None = None
    """Its row in the kind's small table, before and after, once its state has changed."""

    @classmethod
    def load(cls, aggregate: AnyAggregate, row: Iterable[Any]) -> "LockedRow":
        """From a row as `lock_rows` gives it, without its kind; one that was just made begins with nothing known."""
        key, partition, version, judged, blocked, unprompted, hour, reports, seen, document = row
        state, legible = aggregate.begin(), True
        if document is not None:
            try:
                facts, conclusions = _decoder(aggregate).decode(document)
                state = State(facts, conclusions, judged)
            except msgspec.DecodeError:
                legible = False
        weight = len(document or b"") + len(seen)
        return cls(
            aggregate, key, partition, version, state, state, version, blocked, unprompted, Reports(hour, reports),
            seen, legible, weight,
        )  # fmt: skip

    @classmethod
    def holding(
        cls,
        aggregate: AnyAggregate,
        key: str,
        partition: int = 0,
        *,
        document: str | bytes | None = None,
        judged: datetime | None = None,
    ) -> "LockedRow":
        """As if its row held no more than this; by default one that was just made."""
        return cls.load(aggregate, (key, partition, 0, judged, False, 0, None, 0, b"", document))

    @property
    def changed(self) -> bool:
        return self.touched or bool(self.more_seen)

    def drawn(self, state: AnyState) -> tuple[TableRow, TableRow] | None:
        """Its row in the kind's small table as it was loaded, and as it is in a state; None where there is no table."""
        table = self.aggregate.table
        if table is None:
            return None
        return self.rows[0] if self.rows else table.row(self.loaded), table.row(state)

    def saved(self) -> tuple[Any, ...]:
        """The row as `save_rows` takes it."""
        state = self.state
        document = None
        if state is not self.loaded:
            document = msgspec.json.encode((state.facts, state.conclusions)).decode()
        return (
            self.aggregate.name, self.key, self.loaded_version, self.version, state.conclusions.due, state.judged,
            self.blocked, self.unprompted, *self.reports, bytes(self.more_seen), document,
        )  # fmt: skip
