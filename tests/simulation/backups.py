"""Backups that are put in a store's place: which may be, and what makes a service believe that its store has gone back.

What a service lacks after that it reads again, topic beside topic: of days that came one after the other in life, the
reports of one topic may come before those of another that are older. Some rules say for good what they found when they
first knew enough: whom `intake` and `primarycare` asked and on which day, what `followup` found lapsed, or in which
channel a request lay by `consultation`, to which institution it was referred, and who was on duty then. Where the
clock has gone on since the backup, that may differ from a run without faults, as where a service was away for days
(`MAY_SLEEP`). So these are put back to what they were since the clock was last set; the others to any time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.simulation.answers import Row

if TYPE_CHECKING:
    from tests.simulation.world import World

OF_THE_MOMENT = frozenset({"intake", "followup", "primarycare", "consultation"})


@dataclass(frozen=True)
class Backup:
    """What a store had when it was copied, and what the clock showed."""

    tables: Mapping[str, dict[Any, Row]]
    numbers: Mapping[str, int]
    taken_at: datetime

    def may_replace(self, service: str, now: datetime) -> bool:
        """Whether all that is read again ends as it did."""
        return service not in OF_THE_MOMENT or self.taken_at == now


def may_have_gone_back(world: "World", service: str) -> bool:
    """Whether there is a reason for a new epoch: a backup, or a stranger's offsets, which look as if there were one."""
    return world.stores[service].incarnation > 1 or world.bus.groups[service].eaten


def epoch_for_nothing(world: "World", service: str) -> Iterator[str]:
    """An epoch begins only for a reason: readers hear all of it again."""
    epoch = world.stores[service].tables["store_identity"][0]["epoch"]
    if epoch and not may_have_gone_back(world, service):
        yield f"epoch {epoch} has begun, and nothing was ahead of the store"
