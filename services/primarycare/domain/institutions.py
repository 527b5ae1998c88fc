"""The institutions near home: who may take a patient on, who is told, and to whom it is escalated."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from schemas.places import plain_district

PRIMARY = "community_centre"
COMMISSION = "health_commission"
MUNICIPAL = "municipal"
"""The capability by which the commission of the whole jurisdiction is told from those of its districts."""
MUNICIPAL_LEVEL = 2


class Institution(Struct, frozen=True):
    """What primarycare reads of an entry of the directory."""

    institution_id: str
    kind: str
    jurisdiction: str
    district: str
    capabilities: tuple[str, ...] = ()


class Directory:
    """The copy of the directory as rules ask it; every answer is in one order, that of the ids.

    Districts are compared without case, blanks and accents (P1); one that is not known has no institutions.
    """

    def __init__(self, entries: Iterable[Institution]) -> None:
        known = sorted(entries, key=lambda entry: entry.institution_id)
        self._by_district: dict[tuple[str, str], list[Institution]] = {}
        self._municipal: dict[str, str] = {}
        for entry in known:
            self._by_district.setdefault((entry.jurisdiction, plain_district(entry.district)), []).append(entry)
            if entry.kind == COMMISSION and MUNICIPAL in entry.capabilities:
                self._municipal.setdefault(entry.jurisdiction, entry.institution_id)

    def stands(self, institution_id: str, jurisdiction: str, district: str, kinds: Sequence[str]) -> bool:
        """Whether the basis of a choice is still there: listed in this district, as one of these kinds."""
        known = self._of_district(jurisdiction, district)
        return any(entry.institution_id == institution_id and entry.kind in kinds for entry in known)

    def primary(self, jurisdiction: str, district: str) -> str | None:
        """P1: the community centre of a district, the first by id."""
        return next(self._of_kind(jurisdiction, district, PRIMARY), None)

    def carers(self, jurisdiction: str, district: str, kinds: Sequence[str]) -> Iterator[str]:
        """P2: the institutions of a district that may take a patient on, kind by kind."""
        for kind in kinds:
            yield from self._of_kind(jurisdiction, district, kind)

    def commission(self, jurisdiction: str, district: str, level: int) -> str | None:
        """The health commission of the district, and from level 2 on that of the whole jurisdiction."""
        municipal = self._municipal.get(jurisdiction)
        if level >= MUNICIPAL_LEVEL:
            return municipal
        return next((one for one in self._of_kind(jurisdiction, district, COMMISSION) if one != municipal), None)

    def _of_kind(self, jurisdiction: str, district: str, kind: str) -> Iterator[str]:
        for entry in self._of_district(jurisdiction, district):
            if entry.kind == kind:
                yield entry.institution_id

    def _of_district(self, jurisdiction: str, district: str) -> Sequence[Institution]:
        named = plain_district(district)
        return self._by_district.get((jurisdiction, named), ()) if named else ()
