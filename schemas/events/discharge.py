"""Events of discharge: whether the criteria are met, and what the hospital did."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.message import CaseEvent, PlacedEvent
from schemas.reports.treatment import ComorbidityFields
from schemas.values import (
    Days,
    Destination,
    Disposition,
    Episode,
    EvidenceList,
    Flag,
    Instant,
    InstitutionId,
    Residence,
    TimeZone,
    Value,
    Word,
)

CriterionName = Literal["temperature", "respiratory", "imaging", "two_negatives", "persistently_positive"]
UnmetName = Literal[CriterionName, "approval"]


class Criterion(Value):
    """One criterion of the protocol: met or not, since when, on what evidence, and when at the earliest it could be."""

    name: CriterionName
    met: Flag
    since: Instant | None = None
    evidence: EvidenceList = ()
    next_possible_at: Instant | None = None


Criteria = Annotated[tuple[Criterion, ...], Field(max_length=20)]


class Comorbidity(ComorbidityFields, Value):
    """A comorbidity that goes with the patient."""


class CriteriaFields(CaseEvent):
    """Every criterion of the protocol in force."""

    episode: Episode
    protocol: Word
    criteria: Criteria = ()


class DischargeCriteriaMet(CriteriaFields):
    """Every criterion is met; the envelope's `time` is the instant at which the last one became true (D6)."""


class DischargeCriteriaLost(CriteriaFields):
    """No longer all met: a new positive, a fever, or a correction (D6)."""


class Discharged(PlacedEvent):
    """The patient left the ward (D7). Said again when what it carries changes; one stands for each episode (D8).

    `time_zone` is the case's, unless the residence lies in another jurisdiction. `length_of_stay_days` is absent while
    no admission is known, `residence` while nobody has said where the patient lives, `destination` for the dead.
    `jurisdiction` and `district`: of the residence, else of the institution. `to_institution_id`: of a transfer that
    names the next house. `known_at`: when the discharge came to be known.
    """

    episode: Episode
    institution_id: InstitutionId
    discharged_at: Instant
    disposition: Disposition
    destination: Destination | None = None
    residence: Residence | None = None
    time_zone: TimeZone
    to_institution_id: InstitutionId | None = None
    known_at: Instant | None = None
    primary_institution_id: InstitutionId | None = None
    length_of_stay_days: Days | None = None
    protocol: Word
    criteria_met: Flag
    comorbidities: Annotated[tuple[Comorbidity, ...], Field(max_length=100)] = ()


class DischargeRuleViolated(CaseEvent):
    """Discharged without meeting the criteria or without the panel's approval; `unmet` names what was missing (D7)."""

    episode: Episode
    discharged_at: Instant
    institution_id: InstitutionId
    protocol: Word
    unmet: Annotated[tuple[UnmetName, ...], Field(max_length=20)]
    criteria: Criteria = ()


class DischargeRevoked(CaseEvent):
    """The discharge is taken back (D8).

    `cancelled` by the hospital; undone by a result that was `corrected`: the patient is to be brought back, to
    `institution_id` where it can; or `excluded`: the episode never was (I2).
    """

    episode: Episode
    discharged_at: Instant
    revoked_at: Instant
    why: Literal["cancelled", "corrected", "excluded"]
    institution_id: InstitutionId | None = None
    """The hospital that had discharged."""


class OtherStayEnded(CaseEvent):
    """A stay after the episode's discharge that no re-positive explains has ended (D8).

    It starts no plan, moves no figure and violates no rule. `admitted_at` names it.
    """

    episode: Episode
    institution_id: InstitutionId
    admitted_at: Instant
    ended_at: Instant
    disposition: Disposition
    to_institution_id: InstitutionId | None = None
