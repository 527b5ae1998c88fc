"""The institutions that consultation reads of the directory: whose channel it is, and where a patient can be seen."""

from collections.abc import Iterable, Sequence

from msgspec import Struct


class Institution(Struct, frozen=True):
    """What consultation reads of an entry of the directory.

    `symptoms_accepted`: codes of the symptoms that are seen without an appointment.
    """

    institution_id: str
    kind: str
    jurisdiction: str
    district: str
    capabilities: tuple[str, ...] = ()
    open_24h: bool = False
    online: bool = False
    symptoms_accepted: tuple[str, ...] = ()
    children: bool = False
    name: str = ""

    def can(self, required: Iterable[str]) -> bool:
        """Whether it has every capability that is needed; one that sees children needs no other word for it."""
        return all(one in self.capabilities or (one == "paediatric" and self.children) for one in required)


class Directory:
    """The copy of the directory as rules ask it; every answer is in one order, that of the ids."""

    def __init__(self, entries: Iterable[Institution]) -> None:
        known = sorted(entries, key=lambda entry: entry.institution_id)
        self._by_id = {entry.institution_id: entry for entry in known}
        self._by_jurisdiction: dict[str, list[Institution]] = {}
        for entry in known:
            self._by_jurisdiction.setdefault(entry.jurisdiction, []).append(entry)

    def entry(self, institution_id: str) -> Institution | None:
        """The institution of this id; None while the directory does not list it."""
        return self._by_id.get(institution_id)

    def in_jurisdiction(self, jurisdiction: str) -> Sequence[Institution]:
        """The institutions of a jurisdiction (`CN-BJ`)."""
        return self._by_jurisdiction.get(jurisdiction, ())
