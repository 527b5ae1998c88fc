"""D7 and D8: which discharge of an episode stands, which were taken back, and which broke the rule.

Everything is drawn from the facts: two discharges may contradict each other, and both are kept.

Which discharges are an episode's is drawn from what was reported of it and before it, never from where the next one
begins: followup finds that out from this very discharge, and would answer what its own answer has changed, for ever.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.plans import STARTS_A_PLAN
from schemas.reference import time_zone_of
from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Departure, OtherStay, Violation
from services.discharge.domain.criteria import Judgement, judge
from services.discharge.domain.criteria.verdicts import read_history
from services.discharge.domain.episodes import Episode
from services.discharge.domain.facts import Discharge, Facts, Place, Residence
from services.discharge.domain.stays import StayEnd, admission_of, any_within
from services.discharge.domain.timeline import DAY, civil_date, start_of_day


class Outcome:
    """What became of one reported discharge. `revoked_at`, `why`: when and how it was taken back, if it was."""

    def __init__(self, facts: EpisodeFacts, end: StayEnd) -> None:
        self._facts, self.end, self.discharge = facts, end, end.discharge
        self.revoked_at, self.why = end.cancelled_at, "cancelled" if end.cancelled_at else None
        if end.cancelled_at is None:
            self.revoked_at = _corrected_at(facts, self)
            self.why = "corrected" if self.revoked_at else None

    @property
    def time_zone(self) -> str:
        return _time_zone(self.discharge, self._facts.episode)

    @cached_property
    def judged(self) -> Judgement:
        """As of the discharge (D0). Of thousands that were cancelled nobody asks."""
        return judge(AsOf(self._facts, self.discharge.at))


class Ended(NamedTuple):
    """How the stays of an episode ended: up to and with its discharge, and those after it that are other stays."""

    facts: EpisodeFacts
    ends: list[Outcome]
    others: list[StayEnd]

    @property
    def episode(self) -> Episode:
        return self.facts.episode


def outcomes(
    ends: Iterable[StayEnd], of_episodes: Iterable[EpisodeFacts], positives: Sequence[datetime]
) -> list[Ended]:
    """What became of the stays of each episode, in clinical order, without the discharges that nothing explains."""
    left, found = list(ends), []
    for facts in of_episodes:
        found.append(_of_episode(facts, left, positives))
        taken = {id(end) for end in (*(one.end for one in found[-1].ends), *found[-1].others)}
        left = [end for end in left if id(end) not in taken]
    return found


def unexplained(discharge: Discharge, episode: Episode, facts: Facts, positives: Sequence[datetime]) -> bool:
    """A discharge before every known admission of its episode; one of which no admission is known is believed.

    An admission after a positive re-test that was collected since the discharge is of another episode. The positive
    that confirmed this one is no re-test.
    """
    began = [known.at for known in facts.admissions if not known.withdrawn and not episode.begins_after(known.at)]
    if not began or began[0] <= discharge.at:
        return False
    before_it_all = episode.ill_from is not None and discharge.at < episode.ill_from
    return before_it_all or not any_within(positives, discharge.at, began[0])


def departure(ended: Ended) -> Departure | None:
    """D8. The one discharge that stands: the death, or the first that went home; else the latest that was taken back.

    A transfer does not stand again when what happened at the next hospital is taken back. Of an episode that never was
    none stands (I2).
    """
    ends, episode = ended.ends, ended.episode
    standing = [end for end in ends if end.why is None]
    homes = (end for end in standing if end.discharge.disposition in STARTS_A_PLAN)
    deaths = (end for end in standing if end.discharge.died)
    last = next(deaths, None) or next(homes, None) or (standing[-1] if standing else None)
    if last is None or (last.discharge.disposition == "transferred" and ends[-1].why is not None):
        last = next((end for end in reversed(ends) if end.why is not None), None)
    if last is None:
        return None
    if episode.excluded_at is not None and last.why != "cancelled":
        return _departure(episode, last, max(episode.excluded_at, last.discharge.at), "excluded")
    return _departure(episode, last, last.revoked_at, last.why)


def other_stays(ended: Ended) -> Iterator[OtherStay]:
    """D8. Stays after the episode's discharge that no re-positive explains, each named by its admission."""
    for end in ended.others:
        admission = admission_of(end, ended.facts.case_facts) if end.cancelled_at is None else None
        if admission is not None and not ended.episode.excluded:
            yield OtherStay(ended.episode.number, admission.at, end.discharge.report_id)


def ended_at(ended: Ended) -> datetime | None:
    """The instant at which the stay ended, and with it the criteria's standing (D6); None: still in hospital.

    A transfer ends it only while nothing is known of the next hospital. An episode that another follows is over.
    """
    standing = [end.discharge for end in ended.ends if end.why is None]
    for discharge in standing:
        if discharge.disposition != "transferred":
            return discharge.at
    if standing and not _continued(ended, standing[-1]):
        return standing[-1].at
    return ended.episode.over_at


