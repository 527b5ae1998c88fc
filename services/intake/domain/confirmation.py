"""I1 and I2: who is a confirmed case, since when and by which results, and whose results were taken back."""

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime
from itertools import groupby

from msgspec import Struct

import schemas.episodes
from schemas.reference import NUCLEIC_ACID_TESTS
from services.intake.domain.facts import Arrival, Facts, LocalCase, ResultVersion, Retest

FINAL = frozenset({"final", "corrected"})

Versions = tuple[ResultVersion, ...]
"""A result through its versions, in the order in which they held; the last one stands."""
Counts = Callable[[ResultVersion], bool]


class Episode(Struct, frozen=True, array_like=True):
    """An episode of a case. `confirmed_at`: when the earliest standing final positive resulted; `basis`: which it is.

    With `excluded_at` no positive remains; `confirmed_at` and `basis` then tell what had been believed.
    """

    number: int
    confirmed_at: datetime
    basis: tuple[str, ...]
    excluded_at: datetime | None = None


def episodes(facts: Facts) -> tuple[Episode, ...]:
    """The episodes of the case, excluded ones too; a second one only while the first stands."""
    person = facts.person
    if person is None:
        return ()
    results = [tuple(versions) for _, versions in groupby(facts.results, key=lambda version: version.result_id)]
    first = _local(person, results) if isinstance(person, LocalCase) else _imported(person, results)
    if first is None or first.excluded_at:
        return (first,) if first else ()
    return first, *_readmitted(facts, results)


def begins_at(facts: Facts, episode: Episode) -> datetime:
    """An episode after the first begins with the collection of the positive that made it one, as it stands now."""
    standing = {version.result_id: version.collected_at for version in facts.results}
    return schemas.episodes.begins_at(episode.basis, standing, episode.confirmed_at)


def _imported(arrival: Arrival, results: list[Versions]) -> Episode | None:
    """I1: an arrival from abroad with a positive NAT collected since the arrival, whichever is known first."""
    if not arrival.is_from_abroad:
        return None

    def counts(version: ResultVersion) -> bool:
        return _is_final_positive(version) and version.collected_at >= arrival.arrived_at

    return _judged(1, results, counts)


def _local(person: LocalCase, results: list[Versions]) -> Episode:
    """The authority's word, by tests that may never have come here: so no result taken back undoes it (I2)."""
    basis = (
        versions[-1].result_id
        for versions in results
        if _is_final_positive(versions[-1]) and versions[-1].resulted_at <= person.confirmed_at
    )
    return Episode(1, person.confirmed_at, tuple(basis))


def _readmitted(facts: Facts, results: list[Versions]) -> Iterator[Episode]:
    """Followup's re-tests with the branch `readmit`: each begins the episode after the one re-tested."""
    rests_on: dict[int, set[str]] = {}
    for retest in facts.retests:
        if retest.readmits and not _is_otherwise_now(retest, results):
            rests_on.setdefault(retest.episode + 1, set()).update(retest.evidence)
    for number, evidence in sorted(rests_on.items()):
        episode = _judged(number, _named(evidence, results), _is_final_positive)
        if episode:
            yield episode


def _is_otherwise_now(retest: Retest, results: list[Versions]) -> bool:
    """Whether followup took its word back for another reason than its results: one of them is positive still.

    When all of them were taken back, followup takes its word back as well, and either may be known first: the episode
    is excluded by its results whatever followup says (I2).
    """
    named = _named(retest.evidence, results)
    return retest.withdrawn and any(_is_final_positive(versions[-1]) for versions in named)


def _named(evidence: Container[str], results: list[Versions]) -> list[Versions]:
    return [versions for versions in results if versions[-1].result_id in evidence]


def _judged(number: int, results: Iterable[Versions], counts: Counts) -> Episode | None:
    """Confirmed by the earliest positive that stands; excluded (I2) when there were some and none is left."""
    believed = [(versions, positive) for versions in results if (positive := tuple(filter(counts, versions)))]
    if not believed:
        return None
    standing = [versions[-1] for versions, positive in believed if positive[-1] is versions[-1]]
    if not standing:
        first = min(version.resulted_at for _, positive in believed for version in positive)
        excluded_at = max(_undone_at(versions, positive[-1]) for versions, positive in believed)
        return Episode(number, first, tuple(versions[0].result_id for versions, _ in believed), excluded_at)
    confirmed_at = min(version.resulted_at for version in standing)
    basis = tuple(version.result_id for version in standing if version.resulted_at == confirmed_at)
    return Episode(number, confirmed_at, basis)


def _undone_at(versions: Versions, last_positive: ResultVersion) -> datetime:
    """When a result that had been positive said otherwise."""
    return versions[versions.index(last_positive) + 1].resulted_at


def _is_final_positive(version: ResultVersion) -> bool:
    """A preliminary positive confirms nothing, and neither does a test that is no NAT."""
    return version.result == "detected" and version.status in FINAL and version.test in NUCLEIC_ACID_TESTS
