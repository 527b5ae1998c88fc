"""What followup learns from which message."""

from chassis.decide.aggregate import Aggregate, OfPerson, ReadModel, on
from schemas.events.consultation import PatientConsulted
from schemas.events.discharge import Discharged, DischargeRevoked, OtherStayEnded
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.primarycare import AlertClosed
from schemas.events.treatment import (
    Admitted,
    ImagingRecorded,
    SymptomsRecorded,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
    VitalSignsRecorded,
)
from schemas.reports.followup import (
    CallReported,
    DayReported,
    FollowUpEnded,
    ResidenceChanged,
    ReturnVisitReported,
)
from services.followup import domain

CASE = Aggregate(
    "case",
    domain.Facts,
    domain.Conclusions,
    domain.conclude,
    domain.announce,
    learns=(
        on(DayReported, domain.learn_day),
        on(CallReported, domain.learn_call),
        on(ReturnVisitReported, domain.learn_return_visit),
        on(ResidenceChanged, domain.learn_residence),
        on(FollowUpEnded, domain.learn_ended, alone=True),
        on(Discharged, domain.learn_discharged),
        on(DischargeRevoked, domain.learn_revoked, alone=True),
        on(OtherStayEnded, domain.learn_other_stay_ended, alone=True),
        on(CaseExcluded, domain.learn_excluded, alone=True),
        on(CaseImported, domain.learn_confirmed, alone=True),
        on(LocalCaseConfirmed, domain.learn_confirmed, alone=True),
        on(Admitted, domain.learn_admitted, alone=True),
        on(TestResultRecorded, domain.learn_result),
        on(TestResultCorrected, domain.learn_result),
        on(TestResultRetracted, domain.learn_result),
        on(VitalSignsRecorded, domain.learn_vital_signs),
        on(SymptomsRecorded, domain.learn_symptoms),
        on(ImagingRecorded, domain.learn_imaging),
        on(AlertClosed, domain.learn_alert_closed),
        on(PatientConsulted, domain.learn_consulted),
    ),
    table=ReadModel(
        "followup_case",
        {
            "jurisdiction": "text",
            "district": "text",
            "call_by": "timestamptz",
            "call": "json",
            "visit_by": "timestamptz",
            "visit": "json",
            "word_at": "timestamptz",
            "word": "json",
            "plain_district": "text",
        },
        domain.row,
    ),
    of_person=OfPerson("case"),
)

AGGREGATES = (CASE,)
