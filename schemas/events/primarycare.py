"""Events of primarycare: who near home knows of a discharge, who takes the patient on, and who has seen an alert.

Every one carries `episode` and `discharged_at`, which together name the discharge it follows from.
"""

from typing import Annotated, Literal

from pydantic import Field

from schemas.events.followup import AlertReason, AlertSeverity
from schemas.message import PlacedEvent
from schemas.values import (
    Count,
    DayNumber,
    Destination,
    Disposition,
    Episode,
    EvidenceList,
    FollowUpEndReason,
    Icd10,
    Identifier,
    Instant,
    InstitutionId,
    LocalDate,
    Residence,
    Text,
    Whole,
)

Unplaced = Literal["district_unknown", "no_centre"]
Conditions = Annotated[tuple[Icd10, ...], Field(max_length=100)]
Level = Annotated[Count, Field(description="0 not escalated, 1 the district, 2 the municipal health commission.")]
LinkageEnd = Literal["aftercare_ended", "plan_ended", "not_taken_on", "revoked", "excluded", "died", FollowUpEndReason]
AlertEnd = Literal["acknowledged", "for_information", "revoked", "excluded", "died", FollowUpEndReason]


class AftercareEvent(PlacedEvent):
    """An event about one discharge."""

    episode: Episode
    discharged_at: Instant | None = None


class PrimaryCareNotified(AftercareEvent):
    """The primary institution of the residence is told of a discharge (P1).

    Said again when what it carries changes, with `withdrawn` when the discharge is taken back, and to an institution
    that it concerns no more; `disposition` `died` tells of a death after the discharge. `last_day`: of the plan,
    without extensions. `conditions`: those that need regular care. `unplaced`: no institution near home is known, and
    why; `institution_id` is then the municipal health commission.
    """

    institution_id: InstitutionId
    disposition: Disposition
    destination: Destination | None = None
    residence: Residence | None = None
    discharged_from: InstitutionId | None = None
    """The hospital."""
    last_day: LocalDate | None = None
    conditions: Conditions = ()
    unplaced: Unplaced | None = None


class LinkageEvent(AftercareEvent):
    """A linkage: somebody near home takes on a patient with conditions that need regular care.

    `institution_id`: the one asked, which has until `respond_by`; absent where nobody could be asked.
    `medicines_last_until`: when the first medicine runs out, if it does so within aftercare (P3).
    """

    linkage_id: Identifier
    institution_id: InstitutionId | None = None
    conditions: Conditions = ()
    medicines_last_until: LocalDate | None = None
    respond_by: Instant | None = None
    level: Level


class LinkageRequested(LinkageEvent):
    """An institution is asked to take the patient on (P2)."""


class LinkageAccepted(LinkageEvent):
    """An institution takes the patient on."""

    answered_at: Instant | None = None


class LinkageDeclined(LinkageEvent):
    """An institution does not; the next of the district is asked."""

    answered_at: Instant | None = None
    reason: Text | None = None


class LinkageEscalated(LinkageEvent):
    """Nobody answered in time, or nobody is left to ask; one for each level.

    `to_institution_id`: the health commission of that level, where the directory has one.
    """

    to_institution_id: InstitutionId | None = None
    why: Literal["no_answer", "nobody_left"] | None = None


class LinkageClosed(LinkageEvent):
    """The linkage is over; `deliveries`: how often care was given under it (P3)."""

    why: LinkageEnd | None = None
    deliveries: Count | None = None


class AlertEvent(AftercareEvent):
    """An alert on its way to somebody who acts; `institution_id`: who it went to, or who acted."""

    alert_id: Identifier
    institution_id: InstitutionId | None = None
    respond_by: Instant | None = None
    level: Level


class AlertForwarded(AlertEvent):
    """The alert was sent to an institution (P4); without `respond_by` it asks for no acknowledgement."""

    why: AlertReason | None = None
    severity: AlertSeverity | None = None
    day: DayNumber | None = None
    round: Annotated[Whole, Field(ge=1, le=1000)] = 1
    evidence: EvidenceList = ()


class AlertEscalated(AlertEvent):
    """Nobody acknowledged in time; one for each level.

    `institution_id`: the primary institution, else the hospital. `to_institution_id`: the health commission of that
    level, where the directory has one.
    """

    to_institution_id: InstitutionId | None = None


class AlertClosed(AlertEvent):
    """The alert asks for nothing more; what closed it."""

    why: AlertEnd | None = None
    acknowledged_at: Instant | None = None
