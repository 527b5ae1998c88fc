"""What aftercare stands on: the discharge that began it, the end of its plan, and what ended or undid it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct

from schemas.plans import plan_days, plan_key
from services.primarycare.domain.facts import Discharge, Facts

HOMES = frozenset({"home", "isolation_site"})


Choosing = tuple[str | None, str, str]
"""Of a choice among institutions: the one that the patient named, jurisdiction and district of the residence."""


class Ending(Struct, frozen=True, array_like=True):
    """What closed a linkage or an alert, and when."""

    at: datetime
    why: str


class Basis(Struct, frozen=True):
    """The basis of the aftercare of one discharge, named by (episode, `discharged_at`).

    `day_0`: the civil date of discharge. `last_day`, `ends_at`: of the plan, without extensions (P3).
    """

    key: str
    start: Discharge
    day_0: date
    last_day: date
    ends_at: datetime
    ended: Ending | None

    @property
    def goes_home(self) -> bool:
        """Whether somebody near home is told of it, and asked (P1, P2); of an alert they hear in any case (P4)."""
        return self.start.destination in HOMES

    @property
    def choosing(self) -> Choosing:
        """What a choice among institutions stands on."""
        return self.start.primary_institution_id, self.start.jurisdiction, self.start.district


def asked_at(happened_at: datetime, now: datetime, within: timedelta) -> datetime:
    """Since when an answer is awaited: since it happened, or since now where that left no time to answer.

    Nobody is late before having been told. Whoever asks remembers an instant that is not `happened_at`.
    """
    return now if now >= happened_at + within else happened_at


def bases(facts: Facts) -> Iterator[Basis]:
    """The bases of a case, in the order of its episodes: one for each that left the ward for follow-up."""
    for episode in sorted({discharge.episode for discharge in facts.discharges}):
        of_episode = [discharge for discharge in facts.discharges if discharge.episode == episode]
        start = max((one for one in of_episode if one.starts), key=lambda one: one.rank, default=None)
        if start is not None and start.kind != "withdrawn":
            after = [one for one in of_episode if not one.starts and one.rank > start.rank]
            yield _basis(start, _ended(start, after))


def _ended(start: Discharge, after: list[Discharge]) -> Ending | None:
    """What undid the discharge, or the death that ended the plan, of all that was said after it.

    Once undone it stays so, and since then, whatever is said of the patient in hospital: a death there is none at home.
    """
    undid = [one for one in after if one.kind not in {"died", "withdrawn"}]
    if undid:
        first = max(undid, key=lambda one: (one.discharged_at == start.discharged_at, one.rank))
        return Ending(first.at, "revoked")
    last = max(after, key=lambda one: one.rank, default=None)
    return Ending(last.at, "died") if last is not None and last.kind == "died" else None


def _basis(start: Discharge, ended: Ending | None) -> Basis:
    days = plan_days(start.discharged_at, start.time_zone, start.protocol, start.jurisdiction)
    key = plan_key(start.episode, start.discharged_at)
    return Basis(key, start, days.day_0, days.last_day, days.ends_at, ended)
