"""How an episode left the ward, by discharge's last word on it; deaths (I7), and whom somebody has to bring back."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from chassis.decide.judge import Clock
from services.intake.domain.facts import Discharge, Facts, Revocation
from services.intake.policy import BELIEVED_FOR

DIED = "died"
TRANSFERRED = "transferred"
UNDONE = frozenset({"cancelled", "excluded"})
"""Why a discharge never was. One that was `corrected` took place: the patient did leave."""


class Ending(NamedTuple):
    """When an episode's patient left the ward, and how."""

    at: datetime
    how: str


def last_word(facts: Facts, episode: int) -> Discharge | Revocation | None:
    """What discharge stated last of an episode; None where it has taken that back, or stated nothing."""
    last = max(_words(facts, episode), key=lambda word: word.rank, default=None)
    return None if last is None or last.withdrawn else last


def ending(facts: Facts, episode: int) -> Ending | None:
    """How the episode's patient left the ward. One who is to be brought back has left it too."""
    word = last_word(facts, episode)
    if isinstance(word, Revocation):
        return None if word.why in UNDONE else Ending(word.discharged_at, "recalled")
    return Ending(word.discharged_at, word.disposition) if word else None


def died_at(facts: Facts, clock: Clock) -> datetime | None:
    """I7. When the patient died, in whatever episode discharge counts that.

    A death that is no longer stated is believed for a while. Whether an episode begins decides in which one the death
    falls, so discharge states it anew after each of our words; who forgot it in between would begin the episode again,
    and the two would answer each other for ever.
    """
    return min((word.discharged_at for word in facts.discharges if _is_believed(facts, word, clock)), default=None)


def _is_believed(facts: Facts, word: Discharge, clock: Clock) -> bool:
    if word.disposition != DIED:
        return False
    if any(one.rank > word.rank and one.why in UNDONE and not one.withdrawn for one in _revoking(facts, word)):
        return False
    superseded_at = _superseded_at(facts, word)
    return superseded_at is None or not clock.passed(superseded_at + BELIEVED_FOR)


def _revoking(facts: Facts, word: Discharge) -> Iterator[Revocation]:
    return (one for one in facts.revocations if one.discharged_at == word.discharged_at)


def _superseded_at(facts: Facts, word: Discharge) -> datetime | None:
    """When something else was stated instead; None while it is the last word."""
    if word.withdrawn:
        return word.received_at
    later = (one.received_at for one in _words(facts, word.episode) if one.rank > word.rank)
    return min(later, default=None)


def _words(facts: Facts, episode: int) -> Iterator[Discharge | Revocation]:
    yield from (word for word in facts.discharges if word.episode == episode)
    yield from (word for word in facts.revocations if word.episode == episode)
