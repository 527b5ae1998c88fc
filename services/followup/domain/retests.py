"""Positive again after the ward: readmission, or isolation until two negatives (F5)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from schemas.episodes import is_positive
from schemas.reference import protocol_on
from services.followup import policy
from services.followup.domain.basis import Basis
from services.followup.domain.evidence import Alarming, alarming
from services.followup.domain.facts import Believed, Facts, Retest, Word

_ONE_DAY = timedelta(days=1)


class PositiveAgain(Struct, frozen=True, array_like=True):
    """Positive again (F5): where that leads, since when, and by what evidence."""

    branch: str
    since: datetime
    evidence: tuple[str, ...]


def read(basis: Basis, facts: Facts) -> tuple[Retest, ...]:
    """The tests since a discharge, in the order of collection, each positive or not by its Ct values (F5)."""
    since = (retest for retest in facts.retests if retest.collected_at > basis.start.discharged_at)
    tests = [
        replace(
            retest,
            positive=_is_positive(basis, retest),
            earlier=tuple(replace(word, positive=_is_positive(basis, word)) for word in retest.earlier),
        )
        for retest in since
    ]
    return tuple(sorted(tests, key=lambda retest: retest.order))


def _is_positive(basis: Basis, word: Retest | Word | Believed) -> bool:
    protocol = protocol_on(basis.start.jurisdiction, basis.date_of(word.collected_at))
    return is_positive("detected" if word.positive else "not_detected", word.ct_values, protocol.negative_from_ct)


def retests_of(basis: Basis, tests: Iterable[Retest]) -> tuple[Retest, ...]:
    """The re-tests of a plan that speak, in the order of collection; none unless one is, or was, positive."""
    retests = tuple(test for test in tests if basis.holds(test.collected_at) and (test.speaks or test.earlier))
    return retests if any(_was_positive(retest) for retest in retests) else ()


def _was_positive(retest: Retest) -> bool:
    return any(word.positive and word.speaks for word in (*retest.earlier, retest.word))


def positive_again(basis: Basis, facts: Facts, tests: Iterable[Retest]) -> PositiveAgain | None:
    """Where the positive re-tests since a discharge lead: to readmission by the first that goes with an alarm, or that
    the protocol always readmits.

    The next plan has no say in it: it follows from the discharge of the episode that begins with this very positive.
    """
    retests = tuple(test for test in tests if test.speaks)
    positives = [retest for retest in retests if retest.positive]
    if not positives:
        return None
    alarms = sorted(alarm for alarm in alarming(basis, facts) if alarm.ill)
    for positive in positives:
        with_it = tuple(_with(basis, positive, retests, alarms))
        named = dict.fromkeys(alarm.name for alarm in with_it)
        if _terms(basis, basis.date_of(positive.collected_at)).always_readmits:
            return PositiveAgain("readmit", positive.resulted_at, (positive.result_id, *named))
        if with_it:
            since = min(max(positive.resulted_at, alarm.at) for alarm in with_it)
            return PositiveAgain("readmit", since, (positive.result_id, *named))
    isolating = [positive for positive in positives if isolates(basis, positive.collected_at)]
    if not isolating:
        return None
    tested = tuple(positive.result_id for positive in isolating)
    return PositiveAgain("convalescent_isolation", min(positive.resulted_at for positive in isolating), tested)


def taken_back(basis: Basis, facts: Facts) -> PositiveAgain | None:
    """The readmission that there was by what the results had said, though by what they say now there is none (I2).

    It follows from their history, not from what was once announced: who reads late tells the same.
    """
    if not any(retest.believed for retest in facts.retests):
        return None
    believed = replace(facts, retests=tuple(_as_believed(basis, retest) for retest in facts.retests))
    found = positive_again(basis, believed, read(basis, believed))
    return found if found and found.branch == "readmit" else None


def _as_believed(basis: Basis, retest: Retest) -> Retest:
    """A re-test as it last was positive, by its Ct values too."""
    was = next((one for one in reversed(retest.believed) if _is_positive(basis, one)), None)
    if was is None or (retest.speaks and _is_positive(basis, retest)):
        return retest
    return replace(
        retest,
        collected_at=was.collected_at,
        resulted_at=was.resulted_at,
        ct_values=was.ct_values,
        positive=True,
        speaks=True,
    )


def isolates(basis: Basis, collected_at: datetime) -> bool:
    """Whether a positive of that collection isolates: it was taken in aftercare, which asks for re-tests."""
    within = basis.holds(collected_at) and basis.number_at(collected_at) <= basis.aftercare_days
    return within and bool(basis.asked.test_days)


def isolated(basis: Basis, retests: Iterable[Retest], at: datetime) -> bool:
    """Whether by what had come at an instant a positive waits for two negatives."""
    by_then = tuple(retest for retest in (as_of(one, at) for one in retests) if retest is not None)
    by_then = tuple(sorted(by_then, key=lambda retest: retest.order))
    positives = [retest for retest in by_then if retest.positive and isolates(basis, retest.collected_at)]
    return bool(positives) and _second_negative(basis, positives[-1], by_then) is None


def as_of(retest: Retest, at: datetime) -> Retest | None:
    """A re-test as it was known by an instant; None where it did not speak (F10)."""
    word = next((word for word in (retest.word, *reversed(retest.earlier)) if word.received_at < at), None)
    if word is None or not word.speaks:
        return None
    return replace(retest, collected_at=word.collected_at, positive=word.positive)


def changes_of(retests: Iterable[Retest]) -> Iterator[datetime]:
    """When something came to be known of the re-tests."""
    for retest in retests:
        yield from (word.received_at for word in (*retest.earlier, retest.word))


def _terms(basis: Basis, on: date) -> policy.Retest:
    return policy.retest(basis.start.jurisdiction, on)


def _second_negative(basis: Basis, positive: Retest, retests: Iterable[Retest]) -> datetime | None:
    """When the second of two negatives far enough apart was collected, with no positive between, after a positive."""
    apart = timedelta(hours=_terms(basis, basis.day_0).negatives_apart_hours)
    first: datetime | None = None
    for retest in retests:
        if retest.order <= positive.order:
            continue
        if retest.positive:
            first = None
        elif first is None:
            first = retest.collected_at
        elif retest.collected_at - first >= apart:
            return retest.collected_at
    return None


def _with(basis: Basis, positive: Retest, retests: tuple[Retest, ...], alarms: list[Alarming]) -> Iterator[Alarming]:
    """What is alarming between the civil day before a positive's collection and the second negative."""
    begin = basis.date_of(positive.collected_at) - _ONE_DAY
    second = _second_negative(basis, positive, retests)
    return (alarm for alarm in alarms if alarm.on >= begin and (second is None or alarm.at <= second))
