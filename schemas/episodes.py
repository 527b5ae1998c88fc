"""When an episode begins, and what a re-test is: read alike by whoever divides a case into episodes.

Followup finds the re-test that readmits, intake makes an episode of it, and discharge, treatment and intake divide by
it what was reported. What one of them concludes comes back to it through the others, so they may not read it
differently: where they do, they answer each other for ever. An episode begins by the version of a result that *stands*.
One that was corrected from a collection before a discharge to one after it made nobody ill before that discharge.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from schemas.reference import NUCLEIC_ACID_TESTS, RESPIRATORY_SPECIMENS

FINAL = frozenset({"final", "corrected"})
"""The statuses of a version that is evidence: a preliminary one is none yet, a retracted one none any more."""


def begins_at(basis: Iterable[str], collected: Mapping[str, datetime], confirmed_at: datetime) -> datetime:
    """When an episode after the first begins: with the collection of the positive that made it one (F5).

    `basis`: the results that confirmed it. `collected`: of each result the collection in the version that stands,
    whatever that says now: an episode that no result supports any more is excluded by intake (I2), not moved here.
    `confirmed_at`: where none of them is known yet.
    """
    return min((collected[result_id] for result_id in basis if result_id in collected), default=confirmed_at)


def is_retest(test: str, specimen_type: str, status: str, setting: str) -> bool:
    """F5: a final nucleic acid test on a respiratory specimen, taken for follow-up."""
    return (
        setting == "follow_up"
        and status in FINAL
        and test in NUCLEIC_ACID_TESTS
        and specimen_type in RESPIRATORY_SPECIMENS
    )
