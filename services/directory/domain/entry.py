"""What an institution is now: the latest of its versions that has begun to hold."""

from datetime import datetime
from typing import NamedTuple

from services.directory.domain.conclude import Conclusions
from services.directory.domain.facts import Facts, Version


class Entry(NamedTuple):
    """What stands: `emitted` tells what the institution is, or was before `since`, from which on it is no more."""

    emitted: Version
    since: datetime
    number: int
    is_gone: bool


def entry(facts: Facts, conclusions: Conclusions) -> Entry | None:
    """What stands of an institution; None while nothing holds that says what it is."""
    begun = facts.versions[: conclusions.in_force]
    emitted = next((version for version in reversed(begun) if not version.is_gone), None)
    if emitted is None:
        return None
    return Entry(emitted, begun[-1].effective_from, len(begun), begun[-1].is_gone)
