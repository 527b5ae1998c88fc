"""Reports to directory: which institutions there are, since when, and what each can do."""

from typing import ClassVar

from schemas.codes import Coded
from schemas.message import Message
from schemas.values import (
    Capabilities,
    District,
    Flag,
    Instant,
    InstitutionId,
    InstitutionKind,
    Jurisdiction,
    SymptomCodes,
    Text,
)


class InstitutionFields(Message):
    """An institution as it is from `effective_from` on, which may lie ahead."""

    institution_id: InstitutionId
    name: Text
    kind: InstitutionKind
    jurisdiction: Jurisdiction
    district: District
    designated: Flag
    """Takes confirmed cases of its jurisdiction (I3)."""
    capabilities: Capabilities = ()
    online: Flag
    open_24h: Flag
    symptoms_accepted: SymptomCodes = ()
    """Symptoms that are seen without an appointment; empty: nobody asked."""
    children: Flag
    effective_from: Instant


class InstitutionDeclared(InstitutionFields, Coded):
    """An institution exists, or is another than before; one declaration holds until the next begins."""

    key_field: ClassVar[str] = "institution_id"
    at_any_time: ClassVar[frozenset[str]] = frozenset({"effective_from"})


class InstitutionWithdrawn(Coded):
    """An institution is no more, from `effective_from` on. What else is said of it the directory knows already."""

    key_field: ClassVar[str] = "institution_id"
    at_any_time: ClassVar[frozenset[str]] = frozenset({"effective_from"})

    institution_id: InstitutionId
    name: Text | None = None
    kind: InstitutionKind | None = None
    jurisdiction: Jurisdiction | None = None
    district: District | None = None
    designated: Flag | None = None
    capabilities: Capabilities = ()
    online: Flag | None = None
    open_24h: Flag | None = None
    symptoms_accepted: SymptomCodes = ()
    children: Flag | None = None
    effective_from: Instant
