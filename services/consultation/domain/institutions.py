"""The institutions that may see a patient: the service's own copy of the directory as its rules ask it."""

from collections.abc import Iterable, Sequence

from msgspec import Struct


class Institution(Struct, frozen=True):
    """What consultation reads of an entry of the directory."""

    institution_id: str
    kind: str
    jurisdiction: str
    district: str
    name: str = ""
    capabilities: tuple[str, ...] = ()
    online: bool = False
    open_24h: bool = False
    symptoms_accepted: tuple[str, ...] = ()
    children: bool = False

    def can(self, required: Iterable[str]) -> bool:
        """Whether it has every capability that is needed; one that sees children needs no other word for it."""
        return all(one in self.capabilities or (one == "paediatric" and self.children) for one in required)


class Directory:
    """Every institution by its id, and those of each jurisdiction in the order of their ids."""

    def __init__(self, entries: Iterable[Institution]) -> None:
        self._known = {entry.institution_id: entry for entry in entries}
        self._by_jurisdiction: dict[str, list[Institution]] = {}
        for _, entry in sorted(self._known.items()):
            self._by_jurisdiction.setdefault(entry.jurisdiction, []).append(entry)

    def entry(self, institution_id: str) -> Institution | None:
        """What the directory says of an institution; None where it does not know it."""
        return self._known.get(institution_id)

    def in_jurisdiction(self, jurisdiction: str) -> Sequence[Institution]:
        """All of them, in the order of their ids."""
        return self._by_jurisdiction.get(jurisdiction, ())
