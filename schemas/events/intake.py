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


class TransferFields(Message):
    """Where an episode's patient is sent, and why: every event of a transfer says it, so that the last word is enough.

    `respond_by`: until when the institution has to admit; `party_id`: of those who travel together (I5).
    """

    episode: Episode
    to_institution_id: InstitutionId
    required_capabilities: Capabilities = ()
    why: Words = ()
    respond_by: Instant
    party_id: Identifier | None = None


class TransferRequested(TransferFields, CaseEvent):
    """A confirmed case is to be admitted by a designated institution, which has until `respond_by` (I3)."""


class TransferCompleted(TransferFields, CaseEvent):
    """The receiving institution admitted the case."""

    admitted_at: Instant


class TransferOverdue(TransferFields, CaseEvent):
    """Not admitted by `respond_by`; `level` counts how often that has been said (I4)."""

    level: Count
