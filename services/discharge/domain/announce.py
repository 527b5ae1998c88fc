"""What stands, and the difference said aloud.

`standing` is drawn from the state alone, so what is said never depends on the order in which things were learnt. A
payload is plain values; an event is built only of what changed.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import asdict

from chassis.judge import Said, State, difference
from schemas.events.discharge import (
    DischargeCriteriaLost,
    DischargeCriteriaMet,
    Discharged,
    DischargeRevoked,
    DischargeRuleViolated,
)
from schemas.events.rejections import ReportRejected
from schemas.limits import within_limits
from schemas.message import CaseEvent, Event
from services.discharge.domain.conclusions import Conclusions, CriteriaStanding, Criterion, Departure, Violation
from services.discharge.domain.criteria import judge_as_of
from services.discharge.domain.discharges import residence_of
from services.discharge.domain.episodes import Episode, episodes
from services.discharge.domain.facts import Discharge, Facts
from services.discharge.policy import CONFLICT_AFTER

Slot = tuple[str, int | str]
"""What an event is about: the criteria, the discharge or the violation of an episode, or the answer to a report."""

UNEXPLAINED = "No admission before this discharge was reported; it is taken up if one is."


class Statement(NamedTuple):
    """A standing event before it is built: its type, when it became true, and its data."""

    event: type[Event]
    time: datetime
    data: dict[str, Any]


def standing(facts: Facts, conclusions: Conclusions) -> dict[Slot, Statement]:
    """All that this service states as true of a case."""
    said: dict[Slot, Statement] = {
        ("criteria", stands.episode): _criteria_statement(facts.case_id, stands) for stands in conclusions.criteria
    }
    if facts.discharges:
        known = {discharge.key: discharge for discharge in facts.discharges}
        stays = {episode.number: episode for episode in episodes(facts)}
        for left in conclusions.departures:
            said["discharge", left.episode] = _departure(facts, left, known[left.discharge], stays[left.episode])
        for broken in conclusions.violations:
            said["violation", broken.episode] = _violation(facts.case_id, broken, known[broken.discharge])
        unexplained = frozenset(conclusions.unexplained)
        for discharge in facts.discharges:
            if discharge.report_id in unexplained:
                said["rejection", discharge.report_id] = _rejection(discharge)
    return said


def announce(before: State, after: State) -> Iterator[Said]:
    """The difference. What ceased is said again as withdrawn; of criteria that were met, as lost. An answer stays."""
    if _says_the_same(before, after):
        return
    was, now = standing(before.facts, before.conclusions), standing(after.facts, after.conclusions)
    for slot, old, new in difference(was, now):
        if new is not None:
            yield Said(within_limits(new.event)(**new.data), new.time)
        elif old is not None and old.event is not ReportRejected:
            gone = _never_met(after.facts, slot, old) if old.event is DischargeCriteriaMet else old
            yield Said(within_limits(gone.event)(**gone.data, withdrawn=True), gone.time)


def _says_the_same(before: State, after: State) -> bool:
    """Whether at least that is plain: nobody was discharged, and of the criteria the same stands."""
    nobody_left = not (before.facts.discharges or after.facts.discharges)
    same: bool = nobody_left and before.conclusions.criteria == after.conclusions.criteria
    return same


def _criteria_statement(case_id: str, stands: CriteriaStanding) -> Statement:
    event: type[CaseEvent] = DischargeCriteriaMet if stands.met else DischargeCriteriaLost
    data = {
        "case_id": case_id,
        "episode": stands.episode,
        "protocol": stands.protocol,
        "criteria": _plain(stands.criteria),
    }
    return Statement(event, stands.at, data)


def _departure(facts: Facts, left: Departure, discharge: Discharge, episode: Episode) -> Statement:
    about = {"case_id": facts.case_id, "episode": left.episode, "discharged_at": discharge.at}
    if left.revoked_at is not None:
        return Statement(DischargeRevoked, left.revoked_at, {**about, "revoked_at": left.revoked_at, "why": left.why})
    residence = residence_of(discharge, episode)
    data = {
        **about,
        "institution_id": discharge.institution_id,
        "disposition": discharge.disposition,
        "destination": discharge.destination,
        "residence": asdict(residence) if residence else None,
        "time_zone": left.time_zone,
        "primary_institution_id": discharge.primary_institution_id,
        "length_of_stay_days": left.length_of_stay_days,
        "protocol": left.protocol,
        "criteria_met": left.criteria_met,
        "comorbidities": _comorbidities(facts),
    }
    return Statement(Discharged, discharge.at, data)


def _comorbidities(facts: Facts) -> tuple[Mapping[str, Any], ...]:
    """All that are known now: they are about no instant, and each says whether it is active. Active ones first, so that
    those beyond what an event may hold are the ones that need nothing.
    """
    known_now = [known for known in facts.comorbidities if not known.withdrawn]
    return tuple(
        {
            "condition": known.condition,
            "active": known.active,
            "needs_regular_care": known.needs_regular_care,
            "regular_medicines": known.regular_medicines,
            "medicines_last_until": known.medicines_last_until,
        }
        for known in sorted(known_now, key=lambda known: (not known.active, known.condition))
    )


def _violation(case_id: str, broken: Violation, discharge: Discharge) -> Statement:
    data = {
        "case_id": case_id,
        "episode": broken.episode,
        "discharged_at": discharge.at,
        "institution_id": discharge.institution_id,
        "protocol": broken.protocol,
        "unmet": broken.unmet,
        "criteria": _plain(broken.criteria),
    }
    return Statement(DischargeRuleViolated, discharge.at, data)


def _rejection(discharge: Discharge) -> Statement:
    data = {
        "report_id": discharge.report_id,
        "report_type": discharge.report_type,
        "source": discharge.source,
        "code": "conflict",
        "reason": UNEXPLAINED,
        "at": "discharged_at",
    }
    return Statement(ReportRejected, discharge.came + CONFLICT_AFTER, data)


def _never_met(facts: Facts, slot: Slot, said: Statement) -> Statement:
    """Lost, with the criteria of that very instant as they are known now, where the episode still is one."""
    data = said.data
    for episode in episodes(facts):
        if episode.number == slot[1]:
            judged = judge_as_of(facts, episode, said.time)
            data = {**data, "protocol": judged.protocol, "criteria": _plain(judged.criteria)}
    return Statement(DischargeCriteriaLost, said.time, data)


def _plain(criteria: tuple[Criterion, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(asdict(criterion) for criterion in criteria)
