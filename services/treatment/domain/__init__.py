"""What treatment decides: every report becomes one recorded fact, and the facts of an episode its severity."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from chassis.judge import Clock
from services.treatment.domain.facts import Facts
from services.treatment.domain.learning import (
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
from services.treatment.domain.severity import Assessment, assess
from services.treatment.domain.standing import announce, standing

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
    "standing",
]


class Conclusions(Struct, frozen=True, array_like=True):
    """How ill the patient is, in each episode, by rule and by report. Nothing here waits for the clock."""

    assessments: tuple[Assessment, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = field(default_factory=dict)


def conclude(facts: Facts, announced: Conclusions, clock: Clock, world: Mapping[str, str] | None) -> Conclusions:
    """S1 to S3. Everything else that treatment says is as it was reported."""
    return Conclusions(assess(facts), due=clock.due, done=clock.done)
