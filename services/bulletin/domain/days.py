"""A civil day of a jurisdiction: published once it is over, restated whenever its figures change (B1, B3)."""

from collections.abc import Iterator
from datetime import date, datetime

from msgspec import Struct

from chassis.judge import Clock, Said, State
from schemas.events.bulletin import BulletinFields, BulletinPublished, BulletinRestated
from schemas.limits import within_limits
from services.bulletin.domain.figures import Discharges, Figures, Flow
from services.bulletin.policy import published_at


class Facts(Struct, frozen=True, array_like=True):
    """A day learns nothing from messages: it is counted of the cases."""


class Counts(Struct, frozen=True):
    """What SQL counted for one day, handed in as its world.

    `later`: the days to be judged after this one: each whose bulletin, as said last, is not what the cases add up to,
    and the next day, where it has never been judged. `silent`: those that have none, and may have one if they are over.
    """

    jurisdiction: str
    day: date
    new: Flow = Flow()
    cumulative: Flow = Flow()
    discharges: Discharges = Discharges()
    youngest_months: int | None = None
    later: tuple[date, ...] = ()
    silent: tuple[date, ...] = ()


class Conclusions(Struct, frozen=True, array_like=True):
    """The figures said last (None while there is no bulletin of the day), and the days that have to follow."""

    jurisdiction: str = ""
    day: date = date.min
    figures: Figures | None = None
    later: tuple[date, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = {}


def conclude(facts: Facts, announced: Conclusions, clock: Clock, world: Counts) -> Conclusions:
    """B1: a day has a bulletin once it is over and the policy's delay has passed, if there is a case by then."""
    over = clock.passed(published_at(world.jurisdiction, world.day))
    has_cases = world.cumulative.confirmed.imported + world.cumulative.confirmed.local > 0
    return Conclusions(
        jurisdiction=world.jurisdiction,
        day=world.day,
        figures=_figures(world) if over and has_cases else None,
        later=_later(world, clock.now) if over else (),
        due=clock.due,
        done=clock.done,
    )


def _later(counts: Counts, now: datetime) -> tuple[date, ...]:
    return *counts.later, *(day for day in counts.silent if published_at(counts.jurisdiction, day) <= now)


def _figures(counts: Counts) -> Figures:
    return Figures(counts.new, counts.cumulative, counts.discharges, counts.youngest_months)


def announce(before: State, after: State) -> Iterator[Said]:
    """B3: published once, then restated with both figures; withdrawn where no case is left to count."""
    was: Conclusions = before.conclusions
    now: Conclusions = after.conclusions
    if was.figures == now.figures:
        return
    event: BulletinFields | None
    if was.figures is None or now.figures is None:
        event = bulletin(now) or bulletin(was, withdrawn=True)
    else:
        event = within_limits(BulletinRestated)(
            **now.figures.said(now.jurisdiction, now.day), before=was.figures.standing()
        )
    yield Said(event, published_at(now.jurisdiction, now.day))


def bulletin(conclusions: Conclusions, *, withdrawn: bool | None = None) -> BulletinPublished | None:
    """The bulletin of the day, the commission's edition; None while there is none."""
    if conclusions.figures is None:
        return None
    told = conclusions.figures.said(conclusions.jurisdiction, conclusions.day)
    return within_limits(BulletinPublished)(**told, withdrawn=withdrawn)


def row(state: State) -> tuple[object, ...] | None:
    """The row in `bulletin_day`: what the following days build upon; without figures while there is no bulletin."""
    conclusions: Conclusions = state.conclusions
    if not conclusions.jurisdiction:
        return None
    return conclusions.jurisdiction, conclusions.day, *_sums(conclusions.figures)


def _sums(figures: Figures | None) -> tuple[int | None, ...]:
    if figures is None:
        return (None,) * 7
    flow = figures.cumulative
    each = (flow.confirmed, flow.discharged, flow.deaths)
    return *(count for figure in each for count in (figure.imported, figure.local)), figures.youngest_months


def wakes(before: State, after: State) -> Iterator[tuple[str, str]]:
    """B1, B3: the days after one that is over: the next, eventful or not, and each whose bulletin no longer holds."""
    concluded: Conclusions = after.conclusions
    for day in concluded.later:
        yield "day", f"{concluded.jurisdiction}/{day}"
