"""The episodes of a case: when each begins and ends, where it is judged, and who was admitted in it.

A report belongs to the episode in which its clinical time falls. The first has no beginning; a later one begins with
the collection of the positive that made it one, if that is known, else when it was confirmed.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.episodes import begins_at, is_positive, is_retest
from services.discharge.domain.facts import Admission, Confirmation, Exclusion, Facts, Place
from services.discharge.domain.timeline import INSTANT, civil_date
from services.discharge.policy import DEFAULT_TIME_ZONE, protocol_on


class Episode(NamedTuple):
    """One illness. `begins`: None for the first; `over_at`: the last instant before the next one, if there is one.

    `ill_from`: when the positive that confirmed it was collected, as far as is known. `excluded_at`: when it turned out
    never to have been (I2). `confirmation` is the episode's own or, while that has not come, another one of the case.
    `place`: where the case is, as intake confirmed it, else of the institution that admitted or discharged; None:
    nobody knows.
    """

    number: int
    begins: datetime | None
    over_at: datetime | None
    ill_from: datetime | None
    excluded_at: datetime | None
    confirmation: Confirmation | None
    place: Place | None
    zone: ZoneInfo
    admissions: tuple[Admission, ...]

    @property
    def excluded(self) -> bool:
        return self.excluded_at is not None

    @property
    def admitted_at(self) -> datetime | None:
        """When the first known stay began."""
        return self.admissions[0].at if self.admissions else None

    @property
    def jurisdiction(self) -> str | None:
        return self.place.jurisdiction if self.place else None

    def begins_after(self, instant: datetime) -> bool:
        """Whether a clinical time falls before this episode."""
        return self.begins is not None and instant < self.begins

    def holds(self, instant: datetime) -> bool:
        """Whether a clinical time falls into this episode."""
        return not self.begins_after(instant) and (self.over_at is None or instant <= self.over_at)


class Case(NamedTuple):
    """What intake has last said of the episodes of a case: those confirmed, and those that never were (I2)."""

    confirmed: Mapping[int, Confirmation]
    excluded: Mapping[int, Exclusion]


def episodes(facts: Facts, place: Place | None) -> tuple[Episode, ...]:
    """All episodes of the case in clinical order; a case of which nothing is confirmed yet is in its first.

    `place`: of the institution that admitted or discharged, for where intake has not said where the case is.
    """
    case = _case(facts)
    starts = _starts(facts, case)
    ends = [begins for _, begins in starts[1:]] + [None]
    return tuple(
        _episode(facts, case, place, number, begins, ends_at)
        for (number, begins), ends_at in zip(starts, ends, strict=True)
    )


def excluded_episodes(facts: Facts, place: Place | None) -> Iterator[Episode]:
    """I2. Each episode after the first that never was, as it would have been: what rested on it has to end."""
    case = _case(facts)
    starts = _starts(facts, case)
    for number in sorted(case.excluded.keys() & case.confirmed.keys() - {1}):
        begins = _ill_from(facts, case.confirmed[number])
        ends_at = next((start for _, start in starts if start is not None and start > begins), None)
        yield _episode(facts, case, place, number, begins, ends_at)


def institution_of(facts: Facts) -> str | None:
    """Whose place the case has while intake has not said where it is: who first admitted it, else who discharged it."""
    if any(not known.withdrawn for known in facts.confirmations):
        return None
    admitted = next((known.institution_id for known in facts.admissions if not known.withdrawn), None)
    return admitted or next((known.institution_id for known in facts.discharges), None)


def positive_retests(facts: Facts, place: Place | None) -> tuple[datetime, ...]:
    """F5. When the tests were collected that stand positive, each in its last version and by the protocol of its day.

    Whether one is a re-test is for the discharge to say that it follows.
    """
    case = _case(facts)
    where = _where(next(iter(case.confirmed.values()), None), place)
    zone, jurisdiction = _zone(where), where.jurisdiction if where else None
    return tuple(
        known.collected_at
        for known in {known.name: known for known in facts.results}.values()
        if not known.withdrawn
        and is_retest(known.test, known.specimen_type, known.status)
        and is_positive(
            known.outcome,
            known.cts,
            protocol_on(civil_date(known.collected_at, zone), jurisdiction).negative_from_ct,
        )
    )


def _case(facts: Facts) -> Case:
    ended = {known.episode: known for known in facts.exclusions if known.rank > _confirmed_by(facts, known.episode)}
    excluded = {number: known for number, known in ended.items() if not known.withdrawn}
    taken_back = ended.keys() - excluded
    confirmed = {
        known.episode: known for known in facts.confirmations if not known.withdrawn and known.episode not in taken_back
    }
    return Case(confirmed, excluded)


def _where(confirmation: Confirmation | None, place: Place | None) -> Place | None:
    if confirmation is None:
        return place
    return Place(confirmation.jurisdiction, confirmation.residence.district, confirmation.time_zone)


def _zone(where: Place | None) -> ZoneInfo:
    return ZoneInfo(where.time_zone if where else DEFAULT_TIME_ZONE)


def _episode(
    facts: Facts, case: Case, place: Place | None, number: int, begins: datetime | None, ends_at: datetime | None
) -> Episode:
    own, excluded = case.confirmed.get(number), case.excluded.get(number)
    confirmation = own or next(iter(case.confirmed.values()), None)
    where = _where(confirmation, place)
    episode = Episode(
        number,
        begins,
        ends_at and ends_at - INSTANT,
        _ill_from(facts, own) if own else None,
        excluded.at if excluded else None,
        confirmation,
        where,
        _zone(where),
        tuple(known for known in facts.admissions if not known.withdrawn),
    )
    if begins is None and ends_at is None:
        return episode
    return episode._replace(admissions=tuple(known for known in episode.admissions if episode.holds(known.at)))


def _confirmed_by(facts: Facts, number: int) -> str:
    """The rank of what last confirmed an episode: the last word on it (I2), unless an exclusion has a higher one.

    An exclusion that is withdrawn is a last word too: it confirms nothing by itself, so no episode is left.
    """
    return max((known.rank for known in facts.confirmations if known.episode == number), default="")


def _starts(facts: Facts, case: Case) -> list[tuple[int, datetime | None]]:
    later = sorted((number, known) for number, known in case.confirmed.items() if number > 1)
    found = [(number, _ill_from(facts, known)) for number, known in later if number not in case.excluded]
    return [(1, None), *sorted(found, key=lambda start: (start[1], start[0]))]


def _ill_from(facts: Facts, confirmation: Confirmation) -> datetime:
    """When the positive that confirmed an episode was collected; the version of a result that stands says when (F5)."""
    collected = {known.name: known.collected_at for known in facts.results}  # the last in force stands
    of_any_lab: dict[str, datetime] = {}
    for (_, result_id), at in collected.items():
        of_any_lab[result_id] = min(at, of_any_lab.get(result_id, at))
    known: dict[tuple[str, str], datetime] = {}
    labs = confirmation.basis_labs or ("",) * len(confirmation.basis)
    for lab, result_id in zip(labs, confirmation.basis, strict=False):
        at_lab = collected.get((lab, result_id)) or collected.get(("", result_id))
        found = at_lab if lab else of_any_lab.get(result_id)
        if found is not None:
            known[lab, result_id] = found
    return begins_at(known, known, confirmation.at)
