"""What primarycare learns around a discharge: whether it is a case, where the patient is watched, and where it lies."""

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import known_as, place, replace_versions
from schemas.events.discharge import OtherStayEnded
from schemas.events.followup import PlanEvent, QuarantineCancelled, QuarantineStarted
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import Admitted
from schemas.places import plain_district
from services.primarycare.domain.facts import Confirmation, Facts, Plan, Standing, Stay, StayEnd
from services.primarycare.domain.learn import having


def learn_confirmed(facts: Facts, event: CaseImported | LocalCaseConfirmed, receipt: Receipt) -> Facts:
    """An episode is a confirmed case."""
    confirmed = Confirmation(event.episode, receipt.rank, not event.withdrawn, receipt.received_at)
    return having(facts, event.case_id, confirmations=place(facts.confirmations, confirmed))


def learn_excluded(facts: Facts, event: CaseExcluded, receipt: Receipt) -> Facts:
    """The episode never was (I2)."""
    at = None if event.withdrawn else event.excluded_at
    excluded = Confirmation(event.episode, receipt.rank, False, receipt.received_at, at)
    return having(facts, event.case_id, confirmations=place(facts.confirmations, excluded))


def learn_plan(facts: Facts, event: QuarantineStarted, receipt: Receipt) -> Facts:
    """Where followup watches the patient (F9); of a place that is said again the first time counts."""
    if event.discharged_at is None:
        return facts
    plan = Plan(
        episode=event.episode,
        discharged_at=event.discharged_at,
        rank=receipt.rank,
        stands=not event.withdrawn,
        received_at=receipt.received_at,
        jurisdiction=event.jurisdiction or "",
        district=event.district or "",
        time_zone=event.time_zone or "",
        primary_institution_id=event.primary_institution_id,
    )
    before = known_as(facts.plans, plan)
    if before is not None and _says_the_same_place(before, plan):
        holds = plan if plan.rank > before.rank else before
        first = replace(holds, received_at=min(before.received_at, plan.received_at))
        plans = facts.plans if first == before else replace_versions(facts.plans, (before,), (first,))
        return having(facts, event.case_id, plans=plans)
    return having(facts, event.case_id, plans=place(facts.plans, plan))


def _says_the_same_place(before: Plan, plan: Plan) -> bool:
    return (before.jurisdiction, before.primary_institution_id, before.stands) == (
        plan.jurisdiction,
        plan.primary_institution_id,
        plan.stands,
    ) and plain_district(before.district) == plain_district(plan.district)


def learn_standing(facts: Facts, event: PlanEvent, receipt: Receipt) -> Facts:
    """How a plan stands (F8): what cancelled it ends what primary care has begun, unless it did not."""
    if event.discharged_at is None:
        return facts
    cancelled = event.why if isinstance(event, QuarantineCancelled) and not event.withdrawn else ""
    standing = Standing(event.episode, event.discharged_at, receipt.rank, receipt.received_at, cancelled)
    before = known_as(facts.standings, standing)
    if before is not None and before.cancelled == cancelled:
        first = replace(
            before,
            rank=max(before.rank, standing.rank),
            received_at=min(before.received_at, standing.received_at),
        )
        standings = facts.standings if first == before else replace_versions(facts.standings, (before,), (first,))
        return having(facts, event.case_id, standings=standings)
    return having(facts, event.case_id, standings=place(facts.standings, standing))


def learn_admitted(facts: Facts, event: Admitted, receipt: Receipt) -> Facts:
    """The patient lies in an institution, from then on."""
    stay = Stay(event.institution_id, event.admitted_at, receipt.rank, not event.withdrawn)
    return having(facts, event.case_id, stays=place(facts.stays, stay))


def learn_stay_ended(facts: Facts, event: OtherStayEnded, receipt: Receipt) -> Facts:
    """A stay after the discharge is over (D8)."""
    end = StayEnd(event.admitted_at, event.ended_at, receipt.rank, not event.withdrawn)
    return having(facts, event.case_id, stay_ends=place(facts.stay_ends, end))
