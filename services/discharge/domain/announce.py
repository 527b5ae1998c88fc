"""What discharge states: whether the criteria are met, how each stay ended, which discharge broke the rule."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import asdict

from chassis.decide.announcing import Announcer, Statement, Things, by_kind, restated
from schemas.events.discharge import (
    DischargeCriteriaLost,
    DischargeCriteriaMet,
    Discharged,
    DischargeRevoked,
    DischargeRuleViolated,
)
from schemas.events.rejections import ReportRejected
from services.discharge.domain.conclusions import (
    CaseState,
    Conclusions,
    CriteriaStanding,
    Criterion,
    Departure,
    Violation,
)
from services.discharge.domain.criteria import judge_as_of
from services.discharge.domain.discharges import residence_of
from services.discharge.domain.episodes import Episode, episodes
from services.discharge.domain.facts import Comorbidity, Discharge, Facts, Residence
from services.discharge.policy import CONFLICT_AFTER

Slot = tuple[str, int | str]
"""What an event is about: the criteria, the discharge or the violation of an episode, or the answer to a report."""

UNEXPLAINED = "No admission before this discharge was reported; it is taken up if one is."


class Left(NamedTuple):
    """The last word on how a stay ended, and what goes with the patient."""

    departure: Departure
    discharge: Discharge
    residence: Residence | None
    comorbidities: tuple[Comorbidity, ...]


class Broken(NamedTuple):
    """A discharge that broke the rule."""

    violation: Violation
    discharge: Discharge


def _source(state: CaseState) -> tuple[Facts | None, Any]:
    """While nobody was discharged, all follows from where the criteria stand."""
    if not state.facts.discharges:
        return None, state.conclusions.criteria
    return state.facts, state.conclusions


def _things(source: tuple[Facts | None, Any]) -> Mapping[Slot, Any]:
    facts, conclusions = source
    if facts is None:
        return {("criteria", stands.episode): stands for stands in conclusions}
    return standing(facts, conclusions)


def standing(facts: Facts, conclusions: Conclusions) -> Mapping[Slot, Any]:
    """All that this service states as true of a case."""
    things: dict[Slot, Any] = {("criteria", stands.episode): stands for stands in conclusions.criteria}
    known = {discharge.key: discharge for discharge in facts.discharges}
    stays: dict[int, Episode] = {episode.number: episode for episode in episodes(facts)}
    comorbidities = _comorbidities(facts)
    for left in conclusions.departures:
        discharge = known[left.discharge]
        residence = residence_of(discharge, stays[left.episode])
        things["discharge", left.episode] = Left(left, discharge, residence, comorbidities)
    for broken in conclusions.violations:
        things["violation", broken.episode] = Broken(broken, known[broken.discharge])
    unexplained = frozenset(conclusions.unexplained)
    for discharge in facts.discharges:
        if discharge.report_id in unexplained:
            things["rejection", discharge.report_id] = discharge
    return things


def _comorbidities(facts: Facts) -> tuple[Comorbidity, ...]:
    """All that are known now: they are about no instant, and each says whether it is active. Active ones first, so that
    those beyond what an event may hold are the ones that need nothing.
    """
    known_now = (known for known in facts.comorbidities if not known.withdrawn)
    return tuple(sorted(known_now, key=lambda known: (not known.active, known.condition)))


def _criteria(after: CaseState, slot: Slot, stands: CriteriaStanding) -> Statement:
    data = {
        "case_id": after.facts.case_id,
        "episode": stands.episode,
        "protocol": stands.protocol,
        "criteria": _plain(stands.criteria),
    }
    return Statement(DischargeCriteriaMet if stands.met else DischargeCriteriaLost, stands.at, data)


def _departure(after: CaseState, slot: Slot, thing: Left) -> Statement:
    left, discharge = thing.departure, thing.discharge
    about = {"case_id": after.facts.case_id, "episode": left.episode, "discharged_at": discharge.at}
    if left.revoked_at is not None:
        return Statement(DischargeRevoked, left.revoked_at, {**about, "revoked_at": left.revoked_at, "why": left.why})
    data = {
        **about,
        "institution_id": discharge.institution_id,
        "disposition": discharge.disposition,
        "destination": discharge.destination,
        "residence": asdict(thing.residence) if thing.residence else None,
        "time_zone": left.time_zone,
        "primary_institution_id": discharge.primary_institution_id,
        "length_of_stay_days": left.length_of_stay_days,
        "protocol": left.protocol,
        "criteria_met": left.criteria_met,
        "comorbidities": tuple(_comorbidity(known) for known in thing.comorbidities),
    }
    return Statement(Discharged, discharge.at, data)


def _comorbidity(known: Comorbidity) -> Mapping[str, Any]:
    return {
        "condition": known.condition,
        "active": known.active,
        "needs_regular_care": known.needs_regular_care,
        "regular_medicines": known.regular_medicines,
        "medicines_last_until": known.medicines_last_until,
    }


def _violation(after: CaseState, slot: Slot, thing: Broken) -> Statement:
    broken, discharge = thing
    data = {
        "case_id": after.facts.case_id,
        "episode": broken.episode,
        "discharged_at": discharge.at,
        "institution_id": discharge.institution_id,
        "protocol": broken.protocol,
        "unmet": broken.unmet,
        "criteria": _plain(broken.criteria),
    }
    return Statement(DischargeRuleViolated, discharge.at, data)


def _rejection(after: CaseState, slot: Slot, discharge: Discharge) -> Statement:
    data = {
        "report_id": discharge.report_id,
        "report_type": discharge.report_type,
        "source": discharge.source,
        "code": "conflict",
        "reason": UNEXPLAINED,
        "at": "discharged_at",
    }
    return Statement(ReportRejected, discharge.received_at + CONFLICT_AFTER, data)


def _changed(after: CaseState, slot: Slot, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """What ceased is said again as withdrawn; of criteria that were met, as lost. An answer stays."""
    if now is not None or was.event is not ReportRejected:
        lost = now is None and was.event is DischargeCriteriaMet
        yield from restated(after, slot, _never_met(after.facts, slot, was) if lost else was, now)


def _never_met(facts: Facts, slot: Slot, was: Statement) -> Statement:
    """Lost, with the criteria of that very instant as they are known now, where the episode still is one."""
    data = was.data
    for episode in episodes(facts):
        if episode.number == slot[1]:
            judged = judge_as_of(facts, episode, was.time)
            data = {**data, "protocol": judged.protocol, "criteria": _plain(judged.criteria)}
    return Statement(DischargeCriteriaLost, was.time, data)


def _plain(criteria: tuple[Criterion, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(asdict(criterion) for criterion in criteria)


announce: Announcer[Facts, Conclusions] = Announcer(
    {
        "case": Things(
            _source,
            _things,
            by_kind({"criteria": _criteria, "discharge": _departure, "violation": _violation, "rejection": _rejection}),
            change=_changed,
        )
    }
)
