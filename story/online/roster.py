"""The experts and their shifts: three a day, such that somebody is on duty at every minute, told a week ahead and more.

The first roster of the green channel has a gap of two hours: one night team was entered from two o'clock on. It is
found a week before (C4), and two of the evening team stay on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from schemas.reports.consultation import ExpertRostered
from story.online.places import CHANNELS, CHILDRENS, GREEN, Channel, source_of
from story.publication import Statement, at, named

LAST_DAY: Final = date(2023, 1, 2)
"""The last day with a roster: a week after 25 December is covered whole."""
GAP_ON: Final = date(2022, 12, 17)
GAP: Final = (at(GAP_ON, 0), at(GAP_ON, 2))
GAP_CLOSED_AT: Final = at(date(2022, 12, 10), 9.4)
FIRST_ROSTER_DAYS: Final = 9
"""The first roster has so many days; each morning another day is added, so that more than a week is always known."""
_TEAMS: Final = {GREEN.channel_id: (8, 20, 16), CHILDRENS.channel_id: (2, 3, 2)}
"""How many are on duty by night (from midnight), by day (from 8) and in the evening (from 16).

A day's teams follow each other in the circle of experts, and the next day begins behind them: nobody has a night after
an evening, or two shifts in a day.
"""
_EXPERTS: Final = {GREEN.channel_id: 72, CHILDRENS.channel_id: 12}
_STARTS: Final = (0, 8, 16)
_SHIFT_HOURS: Final = 8
_NO_PRESCRIBER: Final = 5
"""Each of so many may not prescribe, and their neighbours in the circle may: every team can."""


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody who consults; `ref` says nothing about who it is."""

    ref: str
    department: str
    prescriber: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """An expert on duty in a channel, from and until; `rostered_at`: when that was first written."""

    channel: Channel
    expert: Expert
    begins_at: datetime
    ends_at: datetime
    rostered_at: datetime


def rostered(seed: int) -> Iterator[Statement]:
    """Every shift as it is reported."""
    for shift in (each for channel in CHANNELS for each in shifts(seed, channel)):
        report = ExpertRostered(
            channel_id=shift.channel.channel_id,
            expert_ref=shift.expert.ref,
            department=shift.expert.department,
            prescriber=shift.expert.prescriber,
            from_=shift.begins_at,
            until=shift.ends_at,
        )
        name = f"{seed}/shift/{shift.expert.ref}/{shift.begins_at.isoformat()}"
        yield Statement(name, report, source_of(shift.channel.institution_id), shift.rostered_at)


@cache
def shifts(seed: int, channel: Channel) -> tuple[Shift, ...]:
    """Every shift of a channel, from the day on which it opens."""
    first, found = channel.opened_at.date(), []
    for number in range((LAST_DAY - first).days + 1):
        for hour, team in zip(_STARTS, _teams(seed, channel, number), strict=True):
            begins_at = at(first + timedelta(days=number), hour)
            if hour or number:
                found += [_shift(channel, expert, begins_at, number) for expert in team]
    return (*found, *_staying_on(found)) if channel is GREEN else tuple(found)


def on_duty(seed: int, channel: Channel, moment: datetime) -> tuple[Expert, ...]:
    """Who is on duty in a channel at an instant: shifts begin and end with an hour."""
    return _on_duty(seed, channel, moment.replace(minute=0, second=0, microsecond=0))


@cache
def _on_duty(seed: int, channel: Channel, hour: datetime) -> tuple[Expert, ...]:
    return tuple(shift.expert for shift in shifts(seed, channel) if shift.begins_at <= hour < shift.ends_at)


def experts(seed: int, channel: Channel) -> tuple[Expert, ...]:
    """Those who consult in a channel, in their circle: of all its departments by turns; most may prescribe."""
    refs = [f"e-{named(seed, channel.channel_id, 'expert', n).hex[:12]}" for n in range(_EXPERTS[channel.channel_id])]
    departments = channel.departments
    return tuple(
        Expert(ref, departments[number % len(departments)], prescriber=number % _NO_PRESCRIBER > 0)
        for number, ref in enumerate(refs)
    )


def _teams(seed: int, channel: Channel, number: int) -> Iterator[list[Expert]]:
    """The three teams of the channel's day of this number."""
    everybody, sizes = experts(seed, channel), _TEAMS[channel.channel_id]
    place = number * sum(sizes)
    for size in sizes:
        yield [everybody[(place + each) % len(everybody)] for each in range(size)]
        place += size


def _shift(channel: Channel, expert: Expert, begins_at: datetime, number: int) -> Shift:
    ends_at = begins_at + timedelta(hours=_SHIFT_HOURS)
    if number < FIRST_ROSTER_DAYS:
        rostered_at = channel.declared_at - timedelta(hours=3)
    else:
        rostered_at = at(channel.opened_at.date() + timedelta(days=number - FIRST_ROSTER_DAYS + 1), 10)
    if channel is GREEN and begins_at == GAP[0]:
        begins_at = GAP[1]
    return Shift(channel, expert, begins_at, ends_at, rostered_at)


def _staying_on(found: list[Shift]) -> list[Shift]:
    """Two of the evening before stay until the night team comes."""
    evening = [shift for shift in found if shift.ends_at == GAP[0]]
    return [Shift(GREEN, shift.expert, *GAP, GAP_CLOSED_AT) for shift in evening[:2]]
