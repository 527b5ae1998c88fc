"""What treatment learns from which message."""

from chassis.decide.aggregate import Aggregate, OfPerson, ReadModel, on
from schemas.events.intake import CaseExcluded, CaseImported, LocalCaseConfirmed
from schemas.reports.treatment import (
    AdmissionCancelled,
    ComorbidityReported,
    ImagingReported,
    PatientAdmitted,
    SeverityReported,
    SymptomsReported,
    TestResultReported,
    TreatmentGiven,
    VitalSignsReported,
)
from services.treatment import domain

CASE = Aggregate(
    "case",
    domain.Facts,
    domain.Conclusions,
    domain.conclude,
    domain.announce,
    learns=(
        on(PatientAdmitted, domain.learn_patient_admitted),
        on(AdmissionCancelled, domain.learn_admission_cancelled),
        on(TestResultReported, domain.learn_test_result_reported),
        on(VitalSignsReported, domain.learn_vital_signs_reported),
        on(SymptomsReported, domain.learn_symptoms_reported),
        on(ImagingReported, domain.learn_imaging_reported),
        on(SeverityReported, domain.learn_severity_reported),
        on(TreatmentGiven, domain.learn_treatment_given),
        on(ComorbidityReported, domain.learn_comorbidity_reported),
        on(CaseImported, domain.learn_case_confirmed),
        on(LocalCaseConfirmed, domain.learn_case_confirmed),
        on(CaseExcluded, domain.learn_case_excluded),
    ),
    table=ReadModel(
        "treatment_case",
        {
            "jurisdiction": "text",
            "district": "text",
            "not_understood_at": "timestamptz",
            "not_understood": "json",
            "plain_district": "text",
        },
        domain.row,
    ),
    of_person=OfPerson("case"),
)

AGGREGATES = (CASE,)
