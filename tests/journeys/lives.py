"""The fourteen days of many patients as they were lived, drawn from a seed: who logs, who is silent, who picks up.

Time is counted in whole hours from the midnight with which day 0 begins. Nothing here knows what follows from silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Final

DAYS: Final = range(1, 15)
HOME_AT: Final = 10
REPORTED_HOME_AT: Final = 11
EVENING: Final = 21
"""When the logs of a day come, and those of the day before that were forgotten."""
ANSWERING: Final = (10, 16)
"""When calls and visits are reported: no step of a ladder ends at these hours by itself."""
ANSWERING_RETESTS: Final = (13, 18)
"""The same, of the calls that ask for a re-test."""
HOME_VISIT: Final = 4
"""As an attempt: what comes after three calls."""

_SWABS: Final = {(7, 14): 78, (8, 14): 8, (7, 12): 4, (10, 14): 4, (14,): 3, (7,): 3}
_SILENT_SHARE: Final = 0.085
_GONE_SHARE: Final = 0.04
_GONE_DAYS: Final = (4, 9)
_FORGOTTEN_SHARE: Final = 0.3
_SLOTS: Final = {("am", "pm"): 3, ("am",): 3, ("pm",): 4}
_OUTCOMES: Final = {"reached": 55, "no_answer": 20, "refused": 4, "wrong_number": 3, None: 18}
_OUTCOMES_GONE: Final = {"reached": 8, "no_answer": 40, "refused": 4, "wrong_number": 4, None: 44}


@dataclass(frozen=True)
class Life:
    """One patient. `slots`: of each day that is logged on its evening. `forgotten`: the days that are logged on the
    evening after. `gone`: the days of a long silence, in which calls seldom reach anybody. `swabs`: the days on whose
    evening a negative re-test is told."""

    name: str
    slots: Mapping[int, tuple[str, ...]]
    forgotten: frozenset[int] = frozenset()
    gone: range = field(default=range(0))
    swabs: tuple[int, ...] = (7, 14)

    def comes_at(self, evening: int) -> list[tuple[int, str]]:
        """The logs that come on the evening of a day: (day, slot)."""
        yesterday = [(evening - 1, "pm")] if evening - 1 in self.forgotten else []
        return [*yesterday, *((evening, slot) for slot in self.slots.get(evening, ()))]

    def answer(self, asked_at: int, attempt: int, about_a_retest: bool = False) -> tuple[int, str] | None:
        """When and with which outcome a call or visit asked for at an hour is reported; None: never."""
        weights = _OUTCOMES_GONE if asked_at // 24 - 1 in self.gone else _OUTCOMES
        chance = Random(f"{self.name} {asked_at} {attempt}")
        (outcome,) = chance.choices([*weights], [*weights.values()])
        return None if outcome is None else (_next_answering_hour(asked_at, about_a_retest), outcome)


@cache
def lives(seed: int, number: int) -> tuple[Life, ...]:
    """So many patients; the same for the same seed."""
    return tuple(_life(f"life-{seed}-{place}") for place in range(number))


def _life(name: str) -> Life:
    chance = Random(name)
    gone = range(0)
    if chance.random() < _GONE_SHARE:
        first = chance.randint(2, 12)
        gone = range(first, first + chance.randint(*_GONE_DAYS))
    silent = {day for day in DAYS if chance.random() < _SILENT_SHARE}
    logged = [day for day in DAYS if day not in silent and day not in gone]
    (*slots,) = chance.choices([*_SLOTS], [*_SLOTS.values()], k=len(logged))
    forgotten = {day for day in sorted(silent) if day not in gone and chance.random() < _FORGOTTEN_SHARE}
    (swabs,) = chance.choices([*_SWABS], [*_SWABS.values()])
    return Life(name, dict(zip(logged, slots, strict=True)), frozenset(forgotten - {DAYS[-1]}), gone, swabs)


def _next_answering_hour(after: int, about_a_retest: bool) -> int:
    begins = after - after % 24
    answering = ANSWERING_RETESTS if about_a_retest else ANSWERING
    hours = (begins + day * 24 + hour for day in (0, 1) for hour in answering)
    return next(hour for hour in hours if hour > after)
