"""Positives that confirm nobody (I1): each is shown to somebody, with the reason."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from services.intake.domain.confirmation import Episode, by_result, positive_of
from services.intake.domain.facts import Arrival, Facts


class Unplaced(Struct, frozen=True, array_like=True):
    """A final positive that confirms nobody.

    `reason`: `nobody_reported` (neither an arrival nor a local case is known), `before_the_arrival`, `withdrawn` (the
    authority has taken the case back), or `excluded`.
    """

    result_id: str
    lab: str
    collected_at: datetime
    resulted_at: datetime
    reason: str


def unplaced(facts: Facts, episodes: tuple[Episode, ...]) -> tuple[Unplaced, ...]:
    """I1. The positives that stand while no episode does, the one that resulted first before the others."""
    if any(episode.excluded_at is None for episode in episodes):
        return ()
    return tuple(
        sorted(_found(facts, _reason(facts, episodes)), key=lambda one: (one.resulted_at, one.result_id, one.lab))
    )


def _found(facts: Facts, reason: str) -> Iterator[Unplaced]:
    is_a_positive = positive_of(facts.person)
    for versions in by_result(facts):
        last = versions[-1]
        if is_a_positive(last):
            yield Unplaced(last.result_id, last.lab, last.collected_at, last.resulted_at, reason)


def _reason(facts: Facts, episodes: tuple[Episode, ...]) -> str:
    if any(episode.why == "withdrawn" for episode in episodes):
        return "withdrawn"
    if facts.person is None:
        return "nobody_reported"
    return "before_the_arrival" if isinstance(facts.person, Arrival) else "excluded"
