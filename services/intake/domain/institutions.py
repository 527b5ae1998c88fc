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


class World:
    """What a choice needs beyond the case: the directory, and how many were sent where on which day.

    One for all cases of a batch. A choice is counted here at once, so that the next case of the batch sees it; what is
    committed of it is counted by the store.
    """

    def __init__(self, known: Directory, sent: Mapping[tuple[str, date], int] | None = None) -> None:
        self._known = known
        self._sent = dict(sent or {})

    def stands(self, institution_id: str, jurisdiction: str, required: Iterable[str]) -> bool:
        """Whether the ground of a choice is still there: designated here, and capable of what is needed."""
        known = self._known.get(jurisdiction, ())
        return any(one.institution_id == institution_id and one.can(required) for one in known)

    def choose(self, jurisdiction: str, district: str, required: Sequence[str], day: date) -> str | None:
        """I3: who can do all that is needed; the same district first, then the fewest transfers of the day, then id."""

        def by_preference(one: Institution) -> tuple[bool, int, str]:
            return one.district != district, self._sent.get((one.institution_id, day), 0), one.institution_id

        able = [one for one in self._known.get(jurisdiction, ()) if one.can(required)]
        if not able:
            return None
        chosen = min(able, key=by_preference).institution_id
        self.send(chosen, day)
        return chosen

    def send(self, institution_id: str, day: date) -> None:
        """Counts a transfer of the day."""
        self._sent[institution_id, day] = self._sent.get((institution_id, day), 0) + 1
