"""D2: whether the respiratory symptoms have clearly improved, and since when."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Final

from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.timeline import Spells, last_by, spells

IMPROVED: Final = frozenset({"none", "improved"})
SAME: Final = "same"


class Respiratory:
    """D2. Respiratory symptoms clearly improved; `same` says the word before again. While none was observed, only if no
    symptom was ever told of, in codes or in words.

    Source: trial versions 6 to 10, criteria for discharge.
    """

    name: ClassVar[str] = "respiratory"
    required: ClassVar[bool] = True

    def __init__(self, as_of: AsOf) -> None:
        self.as_of, self._observations = as_of, as_of.facts.observations
        self._last = last_by(self._observations, as_of.local)
        self._ill_from = as_of.if_past(as_of.facts.once(_symptomatic_from))

    def judge(self) -> Criterion:
        """By the last observation."""
        if self._last < 0:
            return Criterion(self.name, self._ill_from is None)
        improved, since = self.as_of.facts.once(_improved).at(self.as_of.local)
        if improved and since == self._observations[0].at and (self._ill_from is None or since < self._ill_from):
            since = None
        evidence = (f"symptoms@{self._observations[self._last].at.isoformat()}",)
        return Criterion(self.name, improved, since if improved else None, evidence)

    def unmet_from(self) -> datetime | None:
        """The observation from which on they were no better, or the first report of a symptom."""
        if self._last < 0:
            return self._ill_from
        _, since = self.as_of.facts.once(_improved).at(self.as_of.local)
        return since or self._observations[0].at

    def next_changes(self) -> None:
        """The clock alone never turns it."""


def _improved(facts: EpisodeFacts) -> Spells:
    """When they were observed to be improved: of several who looked at one instant, by all of them."""
    return spells(_found(facts), before=False)


def _found(facts: EpisodeFacts) -> Iterator[tuple[datetime, bool]]:
    improved = False
    instant: datetime | None = None
    for seen in facts.observations:
        at, word = seen.at, seen.respiratory
        if instant is None or at != instant:
            instant, is_first_word = at, True
        if word != SAME:
            improved = word in IMPROVED and (improved or is_first_word)
            is_first_word = False
        yield at, improved


def _symptomatic_from(facts: EpisodeFacts) -> datetime | None:
    """When a symptom was first told of apart from the observations, at confirmation or admission."""
    episode = facts.episode
    reported_from = [admission.at for admission in episode.admissions if admission.symptoms]
    confirmed_with = episode.confirmation and episode.confirmation.symptoms_at
    if confirmed_with and episode.holds(confirmed_with):
        reported_from.append(confirmed_with)
    return min(reported_from, default=None)
