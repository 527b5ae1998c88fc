"""The facts of an episode, and what of them was known at an instant (D0).

A fact counts by its clinical time, a test result from its `resulted_at` on, in the version then in force. So judging an
old instant again gives the same answer, unless a fact about that time has been added.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, TypeVarTuple

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
from services.discharge.domain.timeline import civil_time, up_to
from services.discharge.policy import Protocol, protocol_on

F = TypeVar("F", bound=Fact)
Seen = TypeVar("Seen", Measurement, Observation)
R = TypeVar("R")
Given = TypeVarTuple("Given")


class EpisodeFacts:
    """The facts of an episode that hold, each kind in clinical order, read when first asked.

    Nothing here depends on an instant: each criterion reads `once` how it was at all times, and looks an instant up in
    that. So one instant more costs the same however long the stay. `case_facts`: all that is known of the case.
    """

    def __init__(self, case_facts: Facts, episode: Episode) -> None:
        self.case_facts, self.episode = case_facts, episode
        self._read: dict[tuple[Any, ...], Any] = {}

    @cached_property
    def measurements(self) -> tuple[Measurement, ...]:
        return _named_since(self._within(self.case_facts.measurements))

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        return _named_since(self._within(self.case_facts.observations))

    @cached_property
    def studies(self) -> tuple[Study, ...]:
        return self._within(self.case_facts.studies)

    @cached_property
    def assessments(self) -> tuple[Assessment, ...]:
        return self._within(self.case_facts.assessments)

    @cached_property
    def approvals(self) -> tuple[Approval, ...]:
        return self._within(self.case_facts.approvals)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """Every version of every test of the case, in the order in which they came into force."""
        return tuple([version for version in self.case_facts.results if not version.withdrawn])

    def once(self, read: "Callable[[EpisodeFacts, *Given], R]", *given: *Given) -> R:
        """What `read` finds in these facts, with what else it is given; found when first asked, then kept."""
        key = (read, *given)
        if key not in self._read:
            self._read[key] = read(self, *given)
        found: R = self._read[key]
        return found

    def _within(self, facts: tuple[F, ...]) -> tuple[F, ...]:
        begins = self.episode.begins
        if begins is None:
            return tuple([fact for fact in facts if not fact.withdrawn])
        return tuple([fact for fact in facts if not fact.withdrawn and fact.at >= begins])


def _named_since(facts: tuple[Seen, ...]) -> tuple[Seen, ...]:
    """Without what the first edition kept of an instant, when its observer was not named, and a later report tells of.

    A later report at that instant replaced it then; of observers that are named, each is kept.
    """
    named: dict[datetime, str] = {}
    for fact in facts:
        if fact.observer:
            named[fact.at] = max(fact.rank, named.get(fact.at, ""))
    if not named or len(named) == len(facts):
        return facts
    return tuple([fact for fact in facts if fact.observer or fact.rank >= named.get(fact.at, "")])


class AsOf:
    """An episode up to `instant`, and the protocol then in force.

    `local`: the same instant as the episode's zone has it, by which everything is looked up.
    """

    def __init__(self, facts: EpisodeFacts, instant: datetime) -> None:
        self.facts, self.instant = facts, instant
        self.local = civil_time(instant, facts.episode.zone)
        self.protocol: Protocol = protocol_on(self.local.date(), facts.episode.jurisdiction)

    @property
    def episode(self) -> Episode:
        return self.facts.episode

    @property
    def approvals(self) -> tuple[Approval, ...]:
        return up_to(self.facts.approvals, self.local)

    def if_past(self, at: datetime | None) -> datetime | None:
        """An instant that is not after this one; of a later one nothing was known yet: None."""
        return at if at is not None and at <= self.local else None
