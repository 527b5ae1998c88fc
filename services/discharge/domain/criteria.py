"""The criteria for discharge, in the order of the protocol: reading `CRITERIA` is knowing the policy.

Source: Diagnosis and Treatment Protocol for COVID-19, trial versions 6 to 10, criteria for discharge. Each is a pure
function of what was known of an episode at an instant (D0).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from services.discharge.domain.calendar import start_of_day
from services.discharge.domain.chart import Chart
from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import Facts
from services.discharge.domain.known import Known
from services.discharge.domain.negatives import persistently_positive, tests_unmet_from, two_negatives
from services.discharge.domain.timeline import last_by
from services.discharge.policy import in_force_from


def temperature(known: Known) -> Criterion:
    """D1. Normal for more than 72 h (24 h in version 10), and measured on each of the civil days before."""
    read = known.temperatures
    if read is None:
        return Criterion("temperature", False)
    if not read.met:
        return Criterion("temperature", False, None, read.evidence[:1], read.next_possible_at)
    return Criterion("temperature", True, read.since, read.evidence)


def respiratory(known: Known) -> Criterion:
    """D2. Respiratory symptoms clearly improved; while none was observed, only if no symptom was ever told of."""
    observations, ill_from = known.chart.observations, known.symptomatic_from
    last = last_by(observations, known.local)
    if last < 0:
        return Criterion("respiratory", ill_from is None)
    improved, since = known.chart.improved.at(known.local)
    if improved and since == observations[0].at and (ill_from is None or since < ill_from):
        since = None
    evidence = (f"symptoms@{observations[last].at.isoformat()}",)
    return Criterion("respiratory", improved, since if improved else None, evidence)


def imaging(known: Known) -> Criterion:
    """D3. Imaging clearly improved, or no pneumonia ever seen; never imaged: not required below severity common."""
    studies = known.chart.studies
    last = last_by(studies, known.local)
    fine, since = known.chart.imaging_fine.at(known.local)
    return Criterion("imaging", fine, since if fine else None, (studies[last].study_id,) if last >= 0 else ())


class Rule(NamedTuple):
    """A criterion, and since when at least an unmet one has been unmet (None: since ever).

    `judge` gives None where the protocol in force has no such criterion. `unmet_from` needs not look back further than
    to the last fact that may have ended it.
    """

    judge: Callable[[Known], Criterion | None]
    unmet_from: Callable[[Known], datetime | None]


def _temperature_unmet_from(known: Known) -> datetime | None:
    read = known.temperatures
    return read.unmet_from if read else None


def _respiratory_unmet_from(known: Known) -> datetime | None:
    if last_by(known.chart.observations, known.local) < 0:
        return known.symptomatic_from
    _, since = known.chart.improved.at(known.local)
    return since or known.chart.observations[0].at


def _imaging_unmet_from(known: Known) -> datetime | None:
    _, since = known.chart.imaging_fine.at(known.local)
    return since


CRITERIA: Final = (
    Rule(temperature, _temperature_unmet_from),
    Rule(respiratory, _respiratory_unmet_from),
    Rule(imaging, _imaging_unmet_from),
    Rule(two_negatives, tests_unmet_from),
    Rule(persistently_positive, tests_unmet_from),
)


class Judgement(NamedTuple):
    """An episode judged as of an instant: the criteria in the order of the protocol, and the rules that are not met."""

    known: Known
    criteria: tuple[Criterion, ...]
    unmet: tuple[Rule, ...]

    @property
    def met(self) -> bool:
        return not self.unmet

    @property
    def protocol(self) -> str:
        return self.known.protocol.name

    @property
    def protocol_from(self) -> datetime | None:
        """The midnight from which the protocol has been in force; None: since ever."""
        episode = self.known.episode
        day = in_force_from(self.known.protocol, episode.jurisdiction)
        return start_of_day(day, episode.zone) if day else None


def judge_as_of(facts: Facts, episode: Episode, instant: datetime) -> Judgement:
    """D0. Every criterion of the protocol in force at an instant, with what was known by then."""
    return judge(Known(Chart(facts, episode), instant))


def judge(known: Known) -> Judgement:
    """Every criterion, by what was known."""
    judged = [(rule, criterion) for rule in CRITERIA if (criterion := rule.judge(known)) is not None]
    if judged[-1][1].name == "persistently_positive" and judged[-1][1].met:
        judged = [entry for entry in judged if entry[1].name != "two_negatives"]
    unmet = tuple(rule for rule, criterion in judged if not criterion.met)
    return Judgement(known, tuple(criterion for _, criterion in judged), unmet)
