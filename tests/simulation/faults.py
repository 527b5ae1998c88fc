"""What goes wrong in one run: which kinds of faults, how often, and how many really happened."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

AGGREGATES: Final = (
    "crash",  # a process dies, at any step
    "freeze",  # a process stands still for up to a minute, and then goes on as if nothing had happened
    "cut",  # a connection to the store breaks before a statement
    "answer_lost",  # a statement is carried out, and the connection breaks before its answer
    "commit_lost",  # the connection breaks before the commit: nothing has happened
    "commit_answer_lost",  # the connection breaks after the commit: all has happened, and nobody is told
    "store_down",  # the store restarts: every connection breaks, every open transaction is rolled back
    "restored",  # the store is copied, and the next time put back to what it was then
    "send_lost",  # a batch never reaches the bus
    "send_answer_lost",  # a batch reaches the bus, and its sender is told that it did not
    "fetch_lost",  # the answer to a fetch is lost
    "lag",  # a partition gives nothing for a while: topics and partitions are read in another order
    "slow",  # a rule takes as long as a transaction has: what is left of the batch is for the next one
    "offsets_lost",  # an offset commit fails
    "offsets_answer_lost",  # an offset commit holds, and is said to have failed
    "stranger",  # a stranger reads in the group's name, and commits the ends of all topics
    "rebalance",  # the group is shared out anew for no reason
    "asleep",  # a whole service is away while the clock goes on
    "report_repeated",  # a publisher sends again what the bus has already
    "aborted",  # a publisher's transaction is aborted after a report has been written: it was never said
    "impostor",  # somebody else states an event in a service's place
)


MOST: Final = 60
"""A run sees no more: with more it would only begin again and again."""


@dataclass
class Faults:
    """Chance, from one stream of it. In a run without faults nothing is drawn."""

    dice: Random
    chances: dict[str, float] = field(default_factory=dict)
    hit: Counter[str] = field(default_factory=Counter)
    left: int = MOST

    @classmethod
    def drawn(cls, dice: Random) -> "Faults":
        """Some kinds, each as frequent as it happens to be: runs differ more than if each had a little of all."""
        how_often = dice.choice([0.001, 0.003, 0.01])
        chosen = [kind for kind in AGGREGATES if dice.random() < 0.6]
        return cls(dice, {kind: how_often * dice.choice(WEIGHTS[kind]) for kind in chosen})

    @classmethod
    def of(cls, dice: Random, aggregates: Sequence[str]) -> "Faults":
        """These kinds and no others, often."""
        return cls(dice, {kind: 0.012 * max(WEIGHTS[kind]) for kind in aggregates})

    def strikes(self, kind: str) -> bool:
        """Whether this fault happens now."""
        chance = self.chances.get(kind)
        if chance is None or self.dice.random() >= chance:
            return False
        self.hit[kind] += 1
        self.left -= 1
        if not self.left:
            self.end()
        return True

    def end(self) -> None:
        """From now on all goes well."""
        self.chances = {}


_RARE, _OFTEN = (0.1, 0.3), (1.0, 3.0)
WEIGHTS: Final = {
    kind: _OFTEN
    if kind in {"fetch_lost", "offsets_lost", "offsets_answer_lost", "commit_answer_lost", "lag", "slow"}
    else _RARE
    for kind in AGGREGATES
} | {
    "report_repeated": (20.0, 60.0),
    "aborted": (20.0, 60.0),
    "impostor": (20.0, 60.0),
    "asleep": (20.0, 60.0),
    "stranger": (20.0, 60.0),
    "restored": (0.3, 1.0),
    "send_answer_lost": (2.0, 6.0),
    "send_lost": (1.0, 3.0),
    "commit_lost": _OFTEN,
}
"""Steps of some kinds are rarer than of others: how much more often than `how_often` each strikes."""
