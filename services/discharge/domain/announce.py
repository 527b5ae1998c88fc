"""What discharge states: whether the criteria are met, how each stay ended, which discharge broke the rule."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import asdict

from chassis.decide.announcing import Announcer, Statement, Things, Word, by_kind, restated
from schemas.events.discharge import (
    DischargeCriteriaLost,
    DischargeCriteriaMet,
    Discharged,
    DischargeRevoked,
    DischargeRuleViolated,
    OtherStayEnded,
)
from schemas.events.rejections import ReportRejected
from services.discharge.domain.conclusions import (
    CaseState,
    Conclusions,
    CriteriaStanding,
    Criterion,
    Departure,
    OtherStay,
    Violation,
)
from services.discharge.domain.criteria import judge_as_of
from services.discharge.domain.discharges import residence_of
from services.discharge.domain.episodes import Episode, episodes, excluded_episodes
from services.discharge.domain.facts import Comorbidity, Discharge, Facts, Residence
from services.discharge.domain.stays import named_discharges
from services.discharge.policy import CONFLICT_AFTER

Slot = tuple[str, int | str | datetime]
"""What an event is about: the criteria, the discharge or the violation of an episode, another stay by its admission, or
the answer to a report.
"""

UNEXPLAINED = "No admission explains this discharge: none before it, or the last elsewhere; it is taken up if one does."


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


class Another(NamedTuple):
    """A stay that is none of the illness's, and how it ended."""

    stay: OtherStay
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
    illnesses = (*excluded_episodes(facts, conclusions.place), *episodes(facts, conclusions.place))
    of_number: dict[int, Episode] = {episode.number: episode for episode in illnesses}
    comorbidities = _comorbidities(facts)
    named = named_discharges(facts, [one.report_id or one.discharge for one in conclusions.departures])
    for left in conclusions.departures:
        discharge = named[left.report_id or left.discharge]
        residence = residence_of(discharge, of_number[left.episode])
        things["discharge", left.episode] = Left(left, discharge, residence, comorbidities)
    for broken in conclusions.violations:
        things["violation", broken.episode] = Broken(broken, named[broken.report_id or broken.discharge])
    for stay in conclusions.other_stays:
        things["other_stay", stay.admitted_at] = Another(stay, named[stay.report_id])
    for report_id in conclusions.unexplained:
        if report_id in named:
            things["rejection", report_id] = named[report_id]
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
    data = {
        "case_id": after.facts.case_id,
        "episode": left.episode,
        "discharged_at": discharge.at,
        "institution_id": discharge.institution_id,
    }
    if left.revoked_at is not None:
        return Statement(DischargeRevoked, left.revoked_at, {**data, "revoked_at": left.revoked_at, "why": left.why})
    data |= {
        "jurisdiction": left.jurisdiction,
        "district": left.district,
        "disposition": discharge.disposition,
        "destination": None if discharge.died else discharge.destination or None,
        "to_institution_id": discharge.to_institution_id,
        "known_at": left.known_at,
        "residence": _residence(thing.residence) if thing.residence else None,
        "time_zone": left.time_zone,
        "primary_institution_id": discharge.primary_institution_id,
        "length_of_stay_days": left.length_of_stay_days,
        "protocol": left.protocol,
        "criteria_met": left.criteria_met,
        "comorbidities": tuple(_comorbidity(known) for known in thing.comorbidities),
    }
    return Statement(Discharged, discharge.at, data)


def _residence(known: Residence) -> Mapping[str, Any]:
    return {"jurisdiction": known.jurisdiction, "district": known.district or None}


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


def _other_stay(after: CaseState, slot: Slot, thing: Another) -> Statement:
    stay, discharge = thing
    data = {
        "case_id": after.facts.case_id,
        "episode": stay.episode,
        "institution_id": discharge.institution_id,
        "admitted_at": stay.admitted_at,
        "ended_at": discharge.at,
        "disposition": discharge.disposition,
        "to_institution_id": discharge.to_institution_id,
    }
    return Statement(OtherStayEnded, discharge.at, data)


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
        yield from restated(after, slot, _never_met(after, slot, was) if lost else was, now)


def _never_met(after: CaseState, slot: Slot, was: Statement) -> Statement:
    """Lost, with the criteria of that very instant as they are known now, where the episode still is one."""
    data = was.data
    for episode in episodes(after.facts, after.conclusions.place):
        if episode.number == slot[1]:
            judged = judge_as_of(after.facts, episode, was.time)
            data = {**data, "protocol": judged.protocol, "criteria": _plain(judged.criteria)}
    return Statement(DischargeCriteriaLost, was.time, data)


def _plain(criteria: tuple[Criterion, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(asdict(criterion) for criterion in criteria)


_WORDS: Mapping[str, Word] = {
    "criteria": _criteria,
    "discharge": _departure,
    "violation": _violation,
    "other_stay": _other_stay,
    "rejection": _rejection,
}

announce: Announcer[Facts, Conclusions] = Announcer(
    {"case": Things(_source, _things, by_kind(_WORDS), change=_changed)}
)
