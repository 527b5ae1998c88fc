"""What of the reports holds: an admission until it is cancelled, a study until it is retracted.

Drawn from all that was told, so a cancellation may come before what it takes back.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from services.treatment.domain.facts import Admission, Facts, Imaging

Stay = tuple[str, date]


def admissions(facts: Facts) -> tuple[Admission, ...]:
    """Of each stay the admission recorded last, unless it was cancelled; in clinical order."""
    if not facts.admission_cancellations and not _reported_twice(facts.admissions):
        return facts.admissions
    last: dict[Stay, Admission] = {}
    for admission in facts.admissions:
        known = last.get(admission.stay)
        if known is None or admission.rank > known.rank:
            last[admission.stay] = admission
    gone = set(_cancelled(facts, last))
    holding = {id(admission) for stay, admission in last.items() if stay not in gone}
    return tuple(admission for admission in facts.admissions if id(admission) in holding)


def imaging(facts: Facts) -> tuple[Imaging, ...]:
    """The studies that were not retracted, in clinical order."""
    if all(study.status != "retracted" for study in facts.imaging):
        return facts.imaging
    return tuple(study for study in facts.imaging if study.status != "retracted")


def _reported_twice(reported: Iterable[Admission]) -> bool:
    stays = [admission.stay for admission in reported]
    return len(set(stays)) < len(stays)


def _cancelled(facts: Facts, last: dict[Stay, Admission]) -> Iterator[Stay]:
    """Each cancellation is about the stay of the latest admission of its institution that was ever told to be not after
    it; a stay whose admission turned out to be later is another than the one that was taken back.
    """
    for cancellation in facts.admission_cancellations:
        at, institution_id = cancellation.cancelled_at, cancellation.institution_id
        before = [one for one in facts.admissions if one.institution_id == institution_id and one.admitted_at <= at]
        if before and last[before[-1].stay].admitted_at <= at:
            yield before[-1].stay
