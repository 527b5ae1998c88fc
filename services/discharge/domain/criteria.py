"""The criteria for discharge, in the order of the protocol: reading `CRITERIA` is knowing the policy.

Source: Diagnosis and Treatment Protocol for COVID-19, trial versions 6 to 10, criteria for discharge. Each is a pure
function of what was known of an episode at an instant (D0).
"""

from collections.abc import Callable
from datetime import datetime
from itertools import takewhile
from typing import Final, NamedTuple

from services.discharge.domain.calendar import start_of_day
from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import Assessment, Facts, Observation, Study
from services.discharge.domain.known import Known, known_at
from services.discharge.domain.negatives import persistently_positive, two_negatives
from services.discharge.domain.thermometer import read_temperatures
from services.discharge.domain.timeline import held_since, up_to
from services.discharge.policy import in_force_from

IMPROVED: Final = frozenset({"none", "improved"})
IMAGING_REQUIRED: Final = frozenset({"common", "severe", "critical"})


def temperature(known: Known) -> Criterion:
    """D1. Normal for more than 72 h (24 h in version 10), and measured on each of the civil days before."""
    read = read_temperatures(known)
    if read is None:
        return Criterion("temperature", False)
    if not read.met:
        return Criterion("temperature", False, None, read.evidence[:1], read.next_possible_at)
    return Criterion("temperature", True, read.since, read.evidence)


def respiratory(known: Known) -> Criterion:
    """D2. Respiratory symptoms clearly improved; while none was observed, only if no symptom was ever told of."""
    run = tuple(takewhile(_improved, reversed(known.observations)))
    evidence = tuple(f"symptoms@{seen.at.isoformat()}" for seen in known.observations[-1:])
    ill_from = known.symptomatic_from
    if len(run) == len(known.observations) and (ill_from is None or (run and run[-1].at < ill_from)):
        return Criterion("respiratory", True, None, evidence)
    return Criterion("respiratory", bool(run), run[-1].at if run else None, evidence)


def imaging(known: Known) -> Criterion:
    """D3. Imaging clearly improved, or no pneumonia ever seen; never imaged: not required below severity common."""

    def holds(at: datetime) -> bool:
        return _imaging_fine(up_to(known.studies, at), up_to(known.assessments, at))

    evidence = tuple(study.study_id for study in known.studies[-1:])
    if not holds(known.instant):
        return Criterion("imaging", False, None, evidence)
    instants = sorted({fact.at for fact in (*known.studies, *known.assessments)})
    return Criterion("imaging", True, held_since(instants, holds, before=True), evidence)


class Rule(NamedTuple):
    """A criterion, and since when at least an unmet one has been unmet (None: since ever).

    `judge` gives None where the protocol in force has no such criterion. `unmet_from` needs not look back further than
    to the last fact that may have ended it.
    """

    judge: Callable[[Known], Criterion | None]
    unmet_from: Callable[[Known], datetime | None]


def _temperature_unmet_from(known: Known) -> datetime | None:
    read = read_temperatures(known)
    return read.unmet_from if read else None


def _respiratory_unmet_from(known: Known) -> datetime | None:
    told = [seen.at for seen in known.observations[-1:]]
    return max([*told, known.symptomatic_from] if known.symptomatic_from else told, default=None)


def _imaging_unmet_from(known: Known) -> datetime | None:
    return max((fact.at for fact in (*known.studies[-1:], *known.assessments[-1:])), default=None)


def _tests_unmet_from(known: Known) -> datetime | None:
    return known.results[-1].at if known.results else None


CRITERIA: Final = (
    Rule(temperature, _temperature_unmet_from),
    Rule(respiratory, _respiratory_unmet_from),
    Rule(imaging, _imaging_unmet_from),
    Rule(two_negatives, _tests_unmet_from),
    Rule(persistently_positive, _tests_unmet_from),
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
    return judge(known_at(facts, episode, instant))


def judge(known: Known) -> Judgement:
    """Every criterion, by what was known."""
    judged = [(rule, criterion) for rule in CRITERIA if (criterion := rule.judge(known)) is not None]
    if judged[-1][1].name == "persistently_positive" and judged[-1][1].met:
        judged = [entry for entry in judged if entry[1].name != "two_negatives"]
    unmet = tuple(rule for rule, criterion in judged if not criterion.met)
    return Judgement(known, tuple(criterion for _, criterion in judged), unmet)


def within_reach(known: Known) -> bool:
    """Whether the criteria may be, or may ever have been, met: cheap, and true of few days of a stay.

    Not without two tests that may be negative in some version, unless the panel overrode D4 or it is not required.
    """
    if known.protocol.two_negatives is None or any(approval.override for approval in known.approvals):
        return True
    maybe = {result.result_id for result in known.results if result.outcome != "detected" or result.lowest_ct}
    return len(maybe) > 1


def _improved(observation: Observation) -> bool:
    return observation.respiratory in IMPROVED


def _imaging_fine(studies: tuple[Study, ...], assessments: tuple[Assessment, ...]) -> bool:
    if studies:
        return studies[-1].change == "improved" or not any(study.pneumonia for study in studies)
    return _severity(assessments) not in IMAGING_REQUIRED


def _severity(assessments: tuple[Assessment, ...]) -> str | None:
    """The class that holds of the rule's and the clinician's (S3)."""
    if not assessments:
        return None
    return max(assessments, key=lambda known: (known.prevails, known.at, known.by == "report")).severity
