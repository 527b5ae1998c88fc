"""The case's row in `treatment_case`: the tests that no list knows, which somebody has to look at."""

from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.json import encode

from schemas.places import plain_district
from services.treatment.domain.conclude import CaseState
from services.treatment.domain.results import by_result, is_understood

UNKNOWN = "unknown"
"""The jurisdiction of a case that nobody has confirmed yet."""


class Row(NamedTuple):
    """`not_understood_at`: the earliest collection among them. `not_understood`: as the work list shows it."""

    jurisdiction: str
    district: str
    not_understood_at: datetime
    not_understood: str
    plain_district: str


class NotUnderstood(Struct, frozen=True):
    """LOINC codes that stand on no list of nucleic acid tests, and who reported them: nothing rests on them."""

    tests: tuple[str, ...]
    labs: tuple[str, ...]
    since: datetime
    time_zone: str
    kind: str = "not_understood"


def row(state: CaseState) -> tuple[Any, ...] | None:
    """The values in the order of the table's columns; None while every test is understood."""
    facts = state.facts
    standing = [versions[-1] for versions in by_result(facts.results).values()]
    unknown = [version for version in standing if version.status != "retracted" and not is_understood(version)]
    if not unknown:
        return None
    episode = next((episode for episode in reversed(facts.episodes) if episode.stands), None)
    since = min(version.collected_at for version in unknown)
    item = NotUnderstood(
        tuple(sorted({version.test for version in unknown})),
        tuple(sorted({version.lab for version in unknown})),
        since,
        episode.time_zone if episode else "UTC",
    )
    jurisdiction, district = (episode.jurisdiction, episode.district) if episode else (UNKNOWN, "")
    return Row(jurisdiction, district, since, encode(item).decode(), plain_district(district))
