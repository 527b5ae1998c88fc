"""A result through its versions: which of them count, and which one holds."""

from collections.abc import Iterable, Iterator

from schemas.reference import NUCLEIC_ACID_TESTS
from services.treatment.domain.facts import Correction, Facts, ResultVersion

Versions = tuple[ResultVersion, ...]

CORRECTS = frozenset({"corrected", "retracted"})
"""The statuses of a version that names an earlier one."""


Result = tuple[str, str]
"""What names a result: its laboratory and that laboratory's id of it."""


def by_result(versions: Iterable[ResultVersion]) -> dict[Result, Versions]:
    """Result → the versions that count, the last of which holds. Versions may differ in `collected_at`."""
    grouped: dict[Result, list[ResultVersion]] = {}
    for version in versions:
        grouped.setdefault(version.of, []).append(version)
    return {result: _that_count(group) for result, group in grouped.items()}


def unexplained(facts: Facts) -> Iterator[Correction]:
    """The corrections and retractions of results that nobody has reported: each names one that is not known."""
    if facts.corrections:
        reported = {version.of for version in facts.results if version.status not in CORRECTS}
        yield from (correction for correction in facts.corrections if correction.of not in reported)


def is_understood(version: ResultVersion) -> bool:
    """Whether the test is one that rules know; any other is kept and shown, and decides nothing."""
    return version.test in NUCLEIC_ACID_TESTS


def _that_count(group: list[ResultVersion]) -> Versions:
    """In the order in which they held. What was only preliminary is no history: nobody was to rely on it."""
    *before, last = sorted(group, key=lambda version: version.precedence)
    return (*(version for version in before if version.status != "preliminary"), last)
