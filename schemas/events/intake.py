"""Events of intake: who is a confirmed case, and where they are sent."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.message import CaseEvent, Message, PlacedEvent
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
    Texts,
    TimeZone,
    Words,
)


class ConfirmationFields(Message):
    """What makes somebody a case.

    `confirmed_at`: when the first version of the earliest-collected result that stands positive resulted.
    `basis_labs`: the laboratory of each result of `basis`, in the same order; a result is named by both.
    """

    time_zone: TimeZone
    symptoms: SymptomCodes = ()
    """Codes only: free text stays in the report."""
    symptoms_in_words: Count | None = None
    """How many symptoms were told in words, if any: they count as symptoms, whatever they are (D2)."""
    confirmed_at: Instant
    basis: ResultIds = ()
    basis_labs: Texts = ()
    episode: Episode


class CaseImported(ConfirmationFields, ArrivalFields, CaseEvent):
    """An arrival is a confirmed case: one for each episode (I1)."""


class LocalCaseConfirmed(ConfirmationFields, PersonFields, CaseEvent):
    """A case from within the jurisdiction is confirmed: reported by its authority, or found by a test.

    `why` `no_foreign_origin`: a traveller who came from no other country (I1). `arrived_at`: of that traveller.
    """

    why: Literal["reported", "no_foreign_origin"] | None = None
    arrived_at: Instant | None = None
    party_id: Identifier | None = None


class CaseExcluded(CaseEvent):
    """The episode never was (I2). `confirmed_at` is what had been said before.

    `why`: `no_result` that is known of it stands positive any more, or its authority has `withdrawn` it.
    """

    episode: Episode
    basis: ResultIds = ()
    confirmed_at: Instant | None = None
    excluded_at: Instant
    why: Literal["no_result", "withdrawn"] | None = None


TransferKind = Annotated[
    Literal["confirmed", "onward", "recalled"],
    Field(description="The first transfer of an episode, the next between two houses, or back after a recall."),
]


class TransferFields(PlacedEvent):
    """Where an episode's patient is sent, and why: every event of a transfer says it, so that the last word is enough.

    `kind` and `leaves_at` name the transfer within its episode: `leaves_at` is absent for the first, else the end of
    the stay, or the recall, that opened it (I4). `to_institution_id`: absent where any house may admit. `respond_by`:
    until when it has to; `party_id`: of those who travel together (I5).
    """

    episode: Episode
    kind: TransferKind = "confirmed"
    leaves_at: Instant | None = None
    to_institution_id: InstitutionId | None = None
    required_capabilities: Capabilities = ()
    why: Words = ()
    respond_by: Instant
    party_id: Identifier | None = None


class TransferRequested(TransferFields):
    """A confirmed case is to be admitted by a designated institution, which has until `respond_by` (I3)."""


class TransferCompleted(TransferFields):
    """The receiving institution admitted the case."""

    admitted_at: Instant


class TransferOverdue(TransferFields):
    """Not admitted by `respond_by`; `level` counts how often that has been said (I4).

    `why` has `elsewhere` where another house admitted, `admitted_by`, about which is asked once.
    """

    level: Count
    admitted_by: InstitutionId | None = None
