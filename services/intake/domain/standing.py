"""What stands, and how it is said: each episode, and where its patient is sent."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import asdict

from chassis.judge import Said, State, difference
from schemas.events.intake import (
    CaseExcluded,
    CaseImported,
    LocalCaseConfirmed,
    TransferCompleted,
    TransferOverdue,
    TransferRequested,
)
from schemas.limits import within_limits
from services.intake.domain.confirmation import Episode
from services.intake.domain.facts import Arrival, Facts, LocalCase
from services.intake.domain.transfer import Transfer


class Case(NamedTuple):
    """An episode and whose it is."""

    person: Arrival | LocalCase
    episode: Episode


Thing = Case | Transfer
TransferEvent = TransferRequested | TransferCompleted | TransferOverdue
CaseEvent = CaseImported | LocalCaseConfirmed | CaseExcluded | TransferEvent


def standing(facts: Facts, conclusions: Any) -> dict[tuple[str, int], Thing]:
    """Everything that stands, by kind and episode. A transfer that waits for an institution is not said."""
    things: dict[tuple[str, int], Thing] = {}
    for episode in conclusions.episodes:
        if facts.person:
            things["episode", episode.number] = Case(facts.person, episode)
    for transfer in conclusions.transfers:
        if transfer.to_institution_id:
            things["transfer", transfer.episode] = transfer
    return things


def announce(before: State, after: State) -> Iterator[Said]:
    """What is new, changed, or no longer stands, compared by what it says."""
    case_id = after.facts.case_id
    was, now = standing(before.facts, before.conclusions), standing(after.facts, after.conclusions)
    for _, old, new in difference(was, now):
        said = _event(case_id, old) if old else None
        if said and old and not new:
            yield Said(said.model_copy(update={"withdrawn": True}), _withdrawn_at(old, after))
        elif new and (event := _event(case_id, new)) != said:
            yield Said(event, _happened(new))


def _event(case_id: str, thing: Thing) -> CaseEvent:
    return _case_event(case_id, thing) if isinstance(thing, Case) else _transfer_event(case_id, thing)


def _case_event(case_id: str, case: Case) -> CaseEvent:
    person, episode = case
    told: dict[str, Any] = {"case_id": case_id, "episode": episode.number, "basis": episode.basis}
    told["confirmed_at"] = episode.confirmed_at
    if episode.excluded_at:
        return within_limits(CaseExcluded)(**told, excluded_at=episode.excluded_at)
    whose = {**asdict(person), "age": asdict(person.age), "residence": asdict(person.residence)}
    kind: type[CaseImported | LocalCaseConfirmed] = CaseImported if isinstance(person, Arrival) else LocalCaseConfirmed
    return within_limits(kind)(**{**whose, **told})


def _transfer_event(case_id: str, transfer: Transfer) -> CaseEvent:
    kind: type[TransferEvent] = TransferOverdue if transfer.overdue else TransferRequested
    if transfer.admitted_at:
        kind = TransferCompleted
    told = {**asdict(transfer), "level": transfer.overdue}
    return within_limits(kind)(case_id=case_id, **told)  # what a transfer has and its event has not is ignored


def _happened(thing: Thing) -> datetime:
    if isinstance(thing, Case):
        return thing.episode.excluded_at or thing.episode.confirmed_at
    return thing.admitted_at or thing.overdue_at or thing.requested_at


def _withdrawn_at(thing: Thing, after: State) -> datetime:
    """A transfer is called off when its episode is excluded; else nothing says when a thing ceased to be true."""
    if isinstance(thing, Transfer):
        known: tuple[Episode, ...] = after.conclusions.episodes
        excluded_at = next((episode.excluded_at for episode in known if episode.number == thing.episode), None)
        return excluded_at or _happened(thing)
    return _happened(thing)
