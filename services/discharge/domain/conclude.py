"""The rules of discharge, applied to an episode at a time."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property

from chassis.decide.judge import Clock
from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Conclusions, CriteriaStanding
from services.discharge.domain.criteria import Judgement, judge, within_reach
from services.discharge.domain.criteria_status import criteria_status, next_changes
from services.discharge.domain.discharges import (
    Ended,
    departure,
    ended_at,
    other_stays,
    outcomes,
    unexplained,
    violation,
)
from services.discharge.domain.episodes import (
    Episode,
    episodes,
    excluded_episodes,
    institution_of,
    positive_retests,
)
from services.discharge.domain.facts import Discharge, Facts, Place
from services.discharge.domain.stays import Stays, stays
from services.discharge.policy import CONFLICT_AFTER, LOOK_AGAIN_AFTER

Directory = Mapping[str, Place]
"""Institution → where it is."""


class Course:
    """All that was reported of a case, divided into episodes and stays; each part is drawn when first asked."""

    def __init__(self, facts: Facts, place: Place | None) -> None:
        self.facts, self.place = facts, place

    @cached_property
    def episodes(self) -> tuple[Episode, ...]:
        return episodes(self.facts, self.place)

    @cached_property
    def positives(self) -> tuple[datetime, ...]:
        return positive_retests(self.facts, self.place) if self.facts.discharges else ()

    @cached_property
    def stays(self) -> Stays:
        return stays(self.facts, self.positives)

    @cached_property
    def ended(self) -> list[Ended]:
        """How the stays of each episode ended."""
        of_episodes = [EpisodeFacts(self.facts, episode) for episode in self.episodes]
        return outcomes(self.stays.ends, of_episodes, self.positives)

    @cached_property
    def never_were(self) -> list[Ended]:
        """I2. The same of later episodes that were excluded, whose stays are other stays of the one before."""
        if not self.facts.discharges:
            return []
        excluded = excluded_episodes(self.facts, self.place)
        return [
            ended
            for episode in excluded
            for ended in outcomes(self.stays.ends, [EpisodeFacts(self.facts, episode)], self.positives)
        ]

    def waiting(self) -> Iterator[Discharge]:
        """The discharges that nothing explains, in every version: kept, shown, and taken up when an admission before
        them is told.
        """
        left = [version for end in self.stays.ends if end.cancelled_at is None for version in end.versions]
        for episode in self.episodes:
            for discharge in left:
                if episode.holds(discharge.at) and unexplained(discharge, episode, self.facts, self.positives):
                    yield discharge


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Directory | None) -> Conclusions:
    """D0 to D8. Everything is drawn anew from the facts and the clock's `now`."""
    course = Course(facts, _place(facts, clock, context))
    departures = [departure(ended) for ended in (*course.ended, *course.never_were)]
    violations = [violation(ended) for ended in course.ended]
    criteria = [_criteria(ended, clock) for ended in course.ended]
    answered = list(_answered(course, clock))
    return Conclusions(
        due=clock.due,
        done=clock.done,
        criteria=tuple(found for found in criteria if found),
        departures=tuple(found for found in departures if found),
        violations=tuple(found for found in violations if found),
        unexplained=tuple(known.report_id for known in answered),
        other_stays=tuple(stay for ended in course.ended for stay in other_stays(ended)),
        place=course.place,
    )


def _place(facts: Facts, clock: Clock, directory: Directory | None) -> Place | None:
    """Where the case is while intake has not said so: where the institution is that admitted or discharged it.

    One that the directory does not know yet is looked up again, also in case both came at the same moment.
    """
    institution_id = institution_of(facts)
    if institution_id is None or directory is None:
        return None
    if institution_id not in directory:
        clock.passed(clock.now + LOOK_AGAIN_AFTER)
    return directory.get(institution_id)


def _answered(course: Course, clock: Clock) -> Iterator[Discharge]:
    """The discharges that nothing had explained a day after they came. The answer stays, whatever comes later."""
    conflicts = (*course.waiting(), *course.stays.elsewhere)
    unexplained_now = {discharge.report_id for discharge in conflicts}
    for discharge in course.facts.discharges:
        conflict = f"conflict {discharge.report_id}"
        asked = discharge.report_id in unexplained_now or conflict in clock.done
        if asked and clock.lapsed(conflict, discharge.received_at + CONFLICT_AFTER, answered=False):
            yield discharge


def _criteria(ended: Ended, clock: Clock) -> CriteriaStanding | None:
    """D6. As of now while in hospital, else as of the end of the stay. Of an episode that never was nothing stands."""
    episode = ended.episode
    if episode.excluded or not episode.admissions:
        return None
    at = ended_at(ended)
    if at is None:
        judged = _judged_now(ended.facts, clock)
    else:
        judged = next((end.judged for end in ended.ends if end.discharge.at == at), None)
        judged = judged or judge(AsOf(ended.facts, at))
    return criteria_status(judged) if judged else None


def _judged_now(facts: EpisodeFacts, clock: Clock) -> Judgement | None:
    """D0. As of now, and again when the clock alone changes it; None while the criteria are out of reach."""
    as_of = AsOf(facts, clock.now)
    judged = judge(as_of) if within_reach(as_of) else None
    for change in next_changes(as_of, judged):
        clock.passed(change)
    return judged
