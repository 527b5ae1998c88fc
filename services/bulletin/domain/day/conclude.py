"""What follows for a day: its figures once it is over (B1), and which days have to follow (B3)."""

from datetime import date, datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.bulletin.domain.day.counts import Counts
from services.bulletin.domain.day.facts import Facts
from services.bulletin.domain.day.figures import Figures
from services.bulletin.policy import counts_asymptomatic_apart, published_at


class Conclusions(Struct, frozen=True, array_like=True):
    """The figures said last (None while there is no bulletin of the day), and the days that have to follow."""

    jurisdiction: str = ""
    day: date = date.min
    figures: Figures | None = None
    later: tuple[date, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = {}


DayState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Counts) -> Conclusions:
    """B1: a day has a bulletin once it is over and the policy's delay has passed, if there is anything by then."""
    over = clock.passed(published_at(context.jurisdiction, context.day))
    return Conclusions(
        jurisdiction=context.jurisdiction,
        day=context.day,
        figures=_figures(context) if over and _has_anything(context) else None,
        later=_later(context, clock.now) if over else (),
        due=clock.due,
        done=clock.done,
    )


def _later(counts: Counts, now: datetime) -> tuple[date, ...]:
    return *counts.later, *(day for day in counts.silent if published_at(counts.jurisdiction, day) <= now)


def _figures(counts: Counts) -> Figures:
    return Figures(
        counts.new,
        counts.cumulative,
        counts.discharges,
        counts.youngest_months,
        counts.new_apart,
        counts.cumulative_apart,
        is_apart=counts_asymptomatic_apart(counts.jurisdiction, counts.day),
        online=counts.online,
    )


def _has_anything(counts: Counts) -> bool:
    """B1: a case, or a consultation held online."""
    known = (counts.cumulative.confirmed, counts.cumulative_apart.found)
    return bool(counts.online) or any(one.imported + one.local > 0 for one in known)
