"""P2 and P3: who near home takes a patient on whose conditions need regular care."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID, uuid5

from msgspec import Struct

from chassis.decide.judge import Clock
from services.primarycare import policy
from services.primarycare.domain.basis import Basis, Choosing, Ending, asked_at
from services.primarycare.domain.escalation import Escalation, Step
from services.primarycare.domain.facts import Answer, Facts
from services.primarycare.domain.institutions import Directory
from services.primarycare.policy import Linking

_LINKAGES = UUID("0d7c2a54-6a3e-5b7e-9d0b-6f0a4f1f5c21")


class Request(Struct, frozen=True, array_like=True):
    """An institution was asked, and has until `respond_by` to answer. `late`: there had been no time left to ask it."""

    institution_id: str
    asked_at: datetime
    respond_by: datetime
    late: bool = False


class Linkage(Struct, frozen=True, array_like=True):
    """The search for somebody who takes the patient on (P2), and what came of it (P3).

    `accepted_by`: who does. `next_at`: the next escalation, while there is one. `ending`: None while it is open.
    """

    linkage_id: str
    ground: Choosing
    requests: tuple[Request, ...] = ()
    steps: tuple[Step, ...] = ()
    accepted_by: str | None = None
    next_at: datetime | None = None
    ending: Ending | None = None


class Search(NamedTuple):
    """What a search for somebody goes by. `accepted`: the answer that ended it, if any did."""

    basis: Basis
    answers: dict[str, Answer]
    accepted: Answer | None
    terms: Linking

    @property
    def until(self) -> datetime | None:
        """When what ended the search came."""
        ends = [self.accepted.received_at] if self.accepted else []
        ends += [self.basis.ended.at] if self.basis.ended else []
        return min(ends, default=None)

    def goes_on(self, at: datetime, candidate: str | None = None) -> bool:
        """Whether somebody else is asked at an instant: nobody has accepted by then, or it is the one who does."""
        if candidate is not None and self.accepted and self.accepted.institution_id == candidate:
            return True
        ends = [self.accepted.answered_at] if self.accepted else []
        ends += [self.basis.ended.at] if self.basis.ended else []
        return all(at < end for end in ends)

    def declined(self, candidate: str) -> Answer | None:
        """The answer of an institution that does not take the patient on."""
        answer = self.answers.get(candidate)
        return answer if answer is not None and not answer.accepted else None


def conditions(basis: Basis) -> tuple[str, ...]:
    """The active conditions that need regular care."""
    return tuple(one.condition for one in basis.start.comorbidities if one.needs_regular_care)


def medicines_last_until(basis: Basis) -> date | None:
    """P3: when the first medicine runs out, if it does so within the plan."""
    last = (one.medicines_last_until for one in basis.start.comorbidities)
    return min((day for day in last if day is not None and day <= basis.last_day), default=None)


def linkage(
    basis: Basis, facts: Facts, primary_id: str | None, before: Linkage | None, clock: Clock, context: Directory
) -> Linkage | None:
    """The linkage of a discharge; None where no condition needs regular care, or the patient does not go home."""
    if not (basis.goes_home and conditions(basis)):
        return None
    linkage_id = linkage_id_of(facts.case_id, basis.key)
    search = _search(basis, facts, linkage_id)
    known = before if before is not None and before.linkage_id == linkage_id else Linkage(linkage_id, basis.choosing)
    start = basis.start
    escalation = Escalation(
        linkage_id,
        search.terms.levels,
        known.steps,
        lambda level: context.commission(start.jurisdiction, start.district, level),
        clock,
    )
    requests = _asked(search, _candidates(basis, search, primary_id, known, context), known, escalation, clock.now)
    return Linkage(
        linkage_id,
        basis.choosing,
        requests,
        tuple(escalation.steps),
        search.accepted.institution_id if search.accepted else None,
        escalation.next_at,
        _ending(search, escalation, clock),
    )


def deliveries(facts: Facts, found: Linkage) -> int:
    """P3: how often care was given under a linkage, until it was over."""
    over_at = found.ending.at if found.ending else None
    return sum(
        care.linkage_id == found.linkage_id and (over_at is None or care.delivered_at < over_at) for care in facts.care
    )


def answers_to(facts: Facts, linkage_id: str) -> dict[str, Answer]:
    """What each institution answered, in the order of the answers."""
    return {answer.institution_id: answer for answer in facts.answers if answer.linkage_id == linkage_id}


def _search(basis: Basis, facts: Facts, linkage_id: str) -> Search:
    answers = answers_to(facts, linkage_id)
    accepted = next((answer for answer in answers.values() if answer.accepted), None)
    return Search(basis, answers, accepted, policy.linking(basis.start.jurisdiction, basis.day_0))


def _candidates(
    basis: Basis, search: Search, primary_id: str | None, known: Linkage, context: Directory
) -> Iterator[str]:
    """P2: those asked before, while their basis is there; the primary institution; the others of the district.

    Who has answered has; and who was asked for what is over was.
    """
    start, carers = basis.start, search.terms.carers
    if known.ground == basis.choosing:
        for asked in (request.institution_id for request in known.requests):
            settled = known.ending is not None or asked in search.answers or asked == primary_id
            if settled or context.stands(asked, start.jurisdiction, start.district, carers):
                yield asked
    if primary_id is not None:
        yield primary_id
    yield from context.carers(start.jurisdiction, start.district, carers)


def _asked(
    search: Search, candidates: Iterator[str], known: Linkage, escalation: Escalation, now: datetime
) -> tuple[Request, ...]:
    """Asks one after the other: the next when one declines, until somebody accepts or nobody is left."""
    within, at = search.terms.respond_within, search.basis.start.discharged_at
    before = {request.institution_id: request for request in known.requests}
    requests: list[Request] = []
    for candidate in dict.fromkeys(candidates):
        if requests and not search.goes_on(at, candidate):
            return tuple(requests)
        requests.append(_request(candidate, at, within, before.get(candidate), now))
        declined = search.declined(candidate)
        until = min((one for one in (declined and declined.received_at, search.until) if one), default=None)
        escalation.wait(candidate, "no_answer", requests[-1].respond_by, within, until)
        if declined is None:
            return tuple(requests)
        at = max(at, declined.answered_at)
    if search.goes_on(at):
        _nobody_left(search, requests, at, escalation)
    return tuple(requests)


def _request(candidate: str, at: datetime, within: timedelta, before: Request | None, now: datetime) -> Request:
    """Whoever was asked before is not asked anew, unless the basis of it lies at another instant now."""
    stays = before is not None and (before.late or before.asked_at == at)
    asked = before.asked_at if before is not None and stays else asked_at(at, now, within)
    return Request(candidate, asked, asked + within, late=asked != at)


def _nobody_left(search: Search, requests: list[Request], at: datetime, escalation: Escalation) -> None:
    """Escalated at once when the last one declines. Where nobody is known at all, somebody may be listed in time."""
    within = search.terms.respond_within
    if not requests:
        escalation.wait(None, "nobody_left", at + within, within, search.until)
        return
    last = requests[-1].institution_id
    escalation.at_once(last, "nobody_left", at, within)
    escalation.wait(last, "nobody_left", at + within, within, search.until)


def _ending(search: Search, escalation: Escalation, clock: Clock) -> Ending | None:
    """P3: over with the plan; one that nobody took on not before the last level has had its time as well."""
    basis = search.basis
    if basis.ended is not None:
        return basis.ended
    if search.accepted is not None:
        at, why = max(basis.ends_at, search.accepted.answered_at), "plan_ended"
    elif escalation.is_exhausted:
        at, why = max(basis.ends_at, escalation.steps[-1].at + search.terms.respond_within), "not_taken_on"
    else:
        return None
    return Ending(at, why) if clock.passed(at) else None


@lru_cache(maxsize=4096)
def linkage_id_of(case_id: str, key: str) -> str:
    """Derived from what names the linkage, so that the same linkage has the same id however it came about."""
    return str(uuid5(_LINKAGES, f"{case_id}\n{key}"))
