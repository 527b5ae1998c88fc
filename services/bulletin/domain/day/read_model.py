"""The day's row in `bulletin_day`, upon which the following days build, and which of these have to be judged."""

from collections.abc import Iterable, Iterator

from msgspec.structs import astuple

from services.bulletin.domain.day.conclude import Conclusions, DayState
from services.bulletin.domain.day.figures import Figure, Figures, Online


def row(state: DayState) -> tuple[object, ...] | None:
    """The row in `bulletin_day`: what the following days build upon; without figures while there is no bulletin."""
    conclusions: Conclusions = state.conclusions
    if not conclusions.jurisdiction:
        return None
    return conclusions.jurisdiction, conclusions.day, *_sums(conclusions.figures)


def _sums(figures: Figures | None) -> tuple[int | str | None, ...]:
    if figures is None:
        return (None,) * 14
    flow, apart = figures.cumulative, figures.cumulative_apart
    counted, youngest = _counts(flow.confirmed, flow.discharged, flow.deaths), figures.youngest_months
    return *counted, youngest, *_counts(apart.found, apart.turned, apart.released), in_words(figures.online)


def in_words(channels: Iterable[Online]) -> str:
    """What was said of online care, as `count_days.sql` compares it: `channel 1 2 3 4 5;channel …`."""
    return ";".join(" ".join(str(value) for value in astuple(channel)) for channel in channels)


def _counts(*figures: Figure) -> tuple[int, ...]:
    return tuple(count for figure in figures for count in (figure.imported, figure.local))


def wakes(before: DayState, after: DayState) -> Iterator[tuple[str, str]]:
    """B1, B3: the days after one that is over: the next, eventful or not, and each whose bulletin no longer holds.

    B5: the public edition of a day that has a bulletin, or had one: also where none of its figures has changed, as a
    day that was stored before there was a public edition has to have one.
    """
    concluded: Conclusions = after.conclusions
    for day in concluded.later:
        yield "day", f"{concluded.jurisdiction}/{day}"
    if concluded.figures or before.conclusions.figures:
        yield "public_day", f"{concluded.jurisdiction}/{concluded.day}/public"
