"""Where each confirmed case is sent, and whether it has got there (I3 as far as the settings name an institution)."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from chassis.judge import Clock
from schemas.reference import CHILD_UNDER_MONTHS, most_particular
from services.intake.domain.confirmation import Episode, begins_at
from services.intake.domain.facts import Admission, Arrival, Facts, LocalCase
from services.intake.policy import LOOK_AGAIN_AFTER, RESPOND_WITHIN

World = Mapping[str, str] | None
"""Jurisdiction, or country → the designated institution that its confirmed cases are sent to."""


class Transfer(Struct, frozen=True, array_like=True):
    """The way of one episode to a designated institution. `to_institution_id` None: nobody is known yet, it waits.

    `jurisdiction` is the ground of the choice: while it stays the same, an institution once chosen stands.
    """

    episode: int
    jurisdiction: str
    to_institution_id: str | None
    required_capabilities: tuple[str, ...]
    why: tuple[str, ...]
    requested_at: datetime
    respond_by: datetime
    party_id: str | None = None
    admitted_at: datetime | None = None


def transfers(
    facts: Facts, episodes: tuple[Episode, ...], chosen: tuple[Transfer, ...], clock: Clock, world: World
) -> Iterator[Transfer]:
    """A transfer for each episode that stands."""
    person = facts.person
    for index, episode in enumerate(episodes):
        if person is None or episode.excluded_at:
            continue
        following = episodes[index + 1] if index + 1 < len(episodes) else None
        institution_id = _chosen(chosen, episode, person.jurisdiction) or most_particular(
            world or {}, person.jurisdiction
        )
        admissions = _admissions(facts, episode, following)
        if institution_id is None and not admissions:
            _look_again(episode, clock)
        yield _transfer(person, episode, institution_id, admissions)


def _transfer(
    person: Arrival | LocalCase, episode: Episode, institution_id: str | None, admissions: list[Admission]
) -> Transfer:
    admitted = [admission.admitted_at for admission in admissions if admission.institution_id == institution_id]
    party_id = person.party_id if isinstance(person, Arrival) else None
    is_child = person.age.months < CHILD_UNDER_MONTHS
    return Transfer(
        episode.number,
        person.jurisdiction,
        institution_id,
        tuple(dict.fromkeys((*("paediatric",) * is_child, *person.needs))),
        tuple(_why(episode, is_child, party_id)),
        episode.confirmed_at,
        episode.confirmed_at + RESPOND_WITHIN,
        party_id,
        admitted[0] if admitted else None,
    )


def _chosen(chosen: tuple[Transfer, ...], episode: Episode, jurisdiction: str) -> str | None:
    """The institution once announced for this episode, if the ground of that choice is still there."""
    for transfer in chosen:
        if transfer.episode == episode.number and transfer.jurisdiction == jurisdiction:
            return transfer.to_institution_id
    return None


def _admissions(facts: Facts, episode: Episode, following: Episode | None) -> list[Admission]:
    """The admissions of an episode: the first has all since the arrival, a later one those since its own beginning."""
    ends = begins_at(facts, following) if following else None
    begins = begins_at(facts, episode) if episode.number > 1 else None
    if begins is None and isinstance(facts.person, Arrival):
        begins = facts.person.arrived_at
    return [
        admission
        for admission in facts.admissions
        if admission.stands
        and (begins is None or begins <= admission.admitted_at)
        and (ends is None or admission.admitted_at < ends)
    ]


def _why(episode: Episode, is_child: bool, party_id: str | None) -> Iterator[str]:
    """I5: a child that travels with others is sent with its party, whose adults are with it."""
    yield "confirmed" if episode.number == 1 else "positive_again"
    if is_child:
        yield "child"
        if party_id:
            yield "with_party"


def _look_again(episode: Episode, clock: Clock) -> None:
    """A case that waits is looked at again by itself: what it waits for may come without waking it."""
    rounds = max(0, (clock.now - episode.confirmed_at) // LOOK_AGAIN_AFTER) + 1
    clock.passed(episode.confirmed_at + rounds * LOOK_AGAIN_AFTER)
