"""What discharge learns from, and with which function."""

from chassis.decide.aggregate import Aggregate, on
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.events.treatment import (
    Admitted,
    ComorbidityRecorded,
    ImagingRecorded,
    SeverityAssessed,
    SymptomsRecorded,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
    VitalSignsRecorded,
)
from schemas.reports.discharge import DischargeApproved, DischargeCancelled, PatientDischarged
from services.discharge.domain import Conclusions, Facts, announce, conclude, learn

CASE = Aggregate(
    "case",
    Facts,
    Conclusions,
    conclude,
    announce,
    learns=(
        on(CaseImported, learn.learn_case),
        on(LocalCaseConfirmed, learn.learn_case),
        on(CaseExcluded, learn.learn_case_excluded),
        on(Admitted, learn.learn_admitted),
        on(TestResultRecorded, learn.learn_result),
        on(TestResultCorrected, learn.learn_result),
        on(TestResultRetracted, learn.learn_result),
        on(VitalSignsRecorded, learn.learn_vital_signs),
        on(SymptomsRecorded, learn.learn_symptoms),
        on(ImagingRecorded, learn.learn_imaging),
        on(SeverityAssessed, learn.learn_severity),
        on(ComorbidityRecorded, learn.learn_comorbidity),
        on(DischargeApproved, learn.learn_approved),
        on(PatientDischarged, learn.learn_discharged),
        on(DischargeCancelled, learn.learn_cancelled, alone=True),
    ),
)

AGGREGATES = (CASE,)
