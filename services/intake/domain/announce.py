"""What intake states: each episode, and where its patient is sent."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import asdict

from chassis.decide.announcing import Announcer, Statement, Things, by_kind, restated
from schemas.events.intake import (
    CaseExcluded,
    CaseImported,
    LocalCaseConfirmed,
    TransferCompleted,
    TransferOverdue,
    TransferRequested,
)
from services.intake.domain.conclude import CaseState, Conclusions
from services.intake.domain.confirmation import Episode
from services.intake.domain.facts import Arrival, Facts, LocalCase
from services.intake.domain.transfer import Transfer

Key = tuple[str, int]
"""A kind of thing, and the number of its episode."""

Source = tuple[Arrival | LocalCase | None, tuple[Episode, ...], tuple[Transfer, ...]]
"""Whose case it is, its episodes, and where they are sent."""


class Case(NamedTuple):
    """An episode and whose it is."""

    person: Arrival | LocalCase
    episode: Episode


def _source(state: CaseState) -> Source:
    return state.facts.person, state.conclusions.episodes, state.conclusions.transfers


def _things(source: Source) -> Mapping[Key, Case | Transfer]:
    """By kind and episode. A transfer that waits for an institution is not said."""
    person, episodes, transfers = source
    cases: dict[Key, Case | Transfer] = {}
    if person:
        cases = {("episode", episode.number): Case(person, episode) for episode in episodes}
    return cases | {("transfer", one.episode): one for one in transfers if one.to_institution_id}


def _case(after: CaseState, key: Key, case: Case) -> Statement:
    person, episode = case
    emitted: dict[str, Any] = {"case_id": after.facts.case_id, "episode": episode.number, "basis": episode.basis}
    emitted["confirmed_at"] = episode.confirmed_at
    if episode.excluded_at:
        return Statement(CaseExcluded, episode.excluded_at, emitted | {"excluded_at": episode.excluded_at})
    whose = {**asdict(person), "age": asdict(person.age), "residence": asdict(person.residence)}
    del whose["rank"]
    event = CaseImported if isinstance(person, Arrival) else LocalCaseConfirmed
    return Statement(event, episode.confirmed_at, whose | emitted)


def _transfer(after: CaseState, key: Key, transfer: Transfer) -> Statement:
    emitted = {
        "case_id": after.facts.case_id,
        "episode": transfer.episode,
        "to_institution_id": transfer.to_institution_id,
        "required_capabilities": transfer.required_capabilities,
        "why": transfer.why,
        "respond_by": transfer.respond_by,
        "party_id": transfer.party_id,
    }
    if transfer.admitted_at:
        return Statement(TransferCompleted, transfer.admitted_at, emitted | {"admitted_at": transfer.admitted_at})
    if transfer.overdue:
        at = transfer.overdue_at or transfer.requested_at
        return Statement(TransferOverdue, at, emitted | {"level": transfer.overdue})
    return Statement(TransferRequested, transfer.requested_at, emitted)


def _called_off(after: CaseState, key: Key, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """A transfer is called off when its episode is excluded; else nothing says when a thing ceased to be true."""
    kind, number = key
    known = after.conclusions.episodes
    excluded_at = next((episode.excluded_at for episode in known if episode.number == number), None)
    if now is None and kind == "transfer" and excluded_at:
        was = was._replace(time=excluded_at)
    return restated(after, key, was, now)


announce: Announcer[Facts, Conclusions] = Announcer(
    {
        "episodes_and_transfers": Things(
            _source,
            _things,
            by_kind({"episode": _case, "transfer": _transfer}),
            change=_called_off,
        )
    }
)
