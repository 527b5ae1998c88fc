"""Whoever is put back is put back for a reason, and no epoch begins without one."""

from datetime import timedelta
from random import Random

import pytest

from tests.simulation.backups import OF_THE_MOMENT, Backup, epoch_for_nothing
from tests.simulation.bus import Bus
from tests.simulation.faults import Faults
from tests.simulation.loop import VirtualLoop, close
from tests.simulation.run import simulate
from tests.simulation.store import Store
from tests.simulation.workload import BEGINS
from tests.simulation.world import World

MISLED = 33
"""In this seed a stranger has read in the name of a group of two, as the first of them begins and the second has."""


@pytest.mark.parametrize("service", ["intake", "discharge"])
def test_whose_conclusions_are_of_the_moment_is_not_put_back_behind_the_clock(service: str) -> None:
    backup = Backup({}, {}, BEGINS)
    assert backup.may_replace(service, BEGINS)
    assert backup.may_replace(service, BEGINS + timedelta(days=1)) == (service not in OF_THE_MOMENT)


def test_an_epoch_needs_a_backup_or_a_stranger() -> None:
    loop, dice = VirtualLoop(), Random(0)
    world = World(dice, loop, Faults(dice))
    world.bus, world.stores = Bus(world), {"intake": Store(world, "intake")}
    assert list(epoch_for_nothing(world, "intake")) == []
    world.stores["intake"].tables["store_identity"][0]["epoch"] = 1
    assert len(list(epoch_for_nothing(world, "intake"))) == 1
    world.bus.groups["intake"].eaten_by_a_stranger()
    assert list(epoch_for_nothing(world, "intake")) == []
    close(loop)


def test_who_is_misled_by_a_stranger_begins_anew_and_all_ends_well() -> None:
    assert simulate(MISLED).problems == []
