"""What was known of an episode at an instant (D0).

A fact counts by its clinical time, a test result from its `resulted_at` on, in the version then in force. So judging an
old instant again gives the same answer, unless a fact about that time has been added.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

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
from services.discharge.domain.swabs import Swabs, read_swabs
from services.discharge.domain.timeline import up_to
from services.discharge.policy import Protocol

F = TypeVar("F", bound=Fact)


@dataclass
class Known:
    """The facts of an episode up to `instant`, each kind in clinical order, and the protocol then in force.

    `results`: every version of every test of the case, in the order in which they came into force.
    `symptomatic_from`: when a symptom was first told of apart from the observations, at confirmation or admission.
    """

    episode: Episode
    instant: datetime
    protocol: Protocol
    measurements: tuple[Measurement, ...]
    observations: tuple[Observation, ...]
    studies: tuple[Study, ...]
    assessments: tuple[Assessment, ...]
    results: tuple[Result, ...]
    approvals: tuple[Approval, ...]
    symptomatic_from: datetime | None

    @cached_property
    def swabs(self) -> Swabs | None:
        """The tests as D4 reads them; None where the protocol has no such criterion."""
        rule = self.protocol.two_negatives
        return read_swabs(self.results, self.instant, self.episode, rule) if rule else None


def known_at(facts: Facts, episode: Episode, instant: datetime) -> Known:
    """What counts when an episode is judged as of an instant."""
    begins = episode.begins
    return Known(
        episode=episode,
        instant=instant,
        protocol=episode.protocol_at(instant),
        measurements=_within(facts.measurements, begins, instant),
        observations=_within(facts.observations, begins, instant),
        studies=_within(facts.studies, begins, instant),
        assessments=_within(facts.assessments, begins, instant),
        results=_within(facts.results, None, instant),
        approvals=_within(facts.approvals, begins, instant),
        symptomatic_from=_symptomatic_from(episode, instant),
    )


def _within(facts: tuple[F, ...], begins: datetime | None, instant: datetime) -> tuple[F, ...]:
    return tuple(
        [fact for fact in up_to(facts, instant) if not fact.withdrawn and (begins is None or fact.at >= begins)]
    )


def _symptomatic_from(episode: Episode, instant: datetime) -> datetime | None:
    told = [admission.at for admission in episode.admissions if admission.symptoms]
    confirmed_with = episode.confirmation and episode.confirmation.symptoms_at
    if confirmed_with and episode.holds(confirmed_with):
        told.append(confirmed_with)
    first = min(told, default=None)
    return first if first is not None and first <= instant else None
