"""Where each confirmed case is sent, whether it has got there, and how long it has been awaited (I3, I4, I5)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from chassis.decide.judge import Clock
from schemas.reference import CHILD_UNDER_MONTHS
from services.intake.domain.confirmation import Episode, begins_at
from services.intake.domain.facts import Admission, Arrival, Facts, LocalCase
from services.intake.domain.institutions import Institutions
from services.intake.policy import Sending, sending


class Transfer(Struct, frozen=True, array_like=True):
    """The way of one episode to a designated institution. `to_institution_id` None: nobody is known yet, it waits.

    `jurisdiction` and `required_capabilities` are the ground of the choice: while the institution meets them, a choice
    stands. `overdue`: how often the time to admit has passed, and `overdue_at` when last (I4). `chosen_on`: the civil
    day of the choice. `asked_late_at`: set where the time to admit was over before anybody could be asked.
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
    overdue: int = 0
    chosen_on: date | None = None
    asked_late_at: datetime | None = None
    overdue_at: datetime | None = None

    @property
    def sent(self) -> tuple[str, date] | None:
        """Where the patient is sent, and on which civil day that was chosen; None: nobody is known yet."""
        return (self.to_institution_id, self.chosen_on) if self.to_institution_id and self.chosen_on else None

    @property
    def is_open(self) -> bool:
        """Whether the patient is still awaited, or nobody is known yet."""
        return self.admitted_at is None


class Choice(NamedTuple):
    """An institution, the day on which it was chosen, and when it was asked, if that was late."""

    institution_id: str | None = None
    on: date | None = None
    asked_late_at: datetime | None = None


class Stay(NamedTuple):
    """An episode that is to be sent: whose it is, by which numbers, and the admissions in it, in clinical order.

    `over_at`: when the next episode began. From then on nobody is sent for this one any more, and nobody is late.
    """

    person: Arrival | LocalCase
    episode: Episode
    terms: Sending
    admissions: list[Admission]
    over_at: datetime | None

    @property
    def required(self) -> tuple[str, ...]:
        """I3: every capability that the patient needs, in one order."""
        return tuple(dict.fromkeys((*("paediatric",) * _is_child(self.person), *self.person.needs)))


def transfers(
    facts: Facts, episodes: tuple[Episode, ...], chosen: tuple[Transfer, ...], clock: Clock, context: Institutions
) -> tuple[Transfer, ...]:
    """A transfer for each episode that stands; of one that is over only where somebody had been asked, or admitted."""
    before = {transfer.episode: transfer for transfer in chosen}
    found: list[Transfer] = []
    for stay in _stays(facts, episodes):
        known = before.get(stay.episode.number)
        choice = _choice(stay, known, clock, context)
        if choice.institution_id or stay.over_at is None:
            found.append(_awaited(stay, _transfer(stay, choice), clock))
            sent = found[-1].sent
            if sent is not None and (known is None or known.sent != sent):
                context = context.with_sent(*sent)
    return tuple(found)


def _stays(facts: Facts, episodes: tuple[Episode, ...]) -> Iterator[Stay]:
    """The episodes that stand. One that was excluded follows none and ends none."""
    standing = [episode for episode in episodes if not episode.excluded_at]
    for episode, following in zip(standing, [*standing[1:], None], strict=False):
        if facts.person is not None:
            admissions = admissions_of(facts, episode, following)
            over_at = begins_at(facts, following) if following else None
            yield Stay(facts.person, episode, _terms(facts.person, episode), admissions, over_at)


def _choice(stay: Stay, before: Transfer | None, clock: Clock, context: Institutions) -> Choice:
    """I3: where the patient lies, else the institution once announced while its ground is there, else who suits best.

    An institution is asked as of the confirmation, unless that leaves it no time.
    """
    person = stay.person
    kept = before if before and before.jurisdiction == person.jurisdiction else None
    announced = kept.to_institution_id if kept else None
    lies_in = _lies_in(stay, announced, context)
    if kept and announced and (lies_in == announced or (not lies_in and _has_ground(stay, kept, announced, context))):
        return Choice(announced, kept.chosen_on, kept.asked_late_at)
    if not lies_in and stay.over_at is not None:
        return Choice()
    today = clock.now.astimezone(ZoneInfo(person.time_zone)).date()
    found = lies_in or context.choose(person.jurisdiction, person.residence.district, stay.required, today)
    if found is None:
        return Choice()
    respond_by = stay.episode.confirmed_at + stay.terms.respond_within
    return Choice(found, today, clock.now if clock.now >= respond_by else None)


