"""The case's row in `intake_transfer`: where it is sent, and by when it has to be admitted there."""

from datetime import date, datetime
from typing import NamedTuple

from msgspec import Struct
from msgspec.json import encode

from services.intake.domain.conclude import CaseState
from services.intake.domain.transfer import Transfer, admissions_of


class Row(NamedTuple):
    """The transfer of the last episode that stands. `open`: it is completed by no admission.

    `transfer_by`: by when the patient had to be admitted; None where nobody has to do anything. `transfer`: as the work
    list shows it. `district`: that of the residence.
    """

    jurisdiction: str
    district: str
    to_institution_id: str | None
    chosen_on: date | None
    open: bool
    transfer_by: datetime | None
    transfer: str | None


class TransferItem(Struct, frozen=True):
    """A transfer that is awaited. `to_institution_id` None: no suitable institution is known. `overdue`: how often its
    time has passed (I4)."""

    episode: int
    to_institution_id: str | None
    required_capabilities: tuple[str, ...]
    why: tuple[str, ...]
    party_id: str | None
    since: datetime
    overdue: int
    time_zone: str
    kind: str = "transfer"


def row(state: CaseState) -> Row | None:
    """The values in the order of the table's columns; None while no episode stands."""
    person = state.facts.person
    if person is None or not state.conclusions.transfers:
        return None
    last = state.conclusions.transfers[-1]
    awaited = last.is_open and not _lies_elsewhere(state, last)
    return Row(
        jurisdiction=last.jurisdiction,
        district=person.residence.district,
        to_institution_id=last.to_institution_id,
        chosen_on=last.chosen_on,
        open=last.is_open,
        transfer_by=last.respond_by if awaited else None,
        transfer=encode(_item(last, person.time_zone)).decode() if awaited else None,
    )


def _lies_elsewhere(state: CaseState, last: Transfer) -> bool:
    """Whether the patient has been admitted although nobody was known to whom to send them."""
    if last.to_institution_id is not None:
        return False
    episode = next(episode for episode in state.conclusions.episodes if episode.number == last.episode)
    return bool(admissions_of(state.facts, episode, None))


def _item(last: Transfer, time_zone: str) -> TransferItem:
    return TransferItem(
        last.episode,
        last.to_institution_id,
        last.required_capabilities,
        last.why,
        last.party_id,
        last.requested_at,
        last.overdue,
        time_zone,
    )
