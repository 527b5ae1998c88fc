"""What the directory answers: an institution."""

from typing import Literal

from chassis.questions.answer import Answer
from schemas.values import (
    Count,
    District,
    Instant,
    InstitutionId,
    InstitutionKind,
    Jurisdiction,
    SymptomCode,
    Text,
    Word,
)

Nothing = Literal[""]


class Version(Answer):
    """The institution from `effective_from` on; with `is_gone` it is no more, and the rest is empty.

    `designated`: takes confirmed cases of its jurisdiction. `symptoms_accepted`: seen without an appointment; empty:
    nobody asked.
    """

    effective_from: Instant
    is_gone: bool
    name: Text | Nothing
    kind: InstitutionKind | Nothing
    jurisdiction: Jurisdiction | Nothing
    district: District | Nothing
    designated: bool
    capabilities: tuple[Word, ...]
    online: bool
    open_24h: bool
    symptoms_accepted: tuple[SymptomCode, ...]
    children: bool


class Institution(Answer):
    """What an institution is, or was before it was delisted, and will be. `version`: how many have begun to hold.

    `to_come`: in the order in which they begin.
    """

    institution_id: InstitutionId
    entry: Version | None
    state: Literal["unknown", "listed", "delisted"]
    version: Count
    to_come: tuple[Version, ...]
