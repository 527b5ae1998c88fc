"""When an episode begins, and what a re-test is: read alike by whoever divides a case into episodes.

Followup finds the re-test that readmits, intake makes an episode of it, and discharge, treatment and intake divide by
it what was reported. What one of them concludes comes back to it through the others, so they may not read it
differently: where they do, they answer each other for ever. An episode begins by the version of a result that *stands*.
One that was corrected from a collection before a discharge to one after it made nobody ill before that discharge.
"""

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import TypeVar

from schemas.reference import NUCLEIC_ACID_TESTS, RESPIRATORY_SPECIMENS, VIRAL_GENES

Named = TypeVar("Named", bound=Hashable)

FINAL = frozenset({"final", "corrected"})
"""The statuses of a version that is evidence: a preliminary one is none yet, a retracted one none any more."""


def begins_at(basis: Iterable[Named], collected: Mapping[Named, datetime], confirmed_at: datetime) -> datetime:
    """When an episode after the first begins: with the collection of the positive that made it one (F5).

    `basis`: the results that confirmed it, as whoever asks names a result. `collected`: of each result the collection
    in the version that stands, whatever that says now: an episode that no result supports any more is excluded by
    intake (I2), not moved here.
    `confirmed_at`: where none of them is known yet.
    """
    return min((collected[result] for result in basis if result in collected), default=confirmed_at)


def is_retest(test: str, specimen_type: str, status: str) -> bool:
    """F5: a final nucleic acid test on a respiratory specimen, in whatever setting it is taken."""
    return status in FINAL and test in NUCLEIC_ACID_TESTS and specimen_type in RESPIRATORY_SPECIMENS


def is_positive(result: str, ct_values: Mapping[str, float] | None, negative_from_ct: float | None) -> bool:
    """Whether a nucleic acid test is positive: `detected`, and not every viral gene's Ct reaches `negative_from_ct`.

    `ct_values`: by target gene, an internal control among them, which never counts. `negative_from_ct`: of the
    protocol that decides; None where it has none.
    """
    return result == "detected" and not _reaches(ct_values or {}, negative_from_ct)


def _reaches(ct_values: Mapping[str, float], limit: float | None) -> bool:
    viral = [ct for gene, ct in ct_values.items() if _plain(gene) in VIRAL_GENES]
    return limit is not None and bool(viral) and min(viral) >= limit


@cache
def _plain(gene: str) -> str:
    """`ORF1ab gene`, `orf1-ab`: in capitals, without signs and the word itself."""
    return "".join(sign for sign in gene.upper() if sign.isalnum()).removesuffix("GENE")
