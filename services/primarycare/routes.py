"""What primarycare learns from which message: a case from reports and events, its copy of the directory from events.

A change of the copy wakes the cases that it concerns.
"""

from chassis.decide.aggregate import Aggregate, OfPerson, ReadModel, Wakes, on
from chassis.store.replicas import replicated
from schemas.events.directory import InstitutionDelisted, InstitutionListed
from schemas.events.discharge import Discharged, DischargeRevoked, OtherStayEnded
from schemas.events.followup import (
    FollowUpResumed,
    HealthAlertRaised,
    LostToFollowUp,
    QuarantineCancelled,
    QuarantineCompleted,
    QuarantineHeld,
    QuarantinePaused,
    QuarantineResumed,
    QuarantineStarted,
)
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import Admitted
from schemas.reports.primarycare import AlertAcknowledged, CareDelivered, LinkageAnswered
from services.primarycare import domain
from services.primarycare.context import institutions

STANDING = (
    QuarantinePaused,
    QuarantineResumed,
    QuarantineHeld,
    QuarantineCompleted,
    QuarantineCancelled,
    LostToFollowUp,
    FollowUpResumed,
)
"""Each has the last word on how a plan stands: of them it counts whether the plan was cancelled, and why."""

CASE = Aggregate(
    "case",
    domain.Facts,
    domain.Conclusions,
    domain.conclude,
    domain.announce,
    learns=(
        on(LinkageAnswered, domain.learn_answer),
        on(CareDelivered, domain.learn_care),
        on(AlertAcknowledged, domain.learn_acknowledgement),
        on(Discharged, domain.learn_discharged),
        on(DischargeRevoked, domain.learn_revoked, alone=True),
        on(OtherStayEnded, domain.learn_stay_ended),
        on(HealthAlertRaised, domain.learn_alert),
        on(QuarantineStarted, domain.learn_plan),
        *(on(message, domain.learn_standing) for message in STANDING),
        on(CaseImported, domain.learn_confirmed),
        on(LocalCaseConfirmed, domain.learn_confirmed),
        on(CaseExcluded, domain.learn_excluded),
        on(Admitted, domain.learn_admitted),
    ),
    context=institutions,
    table=ReadModel(
        "primarycare_case",
        {
            "jurisdiction": "text",
            "district": "text",
            "primary_id": "text",
            "asked_id": "text",
            "waits": "boolean",
            "linkage_by": "timestamptz",
            "linkage": "json",
            "alert_by": "timestamptz",
            "alert": "json",
            "plain_district": "text",
            "unplaced_by": "timestamptz",
            "unplaced": "json",
        },
        domain.row,
    ),
    of_person=OfPerson("case"),
)
PLACE = ("jurisdiction", "district", "kind")
INSTITUTION = replicated(
    "institution",
    InstitutionListed,
    InstitutionDelisted,
    dict.fromkeys(PLACE, "text"),
    wakes=(
        # who waits for one in its jurisdiction (a district is written in many ways, a commission is of all),
        # and whose institution is of another place or kind than before, or gone
        Wakes(CASE, "is", {"jurisdiction": "jurisdiction"}, {"waits": True}, PLACE),
        Wakes(CASE, "was", {"primary_id": "key"}, {}, PLACE),
        Wakes(CASE, "was", {"asked_id": "key"}, {}, PLACE),
    ),
)

AGGREGATES = (CASE, INSTITUTION)
