"""D6: since when the criteria have all been met, or when they were lost; and when the clock alone may change that.

Drawn from the facts alone, never from what was said before: so in whichever order reports come, the same stands.
"""

from collections.abc import Iterator
from datetime import datetime

from services.discharge.domain.as_of import AsOf
from services.discharge.domain.conclusions import CriteriaStanding
from services.discharge.domain.criteria import Judgement, judge, within_reach
from services.discharge.domain.facts import Fact, Facts
from services.discharge.domain.timeline import INSTANT, last_by, start_of_day
from services.discharge.policy import next_protocol_from


def criteria_status(judged: Judgement) -> CriteriaStanding | None:
    """What stands: all met, since the instant at which the last one became true; or lost again.

    The criteria are drawn as of that very instant, so what comes to be known of a later time changes nothing of what
    was said. None while nobody is known to be in hospital, and where they have never been met.

    `judged`: as of now while the patient is in hospital; for a discharged one as of the discharge, which so ends their
    standing: nothing that happens from then on announces them or takes them back. In the ordinary order nothing is said
    at the discharge either, since the same stood just before; only where a report about the stay comes after that of
    its end is the difference said, so that whoever folds holds the same as if it had come in time.
    """
    episode = judged.as_of.episode
    begins = episode.admitted_at
    if begins is None or judged.as_of.local < begins:
        return None
    at = _met_since(judged, begins) if judged.met else _lost_at(judged, begins)
    if at is None:
        return None
    then = judge(AsOf(judged.as_of.facts, at))
    return CriteriaStanding(episode.number, judged.met, at, then.protocol, then.criteria)


def next_changes(as_of: AsOf, judged: Judgement | None) -> Iterator[datetime]:
    """The instants ahead at which the clock alone may change whether all are met: nothing else wakes a quiet case.

    `judged`: None where what is known could not meet the criteria at any time.
    """
    by_the_clock = _by_the_clock(judged) if judged else ()
    later = (*_facts_ahead(as_of.facts.case_facts, as_of.local), *_next_protocol(as_of), *by_the_clock)
    return (at for at in later if at > as_of.local)


def _met_since(judged: Judgement, begins: datetime) -> datetime:
    """When the last criterion became true. A change of protocol on both sides of which they hold made none true."""
    turned = (judged.protocol_from, *(criterion.since for criterion in judged.criteria))
    since = max([begins, *(at for at in turned if at is not None)])
    if since == judged.protocol_from and since > begins:
        before = judge(AsOf(judged.as_of.facts, since - INSTANT))
        if before.met:
            return _met_since(before, begins)
    return since


def _lost_at(judged: Judgement, begins: datetime) -> datetime | None:
    """The end of the last time at which all were met; None where there was none.

    Looks back from one judgement to the last instant before which each unmet criterion may have been met.
    """
    if not within_reach(judged.as_of):
        return None
    while (turn := _turn(judged)) is not None and turn > begins:
        judged = judge(AsOf(judged.as_of.facts, turn - INSTANT))
        if judged.met:
            return turn
    return None


def _turn(judged: Judgement) -> datetime | None:
    """The earliest instant from which on some criterion has been unmet, or another protocol in force."""
    turns = [rule.unmet_from() for rule in judged.unmet]
    unmet_from = min((turn for turn in turns if turn is not None), default=None) if None not in turns else None
    bounds = [at for at in (unmet_from, judged.protocol_from) if at is not None]
    return max(bounds, default=None)


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
    yield from (held.at for known in facts.assessments for held in known.history if held.at > instant)


def _next_protocol(as_of: AsOf) -> Iterator[datetime]:
    episode = as_of.episode
    following = next_protocol_from(as_of.protocol, episode.jurisdiction)
    if following:
        yield start_of_day(following, episode.zone)


def _by_the_clock(judged: Judgement) -> Iterator[datetime]:
    """Where no unmet criterion waits for a report: one that is far from discharge is not woken every midnight."""
    if all(rule.next_changes() is not None for rule in judged.unmet):
        for rule in judged.rules:
            yield from rule.next_changes() or ()
