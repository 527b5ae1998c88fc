"""P2 and P3: who near home takes a patient on whose conditions need regular care."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID, uuid5

from msgspec import Struct

from chassis.decide.judge import Clock
from services.primarycare import policy
from services.primarycare.domain.basis import Basis, Choosing, Ending, asked_at, same_ground
from services.primarycare.domain.escalation import Escalation, Stage, Step
from services.primarycare.domain.facts import Answer, Facts
from services.primarycare.domain.institutions import Directory
from services.primarycare.domain.versions import Answered, Named, held
from services.primarycare.policy import Linking

_LINKAGES = UUID("0d7c2a54-6a3e-5b7e-9d0b-6f0a4f1f5c21")


class Request(Struct, frozen=True, array_like=True):
    """An institution was asked, and has until `respond_by` to answer. `late`: there had been no time left to ask it.

    `listed`: it was listed when nobody was left to ask, and has its time since.
    """

    institution_id: str
    asked_at: datetime
    respond_by: datetime
    late: bool = False
    listed: bool = False


class Linkage(Struct, frozen=True, array_like=True):
    """The search for somebody who takes the patient on (P2), and what came of it (P3).

    `accepted_by`: who does. `next_at`: the next escalation, while there is one. `ending`: None while it is open.
    `nobody_left`: whether there was nobody left to ask, so that who is asked next was listed since.
    """

    linkage_id: str
    ground: Choosing
    requests: tuple[Request, ...] = ()
    steps: tuple[Step, ...] = ()
    accepted_by: str | None = None
    next_at: datetime | None = None
    ending: Ending | None = None
    nobody_left: bool = False


class Search(NamedTuple):
    """What a search for somebody goes by. `accepted`: the answer that ended it, if any did.

    `known`: the search as it was announced. `watermark`: the instant up to which the topics have been read.
    """

    basis: Basis
    answers: dict[str, Answer]
    accepted: Answer | None
    terms: Linking
    known: Linkage
    watermark: datetime

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
    """P3: when the first medicine runs out, if it does so within aftercare."""
    last = (one.medicines_last_until for one in basis.start.comorbidities)
    return min((day for day in last if day is not None and day <= basis.last_day), default=None)


def linkage(
    basis: Basis, facts: Facts, primary_id: str | None, before: Linkage | None, clock: Clock, context: Directory
) -> Linkage | None:
    """The linkage of a discharge; None where no condition needs regular care, or the patient does not go home."""
    if not (basis.goes_home and conditions(basis)):
        return None
    linkage_id = linkage_id_of(facts.case_id, basis.linkage_key)
    known = before if before is not None and before.linkage_id == linkage_id else Linkage(linkage_id, basis.choosing)
    search = _search(basis, facts, known, clock.watermark)
    escalation = Escalation(linkage_id, search.terms.levels, known.steps, context, clock)
    candidates = tuple(dict.fromkeys(_candidates(basis, search, primary_id, known, context)))
    requests, nobody_left = _asked(search, candidates)
    escalation.climb(_stages(search, candidates, context))
    return Linkage(
        linkage_id,
        basis.choosing,
        requests,
        tuple(escalation.steps),
        search.accepted.institution_id if search.accepted else None,
        escalation.next_at,
        _ending(search, escalation, clock),
        nobody_left,
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


def _search(basis: Basis, facts: Facts, known: Linkage, watermark: datetime) -> Search:
    answers = answers_to(facts, known.linkage_id)
    accepted = next((answer for answer in answers.values() if answer.accepted), None)
    terms = policy.linking(basis.home.jurisdiction, basis.day_0)
    return Search(basis, answers, accepted, terms, known, watermark)


def _candidates(
    basis: Basis, search: Search, primary_id: str | None, known: Linkage, context: Directory
) -> Iterator[str]:
    """P2: those asked before, while their basis is there; the primary institution; the others of the district.

    Who has answered has; and who was asked for what is over was.
    """
    home, carers = basis.home, search.terms.carers
    if same_ground(known.ground, basis.choosing):
        for asked in (request.institution_id for request in known.requests):
            settled = known.ending is not None or asked in search.answers or asked == primary_id
            if settled or context.stands(asked, home.jurisdiction, home.district, carers):
                yield asked
    if primary_id is not None:
        yield primary_id
    yield from context.carers(home.jurisdiction, home.district, carers)


def _asked(search: Search, candidates: Sequence[str]) -> tuple[tuple[Request, ...], bool]:
    """Asks one after the other: the next when one declines, until somebody accepts or nobody is left."""
    at = search.basis.home.since
    requests: list[Request] = []
    for one in _turns(search, candidates, _answers(search)):
        at = one.at
        if one.request is None or (requests and not search.goes_on(at, one.request.institution_id)):
            break
        requests.append(one.request)
        if search.declined(one.request.institution_id) is None:
            return tuple(requests), False
    left = len(requests) == len(candidates)
    return tuple(requests), left and search.goes_on(at)


class _Turn(NamedTuple):
    """Whose turn it is, since when: the one that is asked; None: nobody is left."""

    at: datetime
    request: Request | None


def _turns(search: Search, candidates: Sequence[str], answers: Mapping[str, Answered]) -> Iterator[_Turn]:
    """The turns, one after the other, for as long as each declines, the next time from when it did."""
    at, known_at = search.basis.home.since, search.basis.home.known_at
    before = {request.institution_id: request for request in search.known.requests}
    for candidate in candidates:
        yield _Turn(at, _request(search, candidate, at, known_at, before.get(candidate)))
        answer = answers.get(candidate)
        if answer is None or answer.accepted:
            return
        at, known_at = max(at, answer.answered_at), max(known_at, answer.received_at)
    yield _Turn(at, None)


def _request(search: Search, candidate: str, at: datetime, known_at: datetime, before: Request | None) -> Request:
    """Whoever was listed when nobody was left has had no time before, and is not asked anew."""
    within, known = search.terms.respond_within, search.known
    is_of_the_first_edition = search.basis.start.received_at is None and before is not None and before.late
    if before is not None and (before.listed or is_of_the_first_edition):
        return before
    asked = asked_at(at, known_at, within)
    if before is None and known.nobody_left and same_ground(known.ground, search.basis.choosing):
        listed = asked_at(at, max(known_at, search.watermark), within)
        return Request(candidate, listed, listed + within, listed != at, listed != asked)
    return Request(candidate, asked, asked + within, late=asked != at)


def _stages(search: Search, candidates: Sequence[str], context: Directory) -> list[Stage]:
    """Who was waited for when, by what had come: the first answer that came ends the waiting (P2)."""
    ended = search.basis.ended
    instants = {one.received_at for answer in search.answers.values() for one in answer.history}
    instants |= search.basis.named_since
    instants |= {ended.first_received_at} if ended else set()
    return [_stage(search, candidates, at, context) for at in sorted(instants)]


def _stage(search: Search, candidates: Sequence[str], at: datetime, context: Directory) -> Stage:
    ended, within = search.basis.ended, search.terms.respond_within
    answers = _answers(search, at)
    over = ended is not None and ended.first_received_at <= at
    if over or at < search.basis.home.known_at or any(answer.accepted for answer in answers.values()):
        return Stage(at)
    named = search.basis.named_at(at)
    if named is not None and not same_ground(named.ground, search.basis.choosing):
        candidates = tuple(dict.fromkeys(_near(named, search.terms, context)))
    place = (named.jurisdiction, named.district) if named else ("", "")
    asked: str | None = None
    for turn in _turns(search, candidates, answers):
        if turn.request is not None:
            asked, by = turn.request.institution_id, turn.request.respond_by
            if asked not in answers:
                return Stage(at, asked, "no_answer", by, within, place=place)
    return Stage(at, asked, "nobody_left", turn.at + within, within, turn.at if asked else None, place)


def _near(named: Named, terms: Linking, context: Directory) -> Iterator[str]:
    """Who would have been asked where the patient was said to live."""
    primary_id = named.primary_institution_id or context.primary(named.jurisdiction, named.district)
    if primary_id is not None:
        yield primary_id
    yield from context.carers(named.jurisdiction, named.district, terms.carers)


def _answers(search: Search, at: datetime | None = None) -> dict[str, Answered]:
    """What each institution had answered by an instant, and since when that was known; without one by all that came."""
    found = {}
    for name, answer in search.answers.items():
        versions = answer.history
        if (holds := held(versions, at or versions[-1].received_at)) is not None:
            first = next(one.received_at for one in versions if one.accepted == holds.accepted)
            found[name] = Answered(first, holds.rank, holds.accepted, holds.answered_at)
    return found


def _ending(search: Search, escalation: Escalation, clock: Clock) -> Ending | None:
    """P3: over with aftercare; one that nobody took on not before the last level has had its time as well."""
    basis = search.basis
    if basis.ended is not None:
        return basis.ended
    if search.accepted is not None:
        at, why = max(basis.ends_at, search.accepted.answered_at), "aftercare_ended"
    elif escalation.is_exhausted:
        at, why = max(basis.ends_at, escalation.steps[-1].at + search.terms.respond_within), "not_taken_on"
    else:
        return None
    return Ending(at, why) if clock.passed(at) else None


@lru_cache(maxsize=4096)
def linkage_id_of(case_id: str, key: str) -> str:
    """Derived from what names the linkage, so that the same linkage has the same id however it came about."""
    return str(uuid5(_LINKAGES, f"{case_id}\n{key}"))
