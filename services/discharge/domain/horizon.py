"""The instants at which the clock alone may change whether the criteria are met: nothing else wakes a quiet case."""

from collections.abc import Iterator
from datetime import datetime

from services.discharge.domain.calendar import start_of_day
from services.discharge.domain.criteria import Judgement
from services.discharge.domain.facts import Fact, Facts
from services.discharge.domain.known import Known
from services.discharge.domain.timeline import last_by
from services.discharge.policy import next_protocol_from


def turns(known: Known, judged: Judgement | None) -> Iterator[datetime]:
    """All such instants after that of the judgement, as far as they are known now.

    `judged`: None where what is known could not meet the criteria at any time.
    """
    by_the_clock = _by_the_clock(judged) if judged else ()
    later = (*_facts_ahead(known.chart.facts, known.local), *_next_protocol(known), *by_the_clock)
    return (at for at in later if at > known.local)


def _facts_ahead(facts: Facts, instant: datetime) -> Iterator[datetime]:
    """What is known already and counts only from its clinical time on: a hospital's clock may be fast."""
    kinds: tuple[tuple[Fact, ...], ...] = (
        facts.measurements,
        facts.observations,
        facts.studies,
        facts.assessments,
        facts.results,
        facts.approvals,
        facts.admissions,
    )
    for known in kinds:
        if known and known[-1].at > instant:
            yield known[last_by(known, instant) + 1].at


def _next_protocol(known: Known) -> Iterator[datetime]:
    episode = known.episode
    following = next_protocol_from(known.protocol, episode.jurisdiction)
    if following:
        yield start_of_day(following, episode.zone)


def _by_the_clock(judged: Judgement) -> Iterator[datetime]:
    """D1 and D5, where nothing else is missing."""
    unmet = {criterion.name for criterion in judged.criteria if not criterion.met}
    persists_at = _persists_at(judged)
    if persists_at is not None:
        unmet -= {"two_negatives", "persistently_positive"}
    if unmet <= {"temperature"}:
        read = judged.known.temperatures
        temperature_turns_at = read.turns_at if read else None
        yield from (at for at in (temperature_turns_at, persists_at) if at is not None)


def _persists_at(judged: Judgement) -> datetime | None:
    """D5. When 28 days are over, where the panel has given its override already."""
    last = judged.criteria[-1]
    overridden = judged.known.override_from is not None
    return last.next_possible_at if last.name == "persistently_positive" and not last.met and overridden else None
