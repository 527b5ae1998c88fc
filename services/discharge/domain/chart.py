"""What is known of an episode, read once for however many instants it is judged as of.

Nothing here depends on an instant: each reading says how it was at all times, and a judgement looks its own time up.
"""

from datetime import datetime
from functools import cached_property
from typing import Final, TypeVar

from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import (
    Approval,
    Assessment,
    Fact,
    Facts,
    Measurement,
    Observation,
    Result,
    Study,
)
from services.discharge.domain.images import imaging_fine
from services.discharge.domain.swabs import History, read_swabs
from services.discharge.domain.thermometer import Thermometer
from services.discharge.domain.timeline import Spells, spells
from services.discharge.policy import TwoNegatives

IMPROVED: Final = frozenset({"none", "improved"})

F = TypeVar("F", bound=Fact)


class Chart:
    """The facts of an episode that hold, each kind in clinical order, and what they say. Each is read when first asked.

    `facts`: all that is known of the case.
    """

    def __init__(self, facts: Facts, episode: Episode) -> None:
        self.facts, self.episode = facts, episode
        self._swabs: dict[TwoNegatives, History] = {}

    @cached_property
    def measurements(self) -> tuple[Measurement, ...]:
        return self._within(self.facts.measurements)

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        return self._within(self.facts.observations)

    @cached_property
    def studies(self) -> tuple[Study, ...]:
        return self._within(self.facts.studies)

    @cached_property
    def assessments(self) -> tuple[Assessment, ...]:
        return self._within(self.facts.assessments)

    @cached_property
    def approvals(self) -> tuple[Approval, ...]:
        return self._within(self.facts.approvals)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """Every version of every test of the case, in the order in which they came into force."""
        return tuple([version for version in self.facts.results if not version.withdrawn])

    @cached_property
    def symptomatic_from(self) -> datetime | None:
        """When a symptom was first told of apart from the observations, at confirmation or admission."""
        episode = self.episode
        told = [admission.at for admission in episode.admissions if admission.symptoms]
        confirmed_with = episode.confirmation and episode.confirmation.symptoms_at
        if confirmed_with and episode.holds(confirmed_with):
            told.append(confirmed_with)
        return min(told, default=None)

    @cached_property
    def override_from(self) -> datetime | None:
        """When the panel first gave its override (D5)."""
        return next((approval.at for approval in self.approvals if approval.override), None)

    @cached_property
    def maybe_negative_from(self) -> datetime | None:
        """When there first were two tests that may be negative in some version of the protocol."""
        maybe = set()
        for result in self.results:
            if result.outcome != "detected" or result.lowest_ct:
                maybe.add(result.result_id)
                if len(maybe) > 1:
                    return result.at
        return None

    @cached_property
    def thermometer(self) -> Thermometer:
        """D1 through time."""
        return Thermometer(self.measurements, self.episode.zone)

    @cached_property
    def improved(self) -> Spells:
        """D2 through time: when the respiratory symptoms were observed to be improved."""
        return spells(((seen.at, seen.respiratory in IMPROVED) for seen in self.observations), before=False)

    @cached_property
    def imaging_fine(self) -> Spells:
        """D3 through time."""
        return imaging_fine(self.studies, self.assessments)

    def swabs(self, rule: TwoNegatives) -> History:
        """D4 through time, as one version of the protocol reads the tests."""
        history = self._swabs.get(rule)
        if history is None:
            history = self._swabs[rule] = read_swabs(self.results, self.episode, rule)
        return history

    def _within(self, facts: tuple[F, ...]) -> tuple[F, ...]:
        begins = self.episode.begins
        if begins is None:
            return tuple([fact for fact in facts if not fact.withdrawn])
        return tuple([fact for fact in facts if not fact.withdrawn and fact.at >= begins])
