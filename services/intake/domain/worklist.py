"""The case's row in `intake_transfer`: where it is sent, and what somebody has to look into."""

from datetime import date, datetime
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.json import encode

from schemas.places import plain_district
from services.intake.domain.conclude import CaseState, Conclusions, relative, shown
from services.intake.domain.patients import NOWHERE, Place, reported_place
from services.intake.domain.transfer import CONFIRMED, ONWARD, Transfer
from services.intake.domain.unplaced import Unplaced
from services.intake.domain.ways import admissions_of


class Row(NamedTuple):
    """The transfer that is awaited and due first, else the last; what cases have in common; and what is asked about.

    `open`: it is completed by no admission. `transfer_by`: by when the patient had to be admitted; None where nobody
    has to do anything. `jurisdiction`, `district`: where the case is looked after, `unknown` where nobody knows. The
    JSON values are as the work lists show them: `transfer`, `unplaced` (since when), `duplicate` (since when).
    """

    jurisdiction: str
    district: str
    to_institution_id: str | None = None
    chosen_on: date | None = None
    open: bool = False
    transfer_by: datetime | None = None
    transfer: str | None = None
    party_id: str | None = None
    person_ref: str | None = None
    required: str = "[]"
    course_from: datetime | None = None
    course_until: datetime | None = None
    unplaced_since: datetime | None = None
    unplaced: str | None = None
    duplicate_since: datetime | None = None
    duplicate: str | None = None
    chosen_at: datetime | None = None
    plain_district: str = ""


class TransferItem(Struct, frozen=True):
    """A transfer that is awaited. `to_institution_id` None: no suitable institution is known, or onward any may admit.
    `overdue`: how often its time has passed (I4). `way`: `confirmed`, `onward` or `recalled`. `is_case`: false for
    somebody who is not a confirmed case."""

    episode: int
    to_institution_id: str | None
    required_capabilities: tuple[str, ...]
    why: tuple[str, ...]
    party_id: str | None
    since: datetime
    overdue: int
    time_zone: str
    kind: str = "transfer"
    way: str = CONFIRMED
    admitted_by: str | None = None
    is_case: bool = True


class UnplacedItem(Struct, frozen=True):
    """Positives that confirm nobody, each with the reason (I1). Whoever they are of is not a confirmed case."""

    results: tuple[dict[str, Any], ...]
    since: datetime
    time_zone: str
    kind: str = "unplaced"
    is_case: bool = False


class DuplicateItem(Struct, frozen=True):
    """Cases of one person whose courses overlap, this one among them (I6)."""

    cases: tuple[str, ...]
    since: datetime
    time_zone: str
    kind: str = "duplicate"
    is_case: bool = True


def row(state: CaseState) -> tuple[Any, ...] | None:
    """The values in the order of the table's columns; None of whom nothing is known that others have to know."""
    conclusions: Conclusions = state.conclusions
    last, common = shown(conclusions.transfers), relative(state)
    if last is None and not conclusions.unplaced and not common.in_common:
        return None
    place = conclusions.place or reported_place(state.facts) or NOWHERE
    made = Row(
        place.jurisdiction,
        place.district,
        party_id=common.party_id,
        person_ref=common.person_ref,
        required=encode(common.required).decode(),
        course_from=common.course_from,
        course_until=common.course_until,
        plain_district=plain_district(place.district),
    )
    if last is not None:
        made = _with_transfer(made, state, last, place)
    return _with_questions(made, state, place)


def _with_transfer(made: Row, state: CaseState, last: Transfer, place: Place) -> Row:
    awaited = last.is_open and not _lies_elsewhere(state, last)
    return made._replace(
        to_institution_id=last.to_institution_id,
        chosen_on=last.chosen_on,
        chosen_at=last.chosen_at,
        open=last.is_open,
        transfer_by=last.respond_by if awaited else None,
        transfer=encode(_item(last, state, place)).decode() if awaited else None,
    )


def _with_questions(made: Row, state: CaseState, place: Place) -> Row:
    conclusions: Conclusions = state.conclusions
    if conclusions.unplaced:
        since = conclusions.unplaced[0].resulted_at
        item = UnplacedItem(tuple(map(_shown, conclusions.unplaced)), since, place.time_zone)
        made = made._replace(unplaced_since=since, unplaced=encode(item).decode())
    if conclusions.duplicates:
        since = min(one.since for one in conclusions.duplicates)
        cases = (state.facts.case_id, *(one.case_id for one in conclusions.duplicates))
        duplicate = DuplicateItem(cases, since, place.time_zone, is_case=_is_case(conclusions))
        made = made._replace(duplicate_since=since, duplicate=encode(duplicate).decode())
    return made


def _shown(positive: Unplaced) -> dict[str, Any]:
    return {name: getattr(positive, name) for name in positive.__struct_fields__}


def _is_case(conclusions: Conclusions) -> bool:
    return any(episode.excluded_at is None for episode in conclusions.episodes)


def _lies_elsewhere(state: CaseState, last: Transfer) -> bool:
    """Whether the patient has been admitted although nobody was known to whom to send them."""
    if last.to_institution_id is not None or last.kind == ONWARD:
        return False
    known = (episode for episode in state.conclusions.episodes if episode.number == last.episode)
    return any(admissions_of(state.facts, episode, None) for episode in known)


def _item(last: Transfer, state: CaseState, place: Place) -> TransferItem:
    return TransferItem(
        last.episode,
        last.to_institution_id,
        last.required_capabilities,
        last.why,
        last.party_id,
        last.requested_at,
        last.overdue,
        place.time_zone,
        way=last.kind,
        admitted_by=last.admitted_by,
        is_case=_is_case(state.conclusions),
    )
