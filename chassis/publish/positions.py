"""How far a relay has sent each shard, and what of that it has yet to tell the store."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.publish.fresh import Unsent


@dataclass(slots=True)
class Position:
    """Where a relay stands in a shard that it owns: the next event has a number greater than `sent`.

    `asked`: how often it had been asked to say events again. `behind`: the store has more to send than memory.
    """

    sent: int
    asked: int
    behind: bool


@dataclass(slots=True)
class Claim:
    """What the bus has of a shard and the store does not know: all numbers greater than `after`, up to `upto`.

    `gap`: it has some beyond, behind one that it did not take. `events`: how many, but for those.
    """

    after: int
    upto: int
    asked: int
    gap: bool = False
    events: int = 0


class Positions:
    """Of the shards that a relay owns. Claims outlive the ownership: what the bus has, it has."""

    def __init__(self) -> None:
        self._of: dict[int, Position] = {}
        self.claims: dict[int, Claim] = {}

    def __getitem__(self, shard: int) -> Position:
        return self._of[shard]

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self._of))

    def lose(self) -> None:
        """It owns no shard any more."""
        self._of.clear()

    def lose_but(self, shards: Collection[int]) -> None:
        """It owns these, and no others."""
        for shard in self._of.keys() - shards:
            del self._of[shard]

    def found(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Where each shard stands by the store's word, which knows of all that was sent here."""
        for row in rows:
            again, acknowledged = row["again"], row["acknowledged"]
            sent = acknowledged if again is None else again
            self._of[row["shard"]] = Position(sent, row["asked"], behind=row["last"] > sent)

    def note(self, tried: Iterable[Unsent], on_the_bus: Collection[tuple[int, int]]) -> None:
        """Of events in their order, those on the bus are to be claimed: all of a shard up to the first that is not."""
        missing: set[int] = set()
        for event in tried:
            shard = event.shard
            if (shard, event.id) not in on_the_bus:
                missing.add(shard)
                continue
            position = self._of[shard]
            claim = self.claims.setdefault(shard, Claim(position.sent, position.sent, position.asked))
            if shard in missing:
                claim.gap = True
            else:
                claim.upto = position.sent = event.id
                claim.events += 1

    def acknowledged(self, rows: Iterable[Mapping[str, Any]]) -> tuple[int, list[int]]:
        """What the store answers to all claims: how many events were new to it, and the shards that come too late.

        A shard that it does not answer for it knows less of than it did: there the relay has to look anew.
        """
        claims, self.claims = self.claims, {}
        new, late = 0, []
        for row in rows:
            claim = claims.pop(row["shard"])
            if row["late"]:
                late.append(row["shard"])
            else:
                new += claim.events
            position = self._of.get(row["shard"])
            if position is not None:
                again, acknowledged = row["again"], row["acknowledged"]
                moved = acknowledged if again is None else again
                position.behind |= again is not None or moved != position.sent
                position.sent, position.asked = moved, row["asked"]
        for shard in claims:
            self._of.pop(shard, None)
        return new, late
