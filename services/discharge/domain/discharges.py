"""D7 and D8: which discharge of an episode stands, which were taken back, and which broke the rule.

Everything is drawn from the facts: two discharges may contradict each other, and both are kept.

Which discharges are an episode's is drawn from what was reported of it and before it, never from where the next one
begins: followup finds that out from this very discharge, and would answer what its own answer has changed, for ever.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from schemas.reference import time_zone_of
from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclusions import Departure, Violation
from services.discharge.domain.criteria import Judgement, judge
from services.discharge.domain.criteria.pcr_tests import read_history
from services.discharge.domain.episodes import Episode, positive_retests
from services.discharge.domain.facts import Discharge, Facts, Residence
from services.discharge.domain.timeline import DAY, civil_date, last_by, start_of_day
from services.discharge.policy import DEFAULT_TIME_ZONE

FOLLOWED_UP = frozenset({"recovered", "against_advice"})
"""The dispositions that start a plan: only these can break the rule (D7) or be undone by a correction (D8)."""

DischargeKey = tuple[str, date]


class Outcome:
    """What became of one reported discharge. `revoked_at`, `why`: when and how it was taken back, if it was."""

    def __init__(self, facts: EpisodeFacts, discharge: Discharge, cancelled_at: datetime | None) -> None:
        self._facts, self.discharge = facts, discharge
        self.time_zone = _time_zone(discharge, facts.episode)
        self.revoked_at, self.why = cancelled_at, "cancelled" if cancelled_at else None
        if cancelled_at is None:
            self.revoked_at = _corrected_at(facts, self)
            self.why = "corrected" if self.revoked_at else None

    @cached_property
    def judged(self) -> Judgement:
        """As of the discharge (D0). Of thousands that were cancelled nobody asks."""
        return judge(AsOf(self._facts, self.discharge.at))


def cancelled(facts: Facts) -> dict[DischargeKey, datetime]:
    """D8. The discharges taken back by the hospital, and when: each time the latest not after the cancellation."""
    taken_back: dict[DischargeKey, datetime] = {}
    for cancellation in facts.cancellations:
        last = last_by(facts.discharges, cancellation.at)
        if last >= 0:
            taken_back.setdefault(facts.discharges[last].key, cancellation.at)
    return taken_back


def outcomes(facts: Facts, of_episodes: Iterable[EpisodeFacts]) -> list[tuple[EpisodeFacts, list[Outcome]]]:
    """What became of the discharges of each episode, in clinical order, without those that nothing explains."""
    taken_back, left, found = cancelled(facts), facts.discharges, []
    positives = positive_retests(facts)
    for episode_facts in of_episodes:
        ends = list(_of_episode(episode_facts, left, positives, taken_back))
        taken = {end.discharge.key for end in ends}
        left = tuple(discharge for discharge in left if discharge.key not in taken)
        found.append((episode_facts, ends))
    return found


def unexplained(discharge: Discharge, episode: Episode, facts: Facts, positives: Sequence[datetime]) -> bool:
    """A discharge before every known admission of its episode; one of which no admission is known is believed.

    An admission after a positive re-test that was collected since the discharge is of another episode.
    """
    began = [known.at for known in facts.admissions if not known.withdrawn and not episode.begins_after(known.at)]
    if not began or began[0] <= discharge.at:
        return False
    return not _any_within(positives, discharge.at, began[0])


def departure(episode: Episode, ends: list[Outcome]) -> Departure | None:
    """D8. The one discharge that stands, the latest; or the latest that was taken back, where none does.

    A transfer does not stand again when what happened at the next hospital is taken back.
    """
    standing = [end for end in ends if end.why is None]
    revoked = [end for end in ends if end.why is not None]
    last = standing[-1] if standing else None
    if last is None or (last.discharge.disposition == "transferred" and ends[-1].why is not None):
        last = revoked[-1] if revoked else None
    return _departure(episode, last) if last else None


def ended_at(episode: Episode, ends: list[Outcome]) -> datetime | None:
    """The instant at which the stay ended, and with it the criteria's standing (D6); None: still in hospital.

    A transfer ends it only while nothing is known of the next hospital. An episode that another follows is over.
    """
    standing = [end.discharge for end in ends if end.why is None]
    for discharge in standing:
        if discharge.disposition != "transferred":
            return discharge.at
    if standing and not _continued(episode, ends, standing[-1]):
        return standing[-1].at
    return episode.over_at


def violation(episode: Episode, ends: list[Outcome]) -> Violation | None:
    """D7. The latest discharge, not cancelled, without the criteria or without the panel's approval by then."""
    if episode.excluded:
        return None
    for end in reversed(ends):
        if end.discharge.disposition in FOLLOWED_UP and end.why != "cancelled":
            unmet = _unmet(end.judged)
            if unmet:
                key, judged = end.discharge.key, end.judged
                return Violation(episode.number, key, judged.protocol, unmet, judged.criteria)
    return None


