"""I1 and I2: who is a confirmed case, since when and by which results, and whose results were taken back."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from msgspec import Struct

import schemas.episodes
from schemas.calendar import local_date
from schemas.episodes import FINAL, is_positive
from schemas.reference import NUCLEIC_ACID_TESTS, protocol_on
from services.intake.domain.facts import Arrival, Facts, LocalCase, Person, ResultVersion, Retest
from services.intake.policy import RESTS_ON_FOR, counting

Versions = tuple[ResultVersion, ...]
"""A result through its versions, in the order in which they held; the last one stands."""
Counts = Callable[[ResultVersion], bool]


class Episode(Struct, frozen=True, array_like=True):
    """An episode of a case. `confirmed_at`: when the first positive version of what was collected first resulted.

    `basis`: which results that is, `labs`: the laboratory of each. With `excluded_at` no positive remains, or the
    authority has taken the case back, by `why`; `confirmed_at` and `basis` then tell what had been believed.
    """

    number: int
    confirmed_at: datetime
    basis: tuple[str, ...]
    excluded_at: datetime | None = None
    labs: tuple[str, ...] = ()
    why: str | None = None


def episodes(facts: Facts, died_at: datetime | None = None) -> tuple[Episode, ...]:
    """The episodes of the case, excluded ones too; a second one only while the first stands.

    I7: none begins with a positive that was told after the death. It is evidence of the one it was collected in.
    """
    person = facts.person
    if person is None:
        return ()
    results = by_result(facts)
    first = _first(facts, person, results)
    if first is None or first.excluded_at:
        return (first,) if first else ()
    later = _readmitted(facts, results, positive_of(person))
    return first, *(one for one in later if died_at is None or one.confirmed_at <= died_at)


def by_result(facts: Facts) -> list[Versions]:
    """Each result with its versions."""
    return [tuple(versions) for _, versions in groupby(facts.results, key=lambda version: version.name)]


def begins_at(facts: Facts, episode: Episode) -> datetime:
    """An episode after the first begins with the collection of the positive that made it one, as it stands now."""
    standing = {version.name: version.collected_at for version in facts.results}
    labs = episode.labs or ("",) * len(episode.basis)
    return schemas.episodes.begins_at(zip(episode.basis, labs, strict=True), standing, episode.confirmed_at)


def positive_of(person: Person | None) -> Counts:
    """What is a positive: final, of a nucleic acid test, by the protocol of the day on which it was collected.

    A preliminary positive confirms nothing, and neither does a test that is no NAT.
    """
    jurisdiction, zone = (person.jurisdiction, person.time_zone) if person else ("", "UTC")

    def is_positive_by_protocol(version: ResultVersion) -> bool:
        if version.status not in FINAL or version.test not in NUCLEIC_ACID_TESTS:
            return False
        limit = protocol_on(jurisdiction, local_date(version.collected_at, zone)).negative_from_ct
        return is_positive(version.result, version.ct_values, limit)

    return is_positive_by_protocol


def counts_for(arrival: Arrival, version: ResultVersion) -> bool:
    """I1: taken at the entry, or collected not before the civil day before the arrival, whatever the hour."""
    if version.setting == "entry_screening":
        return True
    arrived_on = local_date(arrival.arrived_at, arrival.time_zone)
    days = counting(arrival.jurisdiction, arrived_on).days_before_the_arrival
    return local_date(version.collected_at, arrival.time_zone) >= arrived_on - timedelta(days=days)


def _first(facts: Facts, person: Arrival | LocalCase, results: list[Versions]) -> Episode | None:
    is_a_positive = positive_of(person)
    if isinstance(person, LocalCase):
        return _local(facts, person, results, is_a_positive)
    arrival = person
    confirmed = _judged(1, results, lambda one: is_a_positive(one) and counts_for(arrival, one))
    if confirmed is None and facts.local is not None and facts.is_withdrawn:
        return _local(facts, facts.local, results, is_a_positive)
    return confirmed


def _local(facts: Facts, person: LocalCase, results: list[Versions], is_a_positive: Counts) -> Episode:
    """I2: the authority's word, until it takes it back, or until all results that are known were taken back.

    It may rest on tests that never came here, so that nothing is known excludes nobody. What was taken back before the
    authority's word, or was collected long after it, as a re-test is, was not what it rests on.
    """
    reported_at = person.confirmed_at
    own = [versions for versions in results if versions[-1].collected_at < reported_at + RESTS_ON_FOR]
    believed = [versions for versions in own if not _undone_by(versions, is_a_positive, reported_at)]
    found = _judged(1, believed, is_a_positive)
    known = [one for one in own if is_a_positive(one[-1]) and _first_of(one, is_a_positive) <= reported_at]
    basis, labs = _names(known)
    if found and found.excluded_at:
        basis, labs = found.basis, found.labs
    if facts.is_withdrawn and facts.withdrawal:
        return Episode(1, reported_at, basis, facts.withdrawal.withdrawn_at, labs, "withdrawn")
    if found and found.excluded_at:
        return Episode(1, reported_at, basis, found.excluded_at, labs, found.why)
    return Episode(1, reported_at, basis, labs=labs)


def _undone_by(versions: Versions, counts: Counts, instant: datetime) -> bool:
    """Whether a result that had been positive was so no longer at an instant."""
    positive = [version for version in versions if counts(version)]
    if not positive or positive[-1] is versions[-1]:
        return False
    return _undone_at(versions, positive[-1]) <= instant


def _readmitted(facts: Facts, results: list[Versions], is_a_positive: Counts) -> Iterator[Episode]:
    """Followup's re-tests with the branch `readmit`: each begins the episode after the one re-tested."""
    rests_on: dict[int, list[Versions]] = {}
    for retest in facts.retests:
        named = _named(retest, results)
        is_positive_still = any(is_a_positive(versions[-1]) for versions in named)
        if retest.readmits and (not retest.withdrawn or (retest.taken_back and not is_positive_still)):
            # When all its results were taken back, followup takes its word back as well, and says so; either may be
            # known first. When it does so for another reason, there was no episode, whoever had heard of one (I2).
            rests_on.setdefault(retest.episode + 1, []).extend(named)
    for number, evidence in sorted(rests_on.items()):
        episode = _judged(number, {versions[-1].name: versions for versions in evidence}.values(), is_a_positive)
        if episode:
            yield episode


