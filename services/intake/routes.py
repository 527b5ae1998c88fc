"""What intake learns from which message: a case from reports and events, its copy of the directory from events.

A change of the copy wakes the cases that it concerns.
"""

from chassis.decide.aggregate import Aggregate, OfPerson, ReadModel, Wakes, on
from chassis.store.replicas import replicated
from schemas.events.directory import InstitutionDelisted, InstitutionListed
from schemas.events.discharge import Discharged, DischargeRevoked, OtherStayEnded
from schemas.events.followup import RetestedPositive
from schemas.events.treatment import Admitted, TestResultCorrected, TestResultRecorded, TestResultRetracted
from schemas.reports.intake import CaseWithdrawn, LocalCaseReported, TravellerArrived
from services.intake import domain
from services.intake.context import institutions

CASE = Aggregate(
    "case",
    domain.Facts,
    domain.Conclusions,
    domain.conclude,
    domain.announce,
    learns=(
        on(TravellerArrived, domain.learn_traveller_arrived),
        on(LocalCaseReported, domain.learn_local_case_reported),
        on(CaseWithdrawn, domain.learn_case_withdrawn),
        on(TestResultRecorded, domain.learn_test_result),
        on(TestResultCorrected, domain.learn_test_result),
        on(TestResultRetracted, domain.learn_test_result),
        on(RetestedPositive, domain.learn_retested_positive),
        on(Admitted, domain.learn_admitted),
        on(Discharged, domain.learn_discharged),
        on(DischargeRevoked, domain.learn_discharge_revoked),
        on(OtherStayEnded, domain.learn_other_stay_ended),
    ),
    context=institutions,
    adds_up=domain.with_taken,
    table=ReadModel(
        "intake_transfer",
        {
            "jurisdiction": "text",
            "district": "text",
            "to_institution_id": "text",
            "chosen_on": "date",
            "open": "boolean",
            "transfer_by": "timestamptz",
            "transfer": "json",
            "party_id": "text",
            "person_ref": "text",
            "required": "json",
            "course_from": "timestamptz",
            "course_until": "timestamptz",
            "unplaced_since": "timestamptz",
            "unplaced": "json",
            "duplicate_since": "timestamptz",
            "duplicate": "json",
            "chosen_at": "timestamptz",
            "plain_district": "text",
        },
        domain.row,
    ),
    wakes=domain.wakes,
    of_person=OfPerson("case", lambda facts: facts.person_refs),
)
INSTITUTION = replicated(
    "institution",
    InstitutionListed,
    InstitutionDelisted,
    {"jurisdiction": "text"},
    wakes=(
        # who waits for one in its jurisdiction, and whose institution is another than before, or gone
        Wakes(CASE, "is", {"jurisdiction": "jurisdiction"}, {"open": True, "to_institution_id": None}),
        Wakes(CASE, "was", {"jurisdiction": "jurisdiction", "to_institution_id": "key"}, {"open": True}),
    ),
)

AGGREGATES = (CASE, INSTITUTION)
