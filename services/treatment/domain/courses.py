"""What was found in each episode: a report belongs to the episode in which its clinical time falls.

The first episode has no beginning; a later one begins with the collection of the positive that made it one, if that is
known, else when it was confirmed.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, TypeVar

from schemas.episodes import begins_at
from services.treatment.domain.facts import (
    Admission,
    Episode,
    Fact,
    Facts,
    Imaging,
    ReportedSeverity,
    Symptoms,
    VitalSigns,
)
from services.treatment.domain.results import Result, by_result
from services.treatment.domain.taken_back import admissions, imaging

F = TypeVar("F", bound=Fact)

UNCONFIRMED = Episode(1, stands=False, rank="")
"""Before intake has confirmed anybody: what a clinician reports is shown, but there is no case to judge by rule."""


class Course(NamedTuple):
    """An episode, and what of the case falls in it, in clinical order."""

    episode: Episode
    admissions: tuple[Admission, ...]
    symptoms: tuple[Symptoms, ...]
    vital_signs: tuple[VitalSigns, ...]
    imaging: tuple[Imaging, ...]
    severities: tuple[ReportedSeverity, ...]


def courses(facts: Facts) -> Iterator[Course]:
    """The episodes that stand, in order; of a case that nobody has confirmed the first."""
    standing = tuple(episode for episode in facts.episodes if episode.stands) or (UNCONFIRMED,)
    admitted, imaged = admissions(facts), imaging(facts)
    begins = (None, *(_begins(facts, episode) for episode in standing[1:]), None)
    for index, episode in enumerate(standing):
        span = begins[index], begins[index + 1]
        yield Course(
            episode,
            _within(admitted, *span),
            _within(facts.symptoms, *span),
            _within(facts.vital_signs, *span),
            _within(imaged, *span),
            _within(facts.severities, *span),
        )


def _begins(facts: Facts, episode: Episode) -> datetime | None:
    if episode.confirmed_at is None:
        return None
    standing = {result: versions[-1].collected_at for result, versions in by_result(facts.results).items()}
    return begins_at(_basis(episode, standing), standing, episode.confirmed_at)


def _basis(episode: Episode, known: Iterable[Result]) -> Iterator[Result]:
    """The results that confirmed it; of an event from before they had a laboratory, whichever has the id."""
    if episode.labs:
        yield from zip(episode.labs, episode.basis, strict=False)
    else:
        yield from (result for result in known if result[1] in episode.basis)


def _within(facts: tuple[F, ...], begins: datetime | None, ends: datetime | None) -> tuple[F, ...]:
    """From `begins` on, and before `ends`; None: unbounded."""
    first = bisect_left(facts, begins, key=_at) if begins else 0
    last = bisect_left(facts, ends, key=_at) if ends else len(facts)
    return facts[first:last]


def _at(fact: Fact) -> datetime:
    return fact.at
