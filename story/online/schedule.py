"""When people ask: more from day to day as the wave grows, by hours of the day, and at night as well."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from story.online.places import CHILDRENS, GREEN, Channel
from story.publication import at

DAY: Final = date(2022, 12, 25)
"""The day of the published figures; after it nobody new asks, and those who asked get their medicine."""
_BEFORE_NOON: Final = (2.2, 1.6, 1.3, 1.1, 1.0, 1.2, 1.9, 3.4, 5.6, 6.9, 7.0, 6.2)
_AFTER_NOON: Final = (4.7, 4.6, 5.0, 5.2, 4.9, 4.6, 5.0, 6.3, 7.2, 7.0, 5.3, 3.4)
BY_HOUR: Final = (*_BEFORE_NOON, *_AFTER_NOON)
"""About how many in a hundred of a day's requests come in each hour, from midnight on."""
_LAST_HOUR: Final = 22
"""On DAY nobody asks after this hour, so that everybody who asked was answered on the day."""


@dataclass(frozen=True, slots=True)
class Demand:
    """How many consultations are held in a channel by the end of DAY, and how many of them by people who ask again.

    `growth`: by what share of the first day's requests each day has more than the one before. `cancelled`, `late`: how
    many requests besides are taken back, and how many of those held are answered too late.
    """

    channel: Channel
    held: int
    again: int
    growth: float
    cancelled: int
    late: int


DEMANDS: Final = (
    Demand(GREEN, held=8_437, again=386, growth=0.32, cancelled=34, late=11),
    Demand(CHILDRENS, held=309, again=15, growth=0.12, cancelled=2, late=1),
)
"""The published numbers are `more than 8,400` consultations, and `nearly 300` children: 309 less 15."""


def instants(chance: Random, demand: Demand, number: int) -> list[datetime]:
    """So many instants at which somebody asks, in order: from the opening of the channel to the evening of DAY."""
    opened_at = demand.channel.opened_at
    hours = [
        at(opened_at.date() + timedelta(days=day), hour)
        for day in range((DAY - opened_at.date()).days + 1)
        for hour in range(24)
    ]
    weights = [_weight(demand, hour) for hour in hours]
    chosen = chance.choices(hours, weights, k=number)
    return sorted(hour + timedelta(seconds=chance.randrange(3600)) for hour in chosen)


def _weight(demand: Demand, hour: datetime) -> float:
    if hour < demand.channel.opened_at or (hour.date() == DAY and hour.hour > _LAST_HOUR):
        return 0.0
    return BY_HOUR[hour.hour] * (1 + demand.growth * (hour.date() - demand.channel.opened_at.date()).days)
