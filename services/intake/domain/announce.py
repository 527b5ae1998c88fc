"""What intake states: each episode, and where its patient is sent."""

from collections.abc import Iterator, Mapping
from datetime import datetime
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
from services.intake.domain.departures import ending
from services.intake.domain.facts import Arrival, Facts, LocalCase
from services.intake.domain.patients import Place
from services.intake.domain.transfer import Transfer

Key = tuple[Any, ...]
"""A kind of thing, and what names it: the number of the episode, or all that names a transfer."""

Source = tuple[Arrival | LocalCase | None, tuple[Episode, ...], tuple[Transfer, ...]]
"""Whose case it is, its episodes, and where they are sent."""


class Case(NamedTuple):
    """An episode and whose it is."""

    person: Arrival | LocalCase
    episode: Episode


def _source(state: CaseState) -> Any:
    return state.facts.person, state.conclusions.episodes, state.conclusions.transfers, state.conclusions.place


def _things(source: Any) -> Mapping[Key, Case | tuple[Transfer, Place | None]]:
    """By kind and name. A transfer that waits for an institution is not said."""
    person, episodes, transfers, place = source
    known = episodes if person else ()
    cases: dict[Key, Any] = {("episode", episode.number): Case(person, episode) for episode in known}
    return cases | {("transfer", *one.name): (one, place) for one in transfers if one.is_stated}


def _case(after: CaseState, key: Key, case: Case) -> Statement:
    person, episode = case
    emitted: dict[str, Any] = {"case_id": after.facts.case_id, "episode": episode.number, "basis": episode.basis}
    emitted["confirmed_at"] = episode.confirmed_at
    if episode.excluded_at:
        excluded = emitted | {"excluded_at": episode.excluded_at, "why": episode.why}
        return Statement(CaseExcluded, episode.excluded_at, excluded)
    labs = episode.labs if all(episode.labs) else ()  # of what the first edition kept, nobody knows
    whose = _whose(person) | emitted | {"basis_labs": labs}
    if isinstance(person, Arrival) and person.is_from_abroad:
        return Statement(CaseImported, episode.confirmed_at, whose)
    return Statement(LocalCaseConfirmed, episode.confirmed_at, _local(person, whose))


def _whose(person: Arrival | LocalCase) -> dict[str, Any]:
    """Who a case is; what nobody knows is not said."""
    age, residence = person.age, person.residence
    known = {name: value if value != "" else None for name, value in asdict(person).items() if name != "rank"}
    known["age"] = asdict(age) if age.unit else None
    known["symptoms_in_words"] = person.symptoms_in_words or None
    known["residence"] = {"jurisdiction": residence.jurisdiction, "district": residence.district or None}
    return known


def _local(person: Arrival | LocalCase, whose: dict[str, Any]) -> dict[str, Any]:
    """I1: of a traveller from no other country only that, when they arrived and with whom."""
    if isinstance(person, LocalCase):
        return whose | {"why": "reported"}
    fields = LocalCaseConfirmed.model_fields.keys() & whose.keys()
    return {name: whose[name] for name in fields} | {"why": "no_foreign_origin"}


def _transfer(after: CaseState, key: Key, thing: tuple[Transfer, Place | None]) -> Statement:
    transfer, place = thing
    emitted = {
        "case_id": after.facts.case_id,
        "episode": transfer.episode,
        "kind": transfer.kind,
        "leaves_at": transfer.leaves_at,
        "to_institution_id": transfer.to_institution_id,
        "required_capabilities": transfer.required_capabilities,
        "why": transfer.why,
        "respond_by": transfer.respond_by,
        "party_id": transfer.party_id,
        **_where(place),
    }
    if transfer.admitted_at:
        return Statement(TransferCompleted, transfer.admitted_at, emitted | {"admitted_at": transfer.admitted_at})
    if transfer.overdue:
        at = transfer.overdue_at or transfer.requested_at
        overdue = {"level": transfer.overdue, "admitted_by": transfer.admitted_by}
        return Statement(TransferOverdue, at, emitted | overdue)
    return Statement(TransferRequested, transfer.requested_at, emitted)


def _where(place: Place | None) -> dict[str, Any]:
    if place is None or not place.is_known:
        return {}
    return {
        "jurisdiction": place.jurisdiction,
        "district": place.district or None,
        "time_zone": place.time_zone,
    }


def _called_off(after: CaseState, key: Key, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """A transfer is called off when its episode is excluded, when its patient was discharged or died, or when it was
    asked for long enough about who admitted instead; else nothing says when a thing ceased to be true.
    """
    ended_at = _ended_at(after, key) if now is None and key[0] == "transfer" else None
    yield from restated(after, key, was if ended_at is None else was._replace(time=ended_at), now)


def _ended_at(after: CaseState, key: Key) -> datetime | None:
    _, number, *_ = key
    for episode in after.conclusions.episodes:
        if episode.number == number and episode.excluded_at:
            excluded_at: datetime = episode.excluded_at
            return excluded_at
    for transfer in after.conclusions.transfers:
        if transfer.name == key[1:] and transfer.ended_at:
            ended_at: datetime = transfer.ended_at
            return ended_at
    left = ending(after.facts, number)
    return left.at if left else None


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
