"""What a case learns: each thing that another service has stated about it, as it now stands."""

from typing import Any

from msgspec.structs import replace

from chassis.decide.judge import Receipt
from chassis.decide.ordered_facts import place
from schemas.events.discharge import Discharged, DischargeRevoked
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import SeverityAssessed
from services.bulletin.domain.case.facts import Assessment, Confirmation, Facts, Leaving


def _placed(facts: Facts, field: str, fact: Confirmation | Leaving | Assessment) -> Facts:
    known: tuple[Any, ...] = getattr(facts, field)
    placed = place(known, fact)
    return facts if placed is known else replace(facts, **{field: placed})


def learn_confirmation(facts: Facts, event: CaseImported | LocalCaseConfirmed, receipt: Receipt) -> Facts:
    """B1: an arrival or a local case is confirmed; `origin` says which."""
    imported = isinstance(event, CaseImported)
    confirmation = Confirmation(
        episode=event.episode,
        rank=receipt.rank,
        stands=not event.withdrawn,
        origin="imported" if imported else "local",
        confirmed_at=event.confirmed_at,
        time_zone=event.time_zone,
        jurisdiction=event.jurisdiction,
        origin_country=event.origin_country if isinstance(event, CaseImported) else None,
        nationality=event.nationality or "",
        age_months=event.age.months if event.age else 0,
        age_is_known=event.age is not None,
        has_symptoms=bool(event.symptoms or event.symptoms_in_words),
    )
    return _placed(facts, "confirmations", confirmation)


def learn_exclusion(facts: Facts, event: CaseExcluded, receipt: Receipt) -> Facts:
    """I2: the episode never was. An exclusion that is withdrawn confirms nothing by itself either."""
    return _placed(facts, "confirmations", Confirmation(event.episode, receipt.rank))


def learn_discharge(facts: Facts, event: Discharged, receipt: Receipt) -> Facts:
    """D7: the end of a stay, whichever it is."""
    leaving = Leaving(event.episode, receipt.rank, not event.withdrawn, event.discharged_at, event.disposition)
    return _placed(facts, "leavings", leaving)


def learn_revocation(facts: Facts, event: DischargeRevoked, receipt: Receipt) -> Facts:
    """D8: the discharge is taken back."""
    return _placed(facts, "leavings", Leaving(event.episode, receipt.rank))


def learn_severity(facts: Facts, event: SeverityAssessed, receipt: Receipt) -> Facts:
    """S1 to S3: a class of the illness; one that names no episode is about the first."""
    assessment = Assessment(
        event.episode or 1,
        event.by,
        receipt.rank,
        not event.withdrawn,
        event.severity,
        bool(event.prevails),
        event.assessed_at,
        tuple((one.since, one.severity) for one in event.history),
    )
    return _placed(facts, "assessments", assessment)
