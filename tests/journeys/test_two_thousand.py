"""Fourteen days of 2,000 patients, a tenth of the days in silence: what is said adds up to what is reckoned by hand.

Of the first of them the same events stand as ever.
"""

import os
from pathlib import Path

import pytest

from tests.journeys.conftest import on_the_embedded_bus
from tests.journeys.digest import check
from tests.journeys.lives import DAYS, lives
from tests.journeys.patient import SHANGHAI
from tests.journeys.population import Population, differing, total
from tests.journeys.reckoning import reckon
from tests.journeys.side_by_side import Listener
from tests.journeys.stack import A_DAY, Stack
from tests.journeys.standing import nameless

PATIENTS = 2_000
PLAYED = int(os.environ.get("AFTERWARD_PATIENTS", PATIENTS))
"""How many live on a stack; never fewer than those of whom a digest is held."""
SEED = 17
DIGESTED = 300
"""A digest is held of so many, the first ones."""
FOLLOWUP = ("followup.events.v1",)


@on_the_embedded_bus
@pytest.mark.thorough
@pytest.mark.timeout(900)
async def test_logs_misses_calls_and_losses_of_many_patients_are_those_that_follow_from_their_lives(
    stack: Stack, tmp_path: Path
) -> None:
    chosen = lives(SEED, max(PLAYED, DIGESTED))
    reckoned = {life.name: reckon(life) for life in chosen}
    tomorrow = stack.now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0) + A_DAY
    population = Population(chosen, tomorrow)

    async with Listener(stack.running.bootstrap_servers, FOLLOWUP) as listener:
        await population.live(stack, listener.listen)

    assert dict(list(differing(population.figures, reckoned).items())[:3]) == {}
    assert total(population.figures.values()) == total(reckoned.values())
    first = {life.name for life in chosen[:DIGESTED]}
    events = [event for event in population.events.values() if event.subject in first]
    check(f"first {DIGESTED} lives", nameless(events, tomorrow), tmp_path)


def test_the_lives_are_silent_on_a_tenth_of_their_days_and_everything_happens_to_somebody() -> None:
    chosen = lives(SEED, PATIENTS)
    silent = sum(day not in life.slots for life in chosen for day in DAYS)
    assert 0.09 < silent / (PATIENTS * len(DAYS)) < 0.11
    figures = total(map(reckon, chosen))
    happens = {
        "late",
        "call 3",
        "home visit",
        "refused",
        "wrong_number",
        "lapsed",
        "withdrawn",
        "lost",
        "resumed",
        "held",
        "RetestMissed",
    }
    assert not {what for what in happens if figures[what] < PATIENTS / 200}
