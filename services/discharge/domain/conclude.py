"""The rules of discharge, applied to an episode at a time."""

from collections.abc import Iterator

from chassis.decide.judge import Clock
from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Conclusions, CriteriaStanding
from services.discharge.domain.criteria import Judgement, judge, within_reach
from services.discharge.domain.criteria_status import criteria_status, next_changes
from services.discharge.domain.discharges import (
    Outcome,
    cancelled,
    departure,
    ended_at,
    outcomes,
    unexplained,
    violation,
)
from services.discharge.domain.episodes import episodes, positive_retests
from services.discharge.domain.facts import Discharge, Facts
from services.discharge.policy import CONFLICT_AFTER


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: None) -> Conclusions:
    """D0 to D8. Everything is drawn anew from the facts and the clock's `now`."""
    ends = outcomes(facts, [EpisodeFacts(facts, episode) for episode in episodes(facts)])
    criteria = [_criteria(episode_facts, ended, clock) for episode_facts, ended in ends]
    departures = [departure(episode_facts.episode, ended) for episode_facts, ended in ends]
    violations = [violation(episode_facts.episode, ended) for episode_facts, ended in ends]
    answered = list(_answered(facts, clock))
    return Conclusions(
        due=clock.due,
        done=clock.done,
        criteria=tuple(found for found in criteria if found),
        departures=tuple(found for found in departures if found),
        violations=tuple(found for found in violations if found),
        unexplained=tuple(known.report_id for known in answered),
    )


def _answered(facts: Facts, clock: Clock) -> Iterator[Discharge]:
    """The discharges that nothing had explained a day after they came. The answer stays, whatever comes later."""
    unexplained_now = {discharge.report_id for discharge in waiting(facts)}
    for discharge in facts.discharges:
        conflict = f"conflict {discharge.report_id}"
        asked = discharge.report_id in unexplained_now or conflict in clock.done
        if asked and clock.lapsed(conflict, discharge.received_at + CONFLICT_AFTER, answered=False):
            yield discharge


def waiting(facts: Facts) -> Iterator[Discharge]:
    """The discharges that nothing explains: kept, shown, and taken up when an admission before them is told."""
    if facts.discharges:
        taken_back, positives = cancelled(facts), positive_retests(facts)
        left = [discharge for discharge in facts.discharges if discharge.key not in taken_back]
        for episode in episodes(facts):
            for discharge in left:
                if episode.holds(discharge.at) and unexplained(discharge, episode, facts, positives):
                    yield discharge


def _criteria(facts: EpisodeFacts, ends: list[Outcome], clock: Clock) -> CriteriaStanding | None:
    """D6. As of now while in hospital, else as of the end of the stay. Of an episode that never was nothing stands."""
    episode = facts.episode
    if episode.excluded or not episode.admissions:
        return None
    at = ended_at(episode, ends)
    if at is None:
        judged = _judged_now(facts, clock)
    else:
        judged = next((end.judged for end in ends if end.discharge.at == at), None) or judge(AsOf(facts, at))
    return criteria_status(judged) if judged else None


def _judged_now(facts: EpisodeFacts, clock: Clock) -> Judgement | None:
    """D0. As of now, and again when the clock alone changes it; None while the criteria are out of reach."""
    as_of = AsOf(facts, clock.now)
    judged = judge(as_of) if within_reach(as_of) else None
    for change in next_changes(as_of, judged):
        clock.passed(change)
    return judged
