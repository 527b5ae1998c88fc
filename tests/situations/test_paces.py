"""F10, P4: the same records, with one topic far ahead of another, end in the same standing events as read in step.

`AFTERWARD_PACES=500` plays so many invented stays; `make chaos` does. One that fails is played alone with `PACE=17`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.situations.paces import SERVICES, Reading, differences, standing
from tests.situations.play import HERE, Play, situation
from tests.situations.stays import stay

STAYS = range(int(os.environ.get("AFTERWARD_PACES", "8")))
ALONE = os.environ.get("PACE")
READINGS = 2
"""So many times each service reads each stay."""


def different(play: Play, order: str, readings: int = READINGS) -> Iterator[str]:
    """What a service says otherwise when its topics are read at other paces."""
    for service in SERVICES:
        in_step = standing(play, service)
        for number in range(readings):
            reading = Reading(service, play, Random(f"{order} {number}")).read()
            found = differences(in_step, reading.standing_of_service())
            yield from (f"{service}, reading {number}: {one}" for one in found)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [int(ALONE)] if ALONE else STAYS)
def test_a_stay_that_is_read_at_other_paces_ends_the_same(seed: int) -> None:
    found = list(different(stay(seed), f"pace {seed}"))
    assert not found, f"PACE={seed}: {found[0]}"


@pytest.mark.parametrize("path", sorted((HERE / "inputs" / "situations").glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_situation_that_is_read_at_other_paces_ends_the_same(path: Path) -> None:
    assert list(different(situation(path.stem), path.stem, readings=1)) == []


def test_it_is_seen_where_a_deadline_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that takes each deadline for passed as soon as one topic has got there."""
    play = situation("no-retest-ever")
    assert list(different(play, "waits")) == []
    monkeypatch.setattr("tests.rest.house.Service.watermark", lambda _service, now: now)
    assert list(different(play, "does not wait"))
