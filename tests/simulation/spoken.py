"""What a conversation with a store says of places on the bus, and of what it has lost; see `test_statements`."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import Any, ClassVar
from uuid import UUID

from chassis.publish.archive import OutboxEvent, placed
from chassis.store.connection import columns

Line = tuple[str, Sequence[Any]]
"""A statement by name, and its arguments."""


class AboutPlaces:
    """A part of `Conversation`."""

    _dice: Random

    def _places(self) -> list[tuple[str, int]]:
        every = [(f"{name}.events.v1", partition) for name in "ab" for partition in range(3)]
        return sorted(self._dice.sample(every, self._dice.randint(1, 4)))

    def begin_reading(self) -> Line:
        return "begin_reading", columns(self._places(), 2)

    def note_read(self) -> Line:
        rows = [(*place, self._dice.randrange(4), self._dice.randrange(6)) for place in self._places()]
        return "note_read", columns(((*row, 1_000 + row[3]) for row in rows), 5)

    def read_anew(self) -> Line:
        return "read_anew", columns(((*place, self._dice.randrange(6)) for place in self._places()), 3)

    def store_identity(self) -> Line:
        return "store_identity", []


ERASED = (("patient", "case-1"), ("patient", "case-4"), ("ward", "case-2"), ("ward", "case-5"))
"""What both stores begin with as erased."""
ERASE = "INSERT INTO erased SELECT erased_digest(kind, key), 0 FROM unnest($1::text[], $2::text[]) AS gone (kind, key)"


def partition_of(key: str) -> int:
    """Any rule will do that gives a key one partition."""
    return int(key[-1]) % 3


class AboutEpochs:
    """A part of `Conversation`: what is said of a store that has gone back."""

    _dice: Random
    epoch = 0
    _rows: Callable[[], list[tuple[str, str]]]
    _partitions: Callable[[], list[int]]
    _instant: Callable[[], datetime]

    def append_events(self) -> Line:
        emitted = ((f"{self._dice.choice('ab')}.events.v1", key, partition_of(key)) for _, key in self._rows())
        rows = [
            OutboxEvent(*row, str(UUID(int=self._dice.getrandbits(128))), self._dice.randbytes(5)) for row in emitted
        ]
        shards, counts, places = placed(rows)
        topics, keys, _, ids, messages = columns(rows, 5)
        epoch = self.epoch - (self._dice.random() < 0.1)
        given = (*columns(places, 2), topics, keys, ids, messages)
        return "append_events", [self._instant(), shards, counts, epoch, *given]

    def read_epoch(self) -> Line:
        return "read_epoch", []

    def newest_event(self) -> Line:
        return "newest_event", []

    def read_offsets(self) -> Line:
        return "read_offsets", []

    def pass_group(self) -> Line:
        return "pass_group", columns((("a.reports.v1", n, self._dice.randint(0, 9)) for n in self._partitions()), 3)

    def read_versions(self) -> Line:
        return "read_versions", [sorted({key for _, key in self._rows()}), sorted({kind for kind, _ in self._rows()})]

    def forget_undated(self) -> Line:
        return "forget_undated", []

    def collect_lost(self) -> Line:
        rows = [(*row, self._dice.choice("xyz"), partition_of(row[1])) for row in self._rows()]
        heard = ((*row, self._dice.randint(1, 9), self._dice.randbytes(3)) for row in rows)
        return "collect_lost", columns(heard, 6)

    def begin_epoch(self) -> Line:
        asked = self.epoch + self._dice.randint(0, 1)
        self.epoch = asked
        return "begin_epoch", [asked, self._instant(), self._dice.randint(1, 3)]

    def find_lost(self) -> Line:
        partitions = self._partitions()
        return "find_lost", [partitions, [self._instant() for _ in partitions], self._dice.randint(1, 4)]

    def read_lost(self) -> Line:
        return "read_lost", columns(self._rows(), 2)

    def settle(self) -> Line:
        return "settle", columns(self._rows(), 2)

    SPEAKERS: ClassVar[tuple[Callable[[Any], Line], ...]] = (
        read_epoch,
        newest_event,
        read_offsets,
        pass_group,
        read_versions,
        forget_undated,
        *[collect_lost] * 3,
        *[begin_epoch] * 2,
        find_lost,
        *[read_lost] * 3,
        settle,
    )


class AboutParked:
    """A part of `Conversation`: what could not be judged, and what an operator makes of it."""

    _dice: Random
    _rows: Callable[[], list[tuple[str, str]]]
    _partitions: Callable[[], list[int]]
    _numbers: Callable[[], list[int]]
    _instant: Callable[[], datetime]

    def find_replays(self) -> Line:
        return "find_replays", [self._partitions(), 3]

    def find_unknown(self) -> Line:
        return "find_unknown", [self._partitions(), self._dice.randrange(3), 3]

    def replay_known(self) -> Line:
        return "replay_known", [self._numbers()]

    def ask_replay(self) -> Line:
        """What an operator says, beside the service: now and then that all is to be judged again."""
        return "ask_replay", [self._dice.random() < 0.2, self._numbers()]

    def park(self) -> Line:
        rows = {}
        for kind, key in self._rows():
            about = f"{key}/{self._dice.randrange(2)}"
            rows[about] = self._parked(hashlib.sha256(about.encode()).digest(), kind, key)
        return "park", [self._instant(), *columns(rows.values(), 12)]

    def _parked(self, digest: bytes, kind: str, key: str) -> tuple[Any, ...]:
        reason = self._dice.choice(("case_is_parked", "rule_raised:ValueError", "not_json", "unknown_type"))
        named = (None, None) if reason in {"not_json", "unknown_type"} else (kind, key)
        value = None if self._dice.random() < 0.2 else self._dice.randbytes(self._dice.choice((4, 65_536, 65_537)))
        cut = self._dice.random() < 0.2
        return digest, reason, *named, "a.reports.v1", partition_of(key), 5, self._instant(), b"k", "[]", value, cut

    def heavy_parked(self) -> Line:
        return "heavy_parked", [["a.reports.v1", "b.reports.v1"]]

    def unpark(self) -> Line:
        return "unpark", [self._numbers()]

    def unblock(self) -> Line:
        return "unblock", columns(self._rows(), 2)

    def replay_waiting(self) -> Line:
        return "replay_waiting", columns(self._rows(), 2)
