"""Who has to get where: the confirmed of each episode, who was sent on to another house, and who is recalled."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from schemas.calendar import local_date
from services.intake.domain.confirmation import Episode, begins_at
from services.intake.domain.departures import DIED, TRANSFERRED, ending, last_word
from services.intake.domain.facts import Admission, Arrival, Discharge, Facts, LocalCase, OtherStay, Revocation
from services.intake.domain.patients import Place, required
from services.intake.domain.transfer import CONFIRMED, ONWARD, RECALLED
from services.intake.policy import Sending, sending


class Way(NamedTuple):
    """A way that a patient has to go, and the admissions that may end it, in clinical order.

    `opened_at`: the confirmation, the end of the stay before, or the recall; `known_at`: when that came to be known, if
    it is late then. `named`: the institution that was named, if one was. `over_at`: when the next episode began; from
    then on nobody is sent any more, and nobody is late. `is_ended`: the patient was discharged, or died (I4).
    """

    episode: int
    kind: str
    leaves_at: datetime | None
    opened_at: datetime
    known_at: datetime | None
    person: Arrival | LocalCase | None
    place: Place
    terms: Sending
    admissions: list[Admission]
    named: str | None = None
    over_at: datetime | None = None
    is_ended: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """I3: every capability that the patient needs, in one order."""
        return required(self.person, self.opened_at)

    @property
    def party_id(self) -> str | None:
        return self.person.party_id if isinstance(self.person, Arrival) else None


def ways(facts: Facts, episodes: tuple[Episode, ...], place: Place) -> Iterator[Way]:
    """The ways of each episode that stands. One that was excluded follows none, ends none, and has none.

    Who is not a confirmed case may be on the way to another house all the same.
    """
    if not episodes:
        yield from _onward(facts, place, 1, None)
    standing = [episode for episode in episodes if not episode.excluded_at]
    for episode, following in zip(standing, [*standing[1:], None], strict=False):
        over_at = begins_at(facts, following) if following else None
        yield _confirmed(facts, place, episode, following)
        yield from _onward(facts, place, episode.number, over_at)
        yield from _recalled(facts, place, episode.number, over_at)


def _confirmed(facts: Facts, place: Place, episode: Episode, following: Episode | None) -> Way:
    """I4: it ends with a discharge after the confirmation. One before says only that the patient lies there no more."""
    admissions, left = admissions_of(facts, episode, following), ending(facts, episode.number)
    is_ended = left is not None and (left.how == DIED or left.at >= episode.confirmed_at)
    if left is not None:
        admissions = [one for one in admissions if (one.admitted_at <= left.at) == is_ended]
    return Way(
        episode.number,
        CONFIRMED,
        None,
        episode.confirmed_at,
        None,
        facts.person,
        place,
        _terms(place, episode.confirmed_at),
        admissions,
        over_at=begins_at(facts, following) if following else None,
        is_ended=is_ended,
    )


def _onward(facts: Facts, place: Place, number: int, over_at: datetime | None) -> Iterator[Way]:
    """I4: who was transferred is awaited by the next house: the one that was named, else any that admits."""
    word = last_word(facts, number)
    if isinstance(word, Discharge) and word.disposition == TRANSFERRED:
        yield _next_house(facts, place, word, word.discharged_at, word.known_at, over_at)
    stays = [one for one in facts.other_stays if one.episode == number and not one.withdrawn]
    last = max(stays, key=lambda one: one.ended_at, default=None)
    is_over = last is not None and isinstance(word, Discharge) and word.discharged_at >= last.ended_at
    if last is not None and last.disposition == TRANSFERRED and not is_over:
        yield _next_house(facts, place, last, last.ended_at, last.received_at, over_at)


def _next_house(
    facts: Facts,
    place: Place,
    left: Discharge | OtherStay,
    leaves_at: datetime,
    known_at: datetime,
    over_at: datetime | None,
) -> Way:
    """The next house may have written down an earlier hour than the one that was left."""
    here = [one for one in facts.admissions if one.stands and one.institution_id == left.institution_id]
    began_at = max((one.admitted_at for one in here if one.admitted_at < leaves_at), default=leaves_at)
    admissions = [
        one
        for one in facts.admissions
        if one.stands
        and (one.admitted_at >= leaves_at or (one.admitted_at > began_at and one.institution_id != left.institution_id))
        and (over_at is None or one.admitted_at < over_at)
    ]
    return Way(
        left.episode,
        ONWARD,
        leaves_at,
        leaves_at,
        known_at,
        facts.person,
        place,
        _terms(place, leaves_at),
        admissions,
        named=left.to_institution_id or None,
        over_at=over_at,
    )


def _recalled(facts: Facts, place: Place, number: int, over_at: datetime | None) -> Iterator[Way]:
    """I4: who was discharged on a result that was corrected since is brought back. Whoever lies in a ward is there."""
    word = last_word(facts, number)
    if not isinstance(word, Revocation) or word.why != "corrected":
        return
    left = {stay.admitted_at for stay in facts.other_stays if not stay.withdrawn and stay.ended_at <= word.revoked_at}
    admissions = [
        one
        for one in facts.admissions
        if one.stands and one.admitted_at > word.discharged_at and one.admitted_at not in left
    ]
    yield Way(
        number,
        RECALLED,
        word.revoked_at,
        word.revoked_at,
        word.received_at,
        facts.person,
        place,
        _terms(place, word.revoked_at),
        [one for one in admissions if over_at is None or one.admitted_at < over_at],
        named=word.institution_id or None,
        over_at=over_at,
    )


def _terms(place: Place, instant: datetime) -> Sending:
    return sending(place.jurisdiction, local_date(instant, place.time_zone))


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