def _named(retest: Retest, results: list[Versions]) -> list[Versions]:
    """The results that a re-test names. Of two laboratories with one id: what was collected after the discharge."""
    named = [versions for versions in results if versions[-1].result_id in retest.evidence]
    left_at = retest.discharged_at
    if left_at is None:
        return named
    ids = [versions[-1].result_id for versions in named]
    return [
        versions
        for versions in named
        if ids.count(versions[-1].result_id) == 1 or any(version.collected_at > left_at for version in versions)
    ]


def _judged(number: int, results: Iterable[Versions], counts: Counts) -> Episode | None:
    """Confirmed by what stands positive and was collected first; excluded (I2) when there was some and none is left."""
    believed = [versions for versions in results if any(map(counts, versions))]
    if not believed:
        return None
    standing = [versions for versions in believed if counts(versions[-1])]
    earliest = min(_place(versions, counts) for versions in standing or believed)
    _, confirmed_at = earliest
    if standing:
        basis, labs = _names([versions for versions in standing if _place(versions, counts) == earliest])
        return Episode(number, confirmed_at, basis, labs=labs)
    excluded_at = max(_undone_at(versions, _last_of(versions, counts)) for versions in believed)
    basis, labs = _names(believed)
    return Episode(number, confirmed_at, basis, excluded_at, labs, "no_result")


def _place(versions: Versions, counts: Counts) -> tuple[datetime, datetime]:
    """By what the earliest is told: the collection as it last was positive, then when that first resulted."""
    return _last_of(versions, counts).collected_at, _first_of(versions, counts)


def _names(results: list[Versions]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of results, and the laboratory of each."""
    return tuple(one[-1].result_id for one in results), tuple(one[-1].lab for one in results)


def _first_of(versions: Versions, counts: Counts) -> datetime:
    """When a result first said that it is positive: a correction that leaves it so does not move it."""
    return next(version.resulted_at for version in versions if counts(version))


def _last_of(versions: Versions, counts: Counts) -> ResultVersion:
    return next(version for version in reversed(versions) if counts(version))


def _undone_at(versions: Versions, last_positive: ResultVersion) -> datetime:
    """When a result that had been positive said otherwise."""
    return versions[versions.index(last_positive) + 1].resulted_at