def _has_ground(stay: Stay, kept: Transfer, announced: str, context: Institutions) -> bool:
    """Whether an institution that was asked still has to be: suitable, or asked before the episode was over."""
    if stay.over_at is not None:
        return (kept.asked_late_at or stay.episode.confirmed_at) < stay.over_at
    return context.stands(announced, stay.person.jurisdiction, stay.required)


def _lies_in(stay: Stay, announced: str | None, context: Institutions) -> str | None:
    """The first institution to admit that would do: whoever lies in one is not sent to another (I3).

    The one announced would do though it has closed since: whoever has been admitted stays.
    """
    return next(
        (
            admission.institution_id
            for admission in stay.admissions
            if admission.institution_id == announced
            or context.stands(admission.institution_id, stay.person.jurisdiction, stay.required)
        ),
        None,
    )


def _transfer(stay: Stay, choice: Choice) -> Transfer:
    person, episode = stay.person, stay.episode
    admitted = (one.admitted_at for one in stay.admissions if one.institution_id == choice.institution_id)
    admitted_at = next(admitted, None)
    party_id = person.party_id if isinstance(person, Arrival) else None
    asked_at = _asked_at(episode, choice, admitted_at)
    return Transfer(
        episode=episode.number,
        jurisdiction=person.jurisdiction,
        to_institution_id=choice.institution_id,
        required_capabilities=stay.required,
        why=tuple(_why(episode, _is_child(person), party_id)),
        requested_at=asked_at,
        respond_by=asked_at + stay.terms.respond_within,
        party_id=party_id,
        admitted_at=admitted_at,
        chosen_on=choice.on,
        asked_late_at=choice.asked_late_at,
    )


def _asked_at(episode: Episode, choice: Choice, admitted_at: datetime | None) -> datetime:
    """As of the confirmation, or when it was late; but whoever had been admitted by then was not asked for any more."""
    late_at = choice.asked_late_at
    return episode.confirmed_at if late_at is None or (admitted_at and admitted_at < late_at) else late_at


def _awaited(stay: Stay, transfer: Transfer, clock: Clock) -> Transfer:
    """I4: overdue once for each period until the institution admits or the next episode begins; while nobody is known,
    looked at again.
    """
    if not transfer.is_open:
        return transfer
    if transfer.to_institution_id is None:
        if not stay.admissions:
            _look_again(transfer, stay.terms, clock)
        return transfer
    every, over_at = stay.terms.overdue_every, stay.over_at
    until = clock.now if over_at is None else min(clock.now, over_at)
    overdue = max(0, (until - transfer.respond_by) // every + 1)
    next_at = transfer.respond_by + overdue * every
    if over_at is None or next_at <= over_at:
        clock.passed(next_at)
    return replace(transfer, overdue=overdue, overdue_at=next_at - every) if overdue else transfer


def _look_again(transfer: Transfer, terms: Sending, clock: Clock) -> None:
    """A case that waits is looked at again by itself: what it waits for may come without waking it."""
    rounds = max(0, (clock.now - transfer.requested_at) // terms.look_again_after) + 1
    clock.passed(transfer.requested_at + rounds * terms.look_again_after)


def _terms(person: Arrival | LocalCase, episode: Episode) -> Sending:
    return sending(person.jurisdiction, episode.confirmed_at.astimezone(ZoneInfo(person.time_zone)).date())


def _is_child(person: Arrival | LocalCase) -> bool:
    return person.age.months < CHILD_UNDER_MONTHS


def admissions_of(facts: Facts, episode: Episode, following: Episode | None) -> list[Admission]:
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
