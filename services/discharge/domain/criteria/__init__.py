"""The criteria for discharge, in the order of the protocol: reading `CRITERIA` is knowing the policy.

Source: Diagnosis and Treatment Protocol for COVID-19, trial versions 6 to 10, criteria for discharge. Each criterion is
whole in a module of its own, and drawn from what was known of an episode at an instant alone (D0).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Final, NamedTuple, Protocol

from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.criteria.imaging import Imaging
from services.discharge.domain.criteria.pcr_tests import ConsecutiveNegatives, PersistentlyPositive, within_reach
from services.discharge.domain.criteria.respiratory import Respiratory
from services.discharge.domain.criteria.temperature import Temperature
from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import Facts
from services.discharge.domain.timeline import start_of_day
from services.discharge.policy import in_force_from

__all__ = ["CRITERIA", "Judgement", "Rule", "judge", "judge_as_of", "within_reach"]


class Rule(Protocol):
    """What a criterion answers as of an instant.

    `required`: it is missing where it is unmet; an exception, which takes the place of another criterion, never is.
    """

    name: ClassVar[str]
    required: ClassVar[bool]
    as_of: AsOf

    def __init__(self, as_of: AsOf) -> None: ...

    def judge(self) -> Criterion | None:
        """Met or not, since when, on what evidence; None where it is no criterion of the protocol in force."""

    def unmet_from(self) -> datetime | None:
        """Since when at least it has been unmet, where it is; None: since ever.

        It need not look back further than to the last fact that may have ended it.
        """

    def next_changes(self) -> Iterable[datetime] | None:
        """When the clock alone would turn it; None: only a report turns it. Found no sooner than they are walked."""


CRITERIA: Final[tuple[type[Rule], ...]] = (
    Temperature,  # D1
    Respiratory,  # D2
    Imaging,  # D3
    ConsecutiveNegatives,  # D4
    PersistentlyPositive,  # D5
)


class Judgement(NamedTuple):
    """An episode judged as of an instant, in the order of the protocol: its rules, what they found, which are unmet."""

    as_of: AsOf
    rules: tuple[Rule, ...]
    criteria: tuple[Criterion, ...]
    unmet: tuple[Rule, ...]

    @property
    def met(self) -> bool:
        return not self.unmet

    @property
    def protocol(self) -> str:
        return self.as_of.protocol.name

    @property
    def protocol_from(self) -> datetime | None:
        """The midnight from which the protocol has been in force; None: since ever."""
        episode = self.as_of.episode
        day = in_force_from(self.as_of.protocol, episode.jurisdiction)
        return start_of_day(day, episode.zone) if day else None


def judge_as_of(facts: Facts, episode: Episode, instant: datetime) -> Judgement:
    """D0. Every criterion of the protocol in force at an instant, with what was known by then."""
    return judge(AsOf(EpisodeFacts(facts, episode), instant))


def judge(as_of: AsOf) -> Judgement:
    """Every criterion, by what was known."""
    asked = [rule(as_of) for rule in CRITERIA]
    judged = [(rule, criterion) for rule in asked if (criterion := rule.judge()) is not None]
    unmet = tuple([rule for rule, criterion in judged if not criterion.met])
    rules, criteria = zip(*judged, strict=True)
    return Judgement(as_of, rules, criteria, unmet)