def residence_of(discharge: Discharge, episode: Episode) -> Residence | None:
    """Where the patient lives: as the discharge says, else as the case was confirmed."""
    if discharge.residence is not None:
        return discharge.residence
    return episode.confirmation.residence if episode.confirmation else None


def _of_episode(
    facts: EpisodeFacts,
    reported: Iterable[Discharge],
    positives: Sequence[datetime],
    taken_back: Mapping[DischargeKey, datetime],
) -> Iterator[Outcome]:
    """From the episode's beginning up to the first positive re-test that follows a discharge home (F5)."""
    episode, home = facts.episode, None
    for discharge in reported:
        if episode.begins_after(discharge.at) or unexplained(discharge, episode, facts.case_facts, positives):
            continue
        if home is not None and _any_within(positives, home, discharge.at):
            return
        end = Outcome(facts, discharge, taken_back.get(discharge.key))
        if end.why is None and discharge.disposition in FOLLOWED_UP:
            home = discharge.at
        yield end


def _any_within(instants: Sequence[datetime], after: datetime, until: datetime) -> bool:
    return any(after < instant <= until for instant in instants)


def _corrected_at(facts: EpisodeFacts, outcome: Outcome) -> datetime | None:
    """D8. When D4, which held at the discharge, ceased to hold for good by the end of the plan.

    Looks at the specimens collected by the discharge, in whatever version has `resulted_at` before the plan's last day
    ends; D0 does not apply.
    """
    discharge, rule = outcome.discharge, outcome.judged.as_of.protocol.two_negatives
    if rule is None or discharge.disposition not in FOLLOWED_UP:
        return None
    until = _plan_end(outcome)
    results = [version for version in facts.results if version.at < until]
    if not results or results[-1].at <= discharge.at:
        return None
    enough = read_history(results, facts.episode._replace(over_at=discharge.at), rule).enough
    held, _ = enough.at(discharge.at)
    holds, since = enough.at(until)
    return since if held and not holds else None


def _plan_end(outcome: Outcome) -> datetime:
    """F1. The local midnight that closes the plan's last day, without extensions."""
    zone = ZoneInfo(outcome.time_zone)
    days = outcome.judged.as_of.protocol.plan_days
    return start_of_day(civil_date(outcome.discharge.at, zone) + DAY * (days + 1), zone)


def _time_zone(discharge: Discharge, episode: Episode) -> str:
    """The case's, unless the residence lies in another jurisdiction; the country's while the case is not known."""
    confirmation, residence = episode.confirmation, residence_of(discharge, episode)
    case_zone = confirmation.time_zone if confirmation else DEFAULT_TIME_ZONE
    if residence is None or (confirmation and residence.jurisdiction == confirmation.jurisdiction):
        return case_zone
    return time_zone_of(residence.jurisdiction) or case_zone


def _departure(episode: Episode, end: Outcome) -> Departure:
    return Departure(
        episode=episode.number,
        discharge=end.discharge.key,
        protocol=end.judged.protocol,
        criteria_met=end.judged.met,
        time_zone=end.time_zone,
        length_of_stay_days=_length_of_stay(episode, end.discharge.at),
        revoked_at=end.revoked_at,
        why=end.why,
    )


def _length_of_stay(episode: Episode, discharged_at: datetime) -> int | None:
    """Civil days between the first admission of the episode and the discharge; None where none before it is known."""
    if episode.admitted_at is None or episode.admitted_at > discharged_at:
        return None
    return (civil_date(discharged_at, episode.zone) - civil_date(episode.admitted_at, episode.zone)).days


def _continued(episode: Episode, ends: list[Outcome], transfer: Discharge) -> bool:
    """Whether the patient is known to have been in hospital after a transfer."""
    return ends[-1].why is not None or any(admission.at >= transfer.at for admission in episode.admissions)


def _unmet(judged: Judgement) -> tuple[str, ...]:
    """What was missing by name; an override that nobody gave is not missing, the two negatives are."""
    names = [rule.name for rule in judged.unmet if rule.required]
    return tuple(names) if judged.as_of.approvals else (*names, "approval")
