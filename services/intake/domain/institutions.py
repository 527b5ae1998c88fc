"""The institutions that may receive a confirmed case, and which of them is chosen (I3)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct


class Institution(Struct, frozen=True):
    """What intake reads of an entry of the directory."""

    institution_id: str
    jurisdiction: str
    district: str
    designated: bool = False
    capabilities: tuple[str, ...] = ()

    def can(self, required: Iterable[str]) -> bool:
        """Whether it has every capability that is needed."""
        return set(required) <= set(self.capabilities)


Directory = Mapping[str, Sequence[Institution]]
"""Jurisdiction → its designated institutions."""


def directory(entries: Iterable[Institution]) -> Directory:
    """The designated institutions of all entries."""
    by_jurisdiction: dict[str, list[Institution]] = {}
    for entry in entries:
        if entry.designated:
            by_jurisdiction.setdefault(entry.jurisdiction, []).append(entry)
    return by_jurisdiction


Sent = Mapping[tuple[str, date], int]
"""(institution, civil day) → how many patients are sent there."""


class Institutions:
    """What a choice needs beyond the case: the directory, and how many were sent where on which day.

    Never changes. `lately`: of those sent, the ones that the store has not counted yet: by the cases judged before this
    one in its batch.
    """

    def __init__(self, known: Directory, sent: Sent | None = None, lately: Sent | None = None) -> None:
        self._known = known
        self._sent: Sent = sent or {}
        self._lately: Sent = lately or {}

    def stands(self, institution_id: str, jurisdiction: str, required: Iterable[str]) -> bool:
        """Whether the ground of a choice is still there: designated here, and capable of what is needed."""
        known = self._known.get(jurisdiction, ())
        return any(one.institution_id == institution_id and one.can(required) for one in known)

    def choose(self, jurisdiction: str, district: str, required: Sequence[str], day: date) -> str | None:
        """I3: who can do all that is needed; the same district first, then the fewest transfers of the day, then id."""

        def by_preference(one: Institution) -> tuple[bool, int, str]:
            return one.district != district, self.sent(one.institution_id, day), one.institution_id

        able = [one for one in self._known.get(jurisdiction, ()) if one.can(required)]
        return min(able, key=by_preference).institution_id if able else None

    def sent(self, institution_id: str, day: date) -> int:
        """How many patients are sent there on a day."""
        return self._sent.get((institution_id, day), 0) + self._lately.get((institution_id, day), 0)

    def with_sent(self, institution_id: str, day: date) -> "Institutions":
        """The same, with one more sent there on that day."""
        one_more = self._lately.get((institution_id, day), 0) + 1
        return Institutions(self._known, self._sent, {**self._lately, (institution_id, day): one_more})
