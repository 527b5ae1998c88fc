"""The episodes of a case: when each begins and ends, where it is judged, and who was admitted in it.

A report belongs to the episode in which its clinical time falls. The first has no beginning; a later one begins with
the collection of the positive that made it one, if that is known, else when it was confirmed.
"""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.episodes import begins_at, is_retest
from services.discharge.domain.facts import Admission, Confirmation, Facts
from services.discharge.domain.timeline import INSTANT
from services.discharge.policy import DEFAULT_TIME_ZONE


class Episode(NamedTuple):
    """One illness. `begins`: None for the first; `over_at`: the last instant before the next one, if there is one.

    `confirmation` is the episode's own or, while that has not come, another one of the case.
    """

    number: int
    begins: datetime | None
    over_at: datetime | None
    excluded: bool
    confirmation: Confirmation | None
    zone: ZoneInfo
    admissions: tuple[Admission, ...]

    @property
    def admitted_at(self) -> datetime | None:
        """When the first known stay began."""
        return self.admissions[0].at if self.admissions else None

    @property
    def jurisdiction(self) -> str | None:
        return self.confirmation.jurisdiction if self.confirmation else None

    def begins_after(self, instant: datetime) -> bool:
        """Whether a clinical time falls before this episode."""
        return self.begins is not None and instant < self.begins

    def holds(self, instant: datetime) -> bool:
        """Whether a clinical time falls into this episode."""
        return not self.begins_after(instant) and (self.over_at is None or instant <= self.over_at)


def episodes(facts: Facts) -> tuple[Episode, ...]:
    """All episodes of the case in clinical order; a case of which nothing is confirmed yet is in its first."""
    ended = {known.episode: known for known in facts.exclusions if known.rank > _confirmed_by(facts, known.episode)}
    excluded = {number for number, known in ended.items() if not known.withdrawn}
    taken_back = ended.keys() - excluded
    confirmed = {
        known.episode: known for known in facts.confirmations if not known.withdrawn and known.episode not in taken_back
    }
    starts = [(1, None), *_starts(facts, confirmed, excluded)]
    ends = [begins for _, begins in starts[1:]] + [None]
    admissions = tuple(known for known in facts.admissions if not known.withdrawn)
    anyone = next(iter(confirmed.values()), None)
    return tuple(
        _episode(number, begins, ends_at, number in excluded, confirmed.get(number, anyone), admissions)
        for (number, begins), ends_at in zip(starts, ends, strict=True)
    )


def positive_retests(facts: Facts) -> tuple[datetime, ...]:
    """F5. When the re-tests were collected that stand positive, each in its last version."""
    standing = {known.result_id: known for known in facts.results}
    return tuple(
        known.collected_at
        for known in standing.values()
        if known.outcome == "detected"
        and not known.withdrawn
        and is_retest(known.test, known.specimen_type, known.status, known.setting)
    )


def _episode(
    number: int,
    begins: datetime | None,
    ends_at: datetime | None,
    excluded: bool,
    confirmation: Confirmation | None,
    admissions: tuple[Admission, ...],
) -> Episode:
    zone = ZoneInfo(confirmation.time_zone if confirmation else DEFAULT_TIME_ZONE)
    episode = Episode(number, begins, ends_at and ends_at - INSTANT, excluded, confirmation, zone, admissions)
    if begins is None and ends_at is None:
        return episode
    return episode._replace(admissions=tuple(known for known in admissions if episode.holds(known.at)))


def _confirmed_by(facts: Facts, number: int) -> str:
    """The rank of what last confirmed an episode: the last word on it (I2), unless an exclusion has a higher one.

    An exclusion that is withdrawn is a last word too: it confirms nothing by itself, so no episode is left.
    """
    return max((known.rank for known in facts.confirmations if known.episode == number), default="")


def _starts(facts: Facts, confirmed: dict[int, Confirmation], excluded: set[int]) -> list[tuple[int, datetime]]:
    later = [known for number, known in sorted(confirmed.items()) if number > 1 and number not in excluded]
    return sorted(((known.episode, _begins(facts, known)) for known in later), key=lambda start: (start[1], start[0]))


def _begins(facts: Facts, confirmation: Confirmation) -> datetime:
    collected = {known.result_id: known.collected_at for known in facts.results}  # the last in force stands
    return begins_at(confirmation.basis, collected, confirmation.at)
