"""A result through its versions: which one holds, and how that is said."""

from collections.abc import Iterable

from msgspec.structs import asdict

from schemas.events.treatment import TestResult, TestResultCorrected, TestResultRecorded, TestResultRetracted
from schemas.limits import within_limits
from services.treatment.domain.facts import ResultVersion

Versions = tuple[ResultVersion, ...]
ResultEvent = TestResultRecorded | TestResultCorrected | TestResultRetracted


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


def result_event(case_id: str, versions: Versions) -> ResultEvent:
    """The result as it now stands, with every version that led there, so that whoever reads only this knows all.

    A result that is corrected before what it corrects has come is recorded as it stands.
    """
    *before, now = versions
    fields = {"case_id": case_id, **asdict(now)}
    *earlier, old = (TestResult(**asdict(version)) for version in before) if before else (None,)
    if now.status == "retracted":
        return within_limits(TestResultRetracted)(**fields, old=old, earlier=tuple(earlier))
    if old is None:
        return within_limits(TestResultRecorded)(**fields)
    return within_limits(TestResultCorrected)(**fields, old=old, new=TestResult(**asdict(now)), earlier=tuple(earlier))
