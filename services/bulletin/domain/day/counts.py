"""What the rules of a day need beyond it: the figures of its cases."""

from datetime import date

from msgspec import Struct

from services.bulletin.domain.day.figures import Discharges, Flow, Infections, Online


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
    new_apart: Infections = Infections()
    cumulative_apart: Infections = Infections()
    online: tuple[Online, ...] = ()
    later: tuple[date, ...] = ()
    silent: tuple[date, ...] = ()
