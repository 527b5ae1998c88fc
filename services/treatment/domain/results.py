"""A result through its versions: which of them count, and which one holds."""

from collections.abc import Iterable

from services.treatment.domain.facts import ResultVersion

Versions = tuple[ResultVersion, ...]


def by_result(versions: Iterable[ResultVersion]) -> dict[str, Versions]:
    """`result_id` → the versions that count, the last of which holds. Versions may differ in `collected_at`."""
    grouped: dict[str, list[ResultVersion]] = {}
    for version in versions:
        grouped.setdefault(version.result_id, []).append(version)
    return {result_id: _that_count(group) for result_id, group in grouped.items()}


def _that_count(group: list[ResultVersion]) -> Versions:
    """In the order in which they held. What was only preliminary is no history: nobody was to rely on it."""
    *before, last = sorted(group, key=lambda version: version.precedence)
    return (*(version for version in before if version.status != "preliminary"), last)
