"""Events of intake: who is a confirmed case, and where they are sent."""

from schemas.message import CaseEvent, Message
from schemas.reports.intake import ArrivalFields, PersonFields
from schemas.values import (
    Capabilities,
    Count,
    Episode,
    Identifier,
    Instant,
    InstitutionId,
    ResultIds,
    SymptomCodes,
    TimeZone,
    Words,
)


class ConfirmationFields(Message):
    """What makes somebody a case: `confirmed_at` is when the earliest standing final positive resulted."""

    time_zone: TimeZone
    symptoms: SymptomCodes = ()
    """Codes only: free text stays in the report."""
    confirmed_at: Instant
    basis: ResultIds = ()
    episode: Episode


class CaseImported(ConfirmationFields, ArrivalFields, CaseEvent):
    """An arrival is a confirmed case: one for each episode (I1)."""


class LocalCaseConfirmed(ConfirmationFields, PersonFields, CaseEvent):
    """A case without travel is confirmed."""


class CaseExcluded(CaseEvent):
    """No positive result remains: the episode never was (I2). `confirmed_at` is what had been said before."""

    episode: Episode
    basis: ResultIds = ()
    confirmed_at: Instant | None = None
    excluded_at: Instant


class TransferRequested(CaseEvent):
    """A confirmed case is to be admitted by a designated institution, which has until `respond_by` (I3)."""

    episode: Episode
    to_institution_id: InstitutionId
    required_capabilities: Capabilities = ()
    why: Words = ()
    respond_by: Instant
    party_id: Identifier | None = None


class TransferCompleted(CaseEvent):
    """The receiving institution admitted the case."""

    episode: Episode
    to_institution_id: InstitutionId
    admitted_at: Instant


class TransferOverdue(CaseEvent):
    """Not admitted by `respond_by`; `level` counts how often that has been said (I4)."""

    episode: Episode
    to_institution_id: InstitutionId
    respond_by: Instant
    level: Count
