"""What treatment decides: every report becomes one recorded fact, and the facts of an episode its severity."""

from services.treatment.domain.announce import announce
from services.treatment.domain.conclude import Conclusions, conclude
from services.treatment.domain.facts import Facts
from services.treatment.domain.learn import (
    learn_admission_cancelled,
    learn_case_confirmed,
    learn_case_excluded,
    learn_comorbidity_reported,
    learn_imaging_reported,
    learn_patient_admitted,
    learn_severity_reported,
    learn_symptoms_reported,
    learn_test_result_reported,
    learn_treatment_given,
    learn_vital_signs_reported,
)
from services.treatment.domain.worklist import row

__all__ = [
    "Conclusions",
    "Facts",
    "announce",
    "conclude",
    "learn_admission_cancelled",
    "learn_case_confirmed",
    "learn_case_excluded",
    "learn_comorbidity_reported",
    "learn_imaging_reported",
    "learn_patient_admitted",
    "learn_severity_reported",
    "learn_symptoms_reported",
    "learn_test_result_reported",
    "learn_treatment_given",
    "learn_vital_signs_reported",
    "row",
]
