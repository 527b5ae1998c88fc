"""Which reports of a discharge end one stay, and which of those holds; and those that end nothing (D7).

A discharge is the end of a stay: of several with no admission between them the one recorded last holds, at whatever
hour, and in whatever zone that is written. A death is none of these: it is final until it is cancelled. Drawn from what
was reported of admissions and discharges alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from schemas.plans import STARTS_A_PLAN
from services.discharge.domain.facts import Admission, Discharge, Facts
from services.discharge.domain.timeline import last_by

_rank = attrgetter("rank")


class StayEnd(NamedTuple):
    """The end of a stay: the report that holds, and all versions of it in clinical order.

    `before`: the end before it that was not cancelled. `cancelled_at`: when the hospital took it back (D8).
    """

    discharge: Discharge
    versions: Sequence[Discharge]
    before: Discharge | None
    cancelled_at: datetime | None = None

    @property
    def known_at(self) -> datetime:
        """When it first came to the bus that the stay was over."""
        return min(version.known_at for version in self.versions)


class Stays(NamedTuple):
    """Every report of a discharge, sorted.

    `ends`: of the stays, in clinical order. `elsewhere`: transfers by a house where the patient no longer lay, which
    are answered. `after_death`: discharges of somebody who had died.
    """

    ends: tuple[StayEnd, ...]
    elsewhere: tuple[Discharge, ...]
    after_death: tuple[Discharge, ...]


def stays(facts: Facts, positives: Sequence[datetime]) -> Stays:
    """D7, D8. The stays that ended, without what is reported to have ended after a death.

    `positives`: when the re-tests were collected that stand positive, which divide stays as admissions do (F5).
    """
    if not facts.discharges:
        return Stays((), (), ())
    sorting = _Sorting(facts, positives)
    for place, discharge in enumerate(facts.discharges):
        sorting.add(discharge, sorting.cancelled.get(place))
    return _until_a_death(sorting)


def _until_a_death(sorting: "_Sorting") -> Stays:
    ends = [_end(group) for group in sorting.groups]
    began = sorting.admissions[0].at if sorting.admissions else None
    deaths = (end for end in ends if end.discharge.died and end.cancelled_at is None)
    death = next((end for end in deaths if began is None or began <= end.discharge.at), None)  # another is unexplained
    left: list[StayEnd] = []
    after_death: list[Discharge] = []
    for end in ends:
        if death is None or end is death or end.discharge.at < death.versions[0].at:
            left.append(end)
        elif end.cancelled_at is None:
            after_death += end.versions
    return Stays(tuple(left), tuple(sorting.elsewhere), tuple(after_death))


class _Group:
    """Discharges with no admission between them; `before`: the last standing one that is none of them.

    `holds`: the one recorded last.
    """

    __slots__ = ("before", "cancelled_at", "holds", "versions")

    def __init__(self, first: Discharge, before: Discharge | None) -> None:
        self.holds, self.versions, self.before = first, [first], before
        self.cancelled_at: datetime | None = None

    def add(self, discharge: Discharge) -> None:
        """One more."""
        self.versions.append(discharge)
        self.holds = max(self.holds, discharge, key=_rank)


def _end(group: _Group) -> StayEnd:
    return StayEnd(group.holds, group.versions, group.before, group.cancelled_at)


class _Sorting:
    """Takes the discharges one after the other, in clinical order. `_standing`: of the groups, those not cancelled."""

    def __init__(self, facts: Facts, positives: Sequence[datetime]) -> None:
        self.admissions = tuple([known for known in facts.admissions if not known.withdrawn])
        self.cancelled, self.positives = _cancelled(facts), positives
        self.groups: list[_Group] = []
        self.elsewhere: list[Discharge] = []
        self._standing: list[_Group] = []

    def add(self, discharge: Discharge, cancelled_at: datetime | None) -> None:
        """Puts it to the stay that it ends, or aside."""
        if discharge.disposition == "transferred" and not self._lies_there(discharge):
            if cancelled_at is None:
                self.elsewhere.append(discharge)
            return
        last = self._standing[-1] if self._standing else None
        if last is None or self._is_another(last.versions[-1], discharge):
            last = _Group(discharge, last.versions[-1] if last else None)
            self.groups.append(last)
            self._standing.append(last)
        else:
            last.add(discharge)
        if cancelled_at is not None:
            last.cancelled_at = cancelled_at
            self._standing.pop()

    def _is_another(self, before: Discharge, discharge: Discharge) -> bool:
        if before.died is not discharge.died:
            return True
        if before.disposition in STARTS_A_PLAN and any_within(self.positives, before.at, discharge.at):
            return True
        return any(_between(before, known, discharge) for known in _back_from(self.admissions, discharge.at, before.at))

    def _lies_there(self, discharge: Discharge) -> bool:
        """Whether the patient may lie where a transfer comes from, by the admissions and discharges known."""
        here = discharge.institution_id
        admissions = _back_from(self.admissions, discharge.at, None)
        admitted = next((one for one in admissions if one.at < discharge.at or one.institution_id == here), None)
        if admitted and admitted.institution_id == here:
            return True
        left = self._standing[-1].holds if self._standing else None
        if left and (admitted is None or left.at >= admitted.at):
            on_the_way = left.disposition == "transferred" and left.to_institution_id in {None, here}
            return on_the_way or left.died or left.institution_id == here
        return admitted is None


def admission_of(end: StayEnd, facts: Facts) -> Admission | None:
    """The admission that began a stay, of its own institution where that admitted; None: it was not reported."""
    admissions = tuple([known for known in facts.admissions if not known.withdrawn])
    first, before = end.versions[0], end.before
    known = list(_back_from(admissions, first.at, before.at if before else None))
    if before and not before.died:
        known = [one for one in known if _between(before, one, first)]
    own = (one for one in known if one.institution_id == end.discharge.institution_id)
    return next(own, known[0] if known else None)


def _back_from(admissions: tuple[Admission, ...], instant: datetime, until: datetime | None) -> Iterator[Admission]:
    """The admissions not after an instant, and not before another, the last of them first."""
    for place in range(last_by(admissions, instant), -1, -1):
        if until is not None and admissions[place].at < until:
            return
        yield admissions[place]


def _between(before: Discharge, admission: Admission, after: Discharge) -> bool:
    """Whether an admission lies between two discharges; one at the instant of the first only if it is another house's:
    that of its own began the stay that it ended.
    """
    if admission.at == before.at:
        return admission.institution_id != before.institution_id
    return before.at < admission.at <= after.at


def _cancelled(facts: Facts) -> Mapping[int, datetime]:
    """D8. The places of the discharges taken back, and when: each time the latest not after the cancellation."""
    taken_back: dict[int, datetime] = {}
    for cancellation in facts.cancellations:
        last = last_by(facts.discharges, cancellation.at)
        if last >= 0:
            taken_back.setdefault(last, cancellation.at)
    return taken_back


def named_discharges(facts: Facts, names: Iterable[Any]) -> Mapping[Any, Discharge]:
    """The discharges by what conclusions call them: the report, or in the first edition the house and the civil day."""
    known: dict[Any, Discharge] = {discharge.report_id: discharge for discharge in facts.discharges}
    if any(name not in known for name in names):
        known |= {(discharge.institution_id, discharge.at.date()): discharge for discharge in facts.discharges}
    return known


def any_within(instants: Sequence[datetime], after: datetime, until: datetime) -> bool:
    """Whether one of the instants is later than `after`, and not later than `until`."""
    return any(after < instant <= until for instant in instants)
