"""What of the reports holds: an admission until it is cancelled, a study until it is retracted.

Drawn from all that was told, so a cancellation may come before what it takes back.
"""

from collections.abc import Iterator

from services.treatment.domain.facts import Admission, Facts, Imaging


def admissions(facts: Facts) -> tuple[Admission, ...]:
    """The admissions that were not cancelled, in clinical order."""
    if not facts.admission_cancellations:
        return facts.admissions
    gone = set(_cancelled(facts))
    return tuple(admission for admission in facts.admissions if admission.key not in gone)


def imaging(facts: Facts) -> tuple[Imaging, ...]:
    """The studies that were not retracted, in clinical order."""
    if all(study.status != "retracted" for study in facts.imaging):
        return facts.imaging
    return tuple(study for study in facts.imaging if study.status != "retracted")


def _cancelled(facts: Facts) -> Iterator[object]:
    """Each cancellation is about the latest admission of its institution that is not after it."""
    for cancellation in facts.admission_cancellations:
        at, institution_id = cancellation.cancelled_at, cancellation.institution_id
        before = [one for one in facts.admissions if one.institution_id == institution_id and one.admitted_at <= at]
        if before:
            yield before[-1].key
