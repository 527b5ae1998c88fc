"""What spans cases: the institutions that may receive one, which is chosen (I3), and who belongs together (I5, I6)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from msgspec import Struct

from schemas.places import same_district


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


class Directory(NamedTuple):
    """Every institution by its id, and the designated ones of each jurisdiction."""

    entries: Mapping[str, Institution]
    designated: Mapping[str, Sequence[Institution]]


def directory(entries: Iterable[Institution]) -> Directory:
    """The directory of all entries."""
    known = {entry.institution_id: entry for entry in entries}
    by_jurisdiction: dict[str, list[Institution]] = {}
    for entry in known.values():
        if entry.designated:
            by_jurisdiction.setdefault(entry.jurisdiction, []).append(entry)
    return Directory(known, by_jurisdiction)


class Relative(NamedTuple):
    """A case that another one may have to be seen with: one party (I5), or one person (I6).

    `sent_to`: where it lies or was sent, `sent_at`: when that was chosen. `required`: what it needs there. The course
    is open without an end; who has none is in no course of an infection.
    """

    key: str
    party_id: str | None
    person_ref: str | None
    sent_to: str | None
    required: tuple[str, ...]
    course_from: datetime | None
    course_until: datetime | None
    sent_at: datetime | None = None

    @property
    def turn(self) -> tuple[bool, float, str]:
        """Which of a party was sent first: by when that was chosen, then by the key."""
        return self.sent_at is None, self.sent_at.timestamp() if self.sent_at else 0.0, self.key

    @property
    def party(self) -> str | None:
        """What names the party among all that cases have in common."""
        return f"party {self.party_id}" if self.party_id else None

    @property
    def person(self) -> str | None:
        """What names the person among all that cases have in common."""
        return f"person {self.person_ref}" if self.person_ref else None

    @property
    def in_common(self) -> tuple[str, ...]:
        """What it may have in common with others."""
        return tuple(one for one in (self.party, self.person) if one)

    def overlaps(self, other: "Relative") -> bool:
        """I6: whether two courses have an instant in common."""
        if self.course_from is None or other.course_from is None:
            return False
        return _until(self.course_until, other.course_from) and _until(other.course_until, self.course_from)


def _until(end: datetime | None, begin: datetime) -> bool:
    return end is None or begin <= end


Sent = Mapping[tuple[str, date], int]
"""(institution, civil day) → how many patients are sent there."""


Relatives = Mapping[str, Mapping[str, Relative]]
"""What they have in common → key → relative."""


def relatives_of(known: Iterable[Relative]) -> Relatives:
    """By the party, and by the person."""
    found: dict[str, dict[str, Relative]] = {}
    for one in known:
        for common in one.in_common:
            found.setdefault(common, {})[one.key] = one
    return found


class Institutions:
    """What is judged beyond the case: the directory, how many were sent where on which day, and the case's relatives.

    Never changes. `lately`: of those sent, the ones that the store has not counted yet: by the cases judged before this
    one in its batch. Of a relative the last word of the batch holds.
    """

    def __init__(
        self,
        known: Directory,
        sent: Sent | None = None,
        lately: Sent | None = None,
        relatives: Relatives | None = None,
    ) -> None:
        self._known = known
        self._sent: Sent = sent or {}
        self._lately: Sent = lately or {}
        self._relatives: Relatives = relatives or {}

    def entry(self, institution_id: str) -> Institution | None:
        """What the directory says of an institution; None where it does not know it."""
        return self._known.entries.get(institution_id)

    def stands(self, institution_id: str, jurisdiction: str, required: Iterable[str]) -> bool:
        """Whether the ground of a choice is still there: designated here, and capable of what is needed."""
        known = self._known.designated.get(jurisdiction, ())
        return any(one.institution_id == institution_id and one.can(required) for one in known)

    def choose(
        self, jurisdiction: str, district: str, required: Sequence[str], day: date, party: Sequence[Relative] = ()
    ) -> str | None:
        """I3: who can do all that is needed; of several where one of the party lies or was sent, or who could take all
        of it (I5); then the same district, then the fewest transfers of the day, then the id.
        """
        there = {relative.sent_to for relative in party}
        needed = {capability for relative in party for capability in relative.required}

        def by_preference(one: Institution) -> tuple[bool, bool, bool, int, str]:
            apart, elsewhere = one.institution_id not in there, not same_district(one.district, district)
            return apart, not one.can(needed), elsewhere, self.sent(one.institution_id, day), one.institution_id

        able = [one for one in self._known.designated.get(jurisdiction, ()) if one.can(required)]
        return min(able, key=by_preference).institution_id if able else None

    def sent(self, institution_id: str, day: date) -> int:
        """How many patients are sent there on a day."""
        return self._sent.get((institution_id, day), 0) + self._lately.get((institution_id, day), 0)

    def party_of(self, own: Relative) -> tuple[Relative, ...]:
        """I5: the others who travel with a case, in the order of their keys."""
        return self._others(own, own.party)

    def same_person_as(self, own: Relative) -> tuple[Relative, ...]:
        """I6: the other cases of one person whose courses overlap with this one's, in the order of their keys."""
        return tuple(one for one in self._others(own, own.person) if own.overlaps(one))

    def _others(self, own: Relative, common: str | None) -> tuple[Relative, ...]:
        known = self._relatives.get(common, {}) if common else {}
        others = (one for key, one in sorted(known.items()) if key != own.key)
        return tuple(one for one in others if common in one.in_common)

    def with_sent(self, institution_id: str, day: date) -> "Institutions":
        """The same, with one more sent there on that day."""
        one_more = self._lately.get((institution_id, day), 0) + 1
        lately = {**self._lately, (institution_id, day): one_more}
        return Institutions(self._known, self._sent, lately, self._relatives)

    def with_relative(self, was: Relative, now: Relative) -> "Institutions":
        """The same, with what is known of a case now."""
        groups = {
            common: {**self._relatives.get(common, {}), now.key: now} for common in (*was.in_common, *now.in_common)
        }
        return Institutions(self._known, self._sent, self._lately, {**self._relatives, **groups})
