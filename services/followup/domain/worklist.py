"""The case's row in `followup_case`: the call and the visit that are due first, as the work lists show them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from msgspec import Struct
from msgspec.json import encode

from schemas.calendar import end_of
from schemas.places import plain_district
from services.followup import policy
from services.followup.domain.calls import RequestedCall
from services.followup.domain.conclude import CaseState, Plan
from services.followup.domain.deadlines import name_of
from services.followup.domain.facts import Facts
from services.followup.domain.residence import Place
from services.followup.domain.visits import ReturnVisit, deadline_of

UNKNOWN = "unknown"
"""The jurisdiction of a case of which nobody has said where it is."""


class Row(NamedTuple):
    """The latest plan's. `call_by`, `visit_by`: by when it has to be done; what comes after that is late. `word_at`:
    when words were first told that nobody understands."""

    jurisdiction: str
    district: str
    call_by: datetime | None
    call: str | None
    visit_by: datetime | None
    visit: str | None
    word_at: datetime | None
    word: str | None
    plain_district: str


class Item(Struct, frozen=True, kw_only=True):
    """A line of a list. `kind`: `call`, `home_visit`, `return_visit` or `not_understood`. `more`: how many others of
    the case are open.

    `visit`: the return visit that it is, or that it is about. `time_zone`: that of the plan's days.
    """

    kind: str
    visit: str | None
    time_zone: str
    more: int


class AskedItem(Item, frozen=True, kw_only=True):
    """A call or a home visit that was asked for at `since` and is reported under `call_id` (F3).

    `days`: what it is about, where that is no return visit. `calls`: how many there are before the home visit. `why`:
    as `CallRequested` says it.
    """

    call_id: str
    attempt: int
    calls: int
    days: tuple[int, ...]
    since: datetime
    why: str


class ExpectedItem(Item, frozen=True, kw_only=True):
    """A return visit (F6): due on a civil day, and missed at `missed_at` if the patient has not come by then."""

    due_on: date
    missed_at: datetime


class WordItem(Item, frozen=True, kw_only=True):
    """Words for symptoms that are neither codes nor on the list, told in a report (F4)."""

    words: tuple[str, ...]
    evidence: str


Due = tuple[datetime, RequestedCall | ReturnVisit]
_by = itemgetter(0)


def row(state: CaseState) -> Row | None:
    """The values in the order of the table's columns; None while there is no plan."""
    plans: Sequence[Plan] = state.conclusions.plans
    if not plans:
        return None
    last = plans[-1]
    asked = [(call.call_by, call) for call in last.calls if not call.outcome]
    calls: list[Due] = [(by, call) for by, call in asked if not call.home]
    visits: list[Due] = [*((by, call) for by, call in asked if call.home), *_expected(state, last)]
    place = place_of(state.facts, last)
    due = *_first(last, calls), *_first(last, visits), *_words(last)
    return Row(place.jurisdiction or UNKNOWN, place.district, *due, plain_district(place.district))


def place_of(facts: Facts, plan: Plan) -> Place:
    """Where a plan is; each part is empty while nobody knows it."""
    return plan.place or Place(plan.jurisdiction, _district(facts, plan), plan.time_zone)


def _words(plan: Plan) -> tuple[datetime | None, str | None]:
    """The first words that nobody understands, and how they are shown."""
    words = plan.not_understood
    if not words:
        return None, None
    first, *others = sorted(words)
    item = WordItem(
        kind="not_understood",
        visit=None,
        time_zone=plan.time_zone,
        more=len(others),
        words=first.words,
        evidence=first.name,
    )
    return first.at, encode(item).decode()


def _expected(state: CaseState, plan: Plan) -> Iterator[Due]:
    """The return visits to come; a deadline that was skipped while the plan was cancelled stays skipped (F8)."""
    if plan.status.state in {"cancelled", "paused"}:
        return
    done = state.conclusions.done
    for visit in plan.visits:
        if visit.attended_at is None and name_of(plan.key, deadline_of(visit.visit)) not in done:
            yield end_of(visit.due_on, plan.time_zone), visit


def _first(plan: Plan, due: list[Due]) -> tuple[datetime | None, str | None]:
    """What is due first, and how it is shown."""
    if not due:
        return None, None
    by, thing = min(due, key=_by)
    more = len(due) - 1
    if isinstance(thing, RequestedCall):
        return by, encode(_asked(plan, thing, more)).decode()
    grace = policy.plan(plan.jurisdiction, plan.day_0).visit_grace_days
    return by, _visit(thing.visit, thing.due_on, grace, plan.time_zone, more)


def _asked(plan: Plan, call: RequestedCall, more: int) -> Item:
    return AskedItem(
        kind="home_visit" if call.home else "call",
        visit=call.visit or None,
        time_zone=plan.time_zone,
        more=more,
        call_id=call.call_id,
        attempt=call.attempt,
        calls=1 + len(policy.ladder(plan.jurisdiction, plan.day_0).later_calls_hours),
        days=call.days,
        since=call.opened_at,
        why=call.why or ("return_visit_missed" if call.visit else "day_missed"),
    )


@lru_cache(maxsize=4096)
def _visit(visit: str, due_on: date, grace_days: int, time_zone: str, more: int) -> str:
    """A return visit as it is shown, the same for all who were discharged on one day."""
    missed_at = end_of(due_on + timedelta(days=grace_days), time_zone)
    item = ExpectedItem(
        kind="return_visit", visit=visit, time_zone=time_zone, more=more, due_on=due_on, missed_at=missed_at
    )
    return encode(item).decode()


def _district(facts: Facts, plan: Plan) -> str:
    """Of the residence, as the plan's discharge names it."""
    return next(one.district for one in facts.discharges if one.starts and one.episode == plan.episode)
