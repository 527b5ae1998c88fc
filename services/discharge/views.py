"""Questions that others may ask of discharge's database; read only."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import to_builtins
from msgspec.structs import asdict

from services.discharge.domain import Conclusions, Facts
from services.discharge.domain.as_of import AsOf, EpisodeFacts
from services.discharge.domain.conclude import waiting
from services.discharge.domain.conclusions import CriteriaStanding, Departure, Violation
from services.discharge.domain.criteria import Judgement, judge
from services.discharge.domain.discharges import Outcome, cancelled, ended_at, outcomes
from services.discharge.domain.episodes import Episode, episodes
from services.discharge.domain.facts import Discharge
from services.discharge.policy import CONFLICT_AFTER

ENDED_BY = {"transferred": "transferred", "died": "died"}
"""The stage that a disposition leads to; any other: discharged."""


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """Where a case stands on its way out of hospital, an entry for each episode.

    `stage`: `awaiting_admission`, `in_hospital`, `transferred`, `discharged`, `died`, or `excluded`; of the case, that
    of its last episode. `criteria`: as judged now, or as of the end of the stay. `waiting`: discharges that no
    admission explains, and when they are answered. `other_stays`: discharges after a positive re-test that began no
    episode: they end none, and start no plan.
    """
    ends = outcomes(facts, [EpisodeFacts(facts, episode) for episode in episodes(facts)])
    shown = [_episode(episode_facts, conclusions, ended, now) for episode_facts, ended in ends]
    return {
        "stage": shown[-1]["stage"],
        "episodes": shown,
        "waiting": [_waiting(discharge, conclusions) for discharge in waiting(facts)],
        "other_stays": [_report(discharge) for discharge in _others(facts, ends)],
        "cancellations": [to_builtins(cancellation.at) for cancellation in facts.cancellations],
        "comorbidities": [as_json(known, "rank", "withdrawn") for known in facts.comorbidities if not known.withdrawn],
        "looks_again_at": to_builtins(conclusions.due),
    }


def _others(facts: Facts, ends: list[tuple[EpisodeFacts, list[Outcome]]]) -> Iterator[Discharge]:
    shown = {end.discharge.key for _, of_episode in ends for end in of_episode}
    shown |= {discharge.key for discharge in waiting(facts)} | cancelled(facts).keys()
    return (discharge for discharge in facts.discharges if discharge.key not in shown)


def _episode(
    episode_facts: EpisodeFacts, conclusions: Conclusions, ends: list[Outcome], now: datetime
) -> dict[str, Any]:
    episode, facts = episode_facts.episode, episode_facts.case_facts
    ended = ended_at(episode, ends)
    judged = judge(AsOf(episode_facts, ended or now))
    return {
        "episode": episode.number,
        "stage": _stage(episode, ends, ended, now),
        "admissions": [as_json(known, "rank", "withdrawn", "symptoms") for known in episode.admissions],
        "criteria": _criteria(judged, _of(conclusions.criteria, episode)),
        "approvals": [as_json(known, "rank", "withdrawn") for known in facts.approvals if episode.holds(known.at)],
        "discharge": _departure(_of(conclusions.departures, episode), ends),
        "discharges": [_outcome(end) for end in ends],
        "violation": _violation(_of(conclusions.violations, episode)),
    }


def _stage(episode: Episode, ends: list[Outcome], ended: datetime | None, now: datetime) -> str:
    """By the last discharge that stands, if it ended the stay."""
    if episode.excluded:
        return "excluded"
    if ended is not None:
        last = next((end for end in reversed(ends) if end.why is None), None)
        return ENDED_BY.get(last.discharge.disposition, "discharged") if last else "discharged"
    admitted = episode.admitted_at is not None and episode.admitted_at <= now
    return "in_hospital" if admitted or ends else "awaiting_admission"


def _criteria(judged: Judgement, stands: CriteriaStanding | None) -> dict[str, Any]:
    """`announced`: what was last said of them, met or lost, and the instant at which that became true."""
    return {
        "as_of": to_builtins(judged.as_of.instant),
        "protocol": judged.protocol,
        "met": judged.met,
        "list": [as_json(criterion) for criterion in judged.criteria],
        "announced": {"met": stands.met, "at": to_builtins(stands.at)} if stands else None,
    }


def _departure(left: Departure | None, ends: list[Outcome]) -> dict[str, Any] | None:
    if left is None:
        return None
    report = next(end.discharge for end in ends if end.discharge.key == left.discharge)
    return {**as_json(left, "episode", "discharge"), **_report(report), "stands": left.why is None}


def _outcome(end: Outcome) -> dict[str, Any]:
    return {**_report(end.discharge), "revoked_at": to_builtins(end.revoked_at), "why": end.why}


def _violation(broken: Violation | None) -> dict[str, Any] | None:
    if broken is None:
        return None
    criteria = [as_json(criterion) for criterion in broken.criteria]
    return {**as_json(broken, "episode", "discharge", "criteria"), "criteria": criteria}


def _waiting(discharge: Discharge, conclusions: Conclusions) -> dict[str, Any]:
    answered = discharge.report_id in conclusions.unexplained
    return {
        **_report(discharge),
        "report_id": discharge.report_id,
        "answered_at": to_builtins(discharge.received_at + CONFLICT_AFTER),
        "answered": answered,
    }


def _report(discharge: Discharge) -> dict[str, Any]:
    shown = as_json(discharge, "rank", "withdrawn", "received_at", "report_id", "report_type", "source", "at")
    return {"discharged_at": to_builtins(discharge.at), **shown}


def as_json(known: Any, *without: str) -> dict[str, Any]:
    """The fields that say something, ready for JSON."""
    return {
        name: to_builtins(value) for name, value in asdict(known).items() if value is not None and name not in without
    }


def _of(concluded: tuple[Any, ...], episode: Episode) -> Any:
    return next((found for found in concluded if found.episode == episode.number), None)
