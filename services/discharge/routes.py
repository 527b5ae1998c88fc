"""What discharge learns from, and with which function: a case, and its copy of the directory, whose changes wake."""

from chassis.decide.aggregate import Aggregate, OfPerson, ReadModel, Wakes, on
from chassis.store.replicas import replicated
from schemas.events.directory import InstitutionDelisted, InstitutionListed
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
from services.discharge.context import places
from services.discharge.domain import Conclusions, Facts, announce, conclude, learn, row

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
    context=places,
    table=ReadModel("discharge_unplaced", {"institution_id": "text"}, row),
    of_person=OfPerson("case"),
)
INSTITUTION = replicated(
    "institution",
    InstitutionListed,
    InstitutionDelisted,
    {"jurisdiction": "text"},
    wakes=(  # who is placed by it: listed, changed, or gone
        Wakes(CASE, "is", {"institution_id": "key"}, {}),
        Wakes(CASE, "was", {"institution_id": "key"}, {}),
    ),
)

AGGREGATES = (CASE, INSTITUTION)
