"""How what changes the course of a plan from outside becomes a fact (F8, F9)."""

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import known_as, place, replace_versions, take
from schemas.events.discharge import OtherStayEnded
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import Admitted
from schemas.reports.followup import FollowUpEnded, ResidenceChanged
from services.followup.domain.changes import Admission, Ending, Exclusion, Residence, StayEnd
from services.followup.domain.facts import Facts
from services.followup.domain.learn import with_


def learn_admitted(facts: Facts, message: Admitted, receipt: Receipt) -> Facts:
    """An admission, or that it was cancelled (F8)."""
    gone_at = receipt.received_at if message.withdrawn else None
    new = Admission(message.institution_id, message.admitted_at, receipt.rank, receipt.received_at, gone_at)
    known = known_as(facts.admissions, new)
    if known is None:
        return with_(facts, message, admissions=place(facts.admissions, new))
    holds = replace(max(known, new, key=_rank), received_at=min(known.received_at, new.received_at))
    if holds == known:
        return facts
    return with_(facts, message, admissions=replace_versions(facts.admissions, (known,), (holds,)))


def _rank(admission: Admission) -> str:
    return admission.rank


def learn_other_stay_ended(facts: Facts, message: OtherStayEnded, receipt: Receipt) -> Facts:
    """Another stay is over (F8)."""
    end = StayEnd(
        message.admitted_at,
        message.ended_at,
        receipt.rank,
        receipt.received_at,
        message.disposition,
        not message.withdrawn,
    )
    return with_(facts, message, stay_ends=take(facts.stay_ends, end, replace))


def learn_excluded(facts: Facts, message: CaseExcluded, receipt: Receipt) -> Facts:
    """An episode that never was (I2), or was after all."""
    excluded = Exclusion(message.episode, receipt.rank, None if message.withdrawn else message.excluded_at)
    return with_(facts, message, exclusions=place(facts.exclusions, excluded))


def learn_confirmed(facts: Facts, message: CaseImported | LocalCaseConfirmed, receipt: Receipt) -> Facts:
    """An episode is confirmed: what was said of its exclusion before holds no more (I2)."""
    return with_(facts, message, exclusions=place(facts.exclusions, Exclusion(message.episode, receipt.rank, None)))


def learn_ended(facts: Facts, message: FollowUpEnded, receipt: Receipt) -> Facts:
    """The follow-up is over before its time (F8)."""
    ending = Ending(message.ended_at, receipt.rank, message.why, message.by)
    return with_(facts, message, endings=place(facts.endings, ending))


def learn_residence(facts: Facts, message: ResidenceChanged, receipt: Receipt) -> Facts:
    """The patient lives elsewhere (F9)."""
    residence = Residence(
        message.from_,
        receipt.rank,
        receipt.received_at,
        message.residence.jurisdiction,
        message.residence.district or "",
        message.time_zone or "",
        message.primary_institution_id or "",
    )
    return with_(facts, message, residences=take(facts.residences, residence, replace))
