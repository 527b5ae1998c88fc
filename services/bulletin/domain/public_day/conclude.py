"""What the public edition of a day says, and what it has shown (B5)."""

from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from chassis.decide.judge import Clock
from services.bulletin.domain.day import Conclusions as Day
from services.bulletin.domain.day.figures import Discharges, Figures
from services.bulletin.domain.public_day.facts import Facts
from services.bulletin.domain.public_day.public_edition import Table, channels, edition
from services.bulletin.policy import categories, smallest_shown


class Conclusions(Struct, frozen=True, array_like=True):
    """The figures said last; None while there is no public edition of the day. It waits for nothing: the day does.

    `public_tables`: what is shown, or was shown last, of each table; None: there was no edition yet.
    """

    jurisdiction: str = ""
    day: date = date.min
    figures: Figures | None = None
    public_tables: dict[str, Table] | None = None
    due: datetime | None = None
    done: dict[str, str] = {}


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Day | None) -> Conclusions:
    """B5: what the day says, without the cells and the channels that are suppressed, and without the youngest."""
    if context is None or context.figures is None:
        return replace(announced, figures=None, due=clock.due, done=clock.done)
    where, day = context.jurisdiction, context.day
    smallest, before = smallest_shown(where, day), announced.public_tables
    tables = edition(context.figures.discharges, before, categories(where, day), smallest)
    return Conclusions(where, day, _in_public(context.figures, smallest), tables, clock.due, clock.done)


def _in_public(figures: Figures, smallest: int) -> Figures | None:
    """B5: without a case, and with only channels that it may not name, it keeps silent."""
    named = channels(figures.online, smallest)
    if not (figures.has_cases or named):
        return None
    return replace(figures, discharges=Discharges(), youngest_months=None, online=named)