def violation(ended: Ended) -> Violation | None:
    """D7. The latest discharge, not cancelled, without the criteria or without the panel's approval by then."""
    if ended.episode.excluded:
        return None
    for end in reversed(ended.ends):
        if end.discharge.disposition in STARTS_A_PLAN and end.why != "cancelled":
            unmet = _unmet(end.judged)
            if unmet:
                named, judged = end.discharge, end.judged
                return Violation(
                    ended.episode.number,
                    (named.institution_id, named.at.date()),
                    judged.protocol,
                    unmet,
                    judged.criteria,
                    named.report_id,
                )
    return None


def residence_of(discharge: Discharge, episode: Episode) -> Residence | None:
    """Where the patient lives: as the discharge says, else as the case was confirmed."""
    if discharge.residence is not None:
        return discharge.residence
    return episode.confirmation.residence if episode.confirmation else None


def _of_episode(facts: EpisodeFacts, ends: Iterable[StayEnd], positives: Sequence[datetime]) -> Ended:
    """From the episode's beginning up to the first positive re-test that follows a discharge home (F5)."""
    episode, home = facts.episode, None
    ended = Ended(facts, [], [])
    for end in ends:
        discharge = end.discharge
        if episode.begins_after(discharge.at) or unexplained(discharge, episode, facts.case_facts, positives):
            continue
        if home is not None and any_within(positives, home, discharge.at):
            break
        if home is not None and not discharge.died:
            ended.others.append(end)
            continue
        outcome = Outcome(facts, end)
        if outcome.why is None and discharge.disposition in STARTS_A_PLAN:
            home = discharge.at
        ended.ends.append(outcome)
    return ended


def _corrected_at(facts: EpisodeFacts, outcome: Outcome) -> datetime | None:
    """D8. When D4, which held at the discharge, ceased to hold for good by the end of the plan.

    Looks at the specimens collected by the discharge, in whatever version has `resulted_at` before the plan's last day
    ends; D0 does not apply.
    """
    discharge, protocol = outcome.discharge, outcome.judged.as_of.protocol
    if protocol.two_negatives is None or discharge.disposition not in STARTS_A_PLAN:
        return None
    until = _plan_end(outcome)
    results = [version for version in facts.results if version.at < until]
    if not results or results[-1].at <= discharge.at:
        return None
    enough = read_history(results, facts.episode._replace(over_at=discharge.at), protocol).enough
    held, _ = enough.at(discharge.at)
    holds, since = enough.at(until)
    return since if held and not holds else None


def _plan_end(outcome: Outcome) -> datetime:
    """F1. The local midnight that closes the plan's last day, without extensions."""
    zone = ZoneInfo(outcome.time_zone)
    days = outcome.judged.as_of.protocol.plan_days
    return start_of_day(civil_date(outcome.discharge.at, zone) + DAY * (days + 1), zone)


def _place(discharge: Discharge, episode: Episode) -> Place | None:
    """Where the patient is from now on: at the residence, else where the case is; None: nobody knows."""
    residence = residence_of(discharge, episode)
    if residence is None:
        return episode.place
    return Place(residence.jurisdiction, residence.district, _time_zone(discharge, episode))


def _time_zone(discharge: Discharge, episode: Episode) -> str:
    """The case's, unless the residence lies in another jurisdiction; the country's while the case is not known."""
    residence = residence_of(discharge, episode)
    if residence is None or residence.jurisdiction == episode.jurisdiction:
        return episode.zone.key
    return time_zone_of(residence.jurisdiction) or episode.zone.key


def _departure(episode: Episode, end: Outcome, revoked_at: datetime | None, why: str | None) -> Departure:
    place = _place(end.discharge, episode)
    return Departure(
        episode=episode.number,
        discharge=(end.discharge.institution_id, end.discharge.at.date()),
        protocol=end.judged.protocol,
        criteria_met=end.judged.met,
        time_zone=end.time_zone,
        length_of_stay_days=_length_of_stay(episode, end.discharge.at),
        revoked_at=revoked_at,
        why=why,
        report_id=end.discharge.report_id,
        known_at=end.end.known_at,
        jurisdiction=place.jurisdiction if place else None,
        district=(place.district or None) if place else None,
    )


def _length_of_stay(episode: Episode, discharged_at: datetime) -> int | None:
    """Civil days between the first admission of the episode and the discharge; None where none before it is known."""
    if episode.admitted_at is None or episode.admitted_at > discharged_at:
        return None
    return (civil_date(discharged_at, episode.zone) - civil_date(episode.admitted_at, episode.zone)).days


def _continued(ended: Ended, transfer: Discharge) -> bool:
    """Whether the patient is known to have been in hospital after a transfer."""
    admissions = ended.episode.admissions
    return ended.ends[-1].why is not None or any(admission.at >= transfer.at for admission in admissions)


def _unmet(judged: Judgement) -> tuple[str, ...]:
    """What was missing by name; an override that nobody gave is not missing, the two negatives are."""
    names = [rule.name for rule in judged.unmet if rule.required]
    return tuple(names) if judged.as_of.approvals else (*names, "approval")
