"""What treatment answers: a case, and the item of its work list."""

from typing import Annotated, Final, Literal

from pydantic import Field

from chassis.questions.answer import Answer, item_model
from schemas.values import (
    CollectedPrecision,
    Count,
    CtValues,
    Episode,
    Finding,
    HeartRate,
    Icd10,
    Identifier,
    ImagingChange,
    Instant,
    InstitutionId,
    LocalDate,
    Loinc,
    Modality,
    OxygenSupport,
    Pao2Fio2OnRecord,
    Progression,
    Respiratory,
    RespiratoryRateOnRecord,
    ResultId,
    ResultStatus,
    Setting,
    Severity,
    SpecimenType,
    Spo2OnRecord,
    Symptom,
    TemperatureOnRecord,
    TemperatureSite,
    TestOutcome,
    Text,
    TreatmentCategory,
    Weight,
    Word,
)
from services.treatment.domain import worklist

Held = Annotated[tuple[Instant, Severity], Field(description="The instant from which on a class held, and the class.")]


class Admission(Answer):
    """A stay in hospital began."""

    institution_id: InstitutionId
    admitted_at: Instant
    department: Text | None = None
    symptoms: tuple[Symptom, ...]


class Imaging(Answer):
    """One imaging study of the chest. `progression_percent`: growth of the lesions in 24 to 48 h."""

    study_id: Identifier
    modality: Modality
    performed_at: Instant
    finding: Finding
    pneumonia: bool
    change: ImagingChange
    progression_percent: Progression | None = None
    status: Literal["final", "corrected"]


class VitalSigns(Answer):
    """Measurements at one instant by one observer, the `source` of the report; "" where that is not known."""

    measured_at: Instant
    temperature_c: TemperatureOnRecord | None = None
    temperature_site: TemperatureSite | None = None
    spo2_percent: Spo2OnRecord | None = None
    pao2_fio2_mmhg: Pao2Fio2OnRecord | None = None
    respiratory_rate_per_min: RespiratoryRateOnRecord | None = None
    heart_rate_per_min: HeartRate | None = None
    weight_kg: Weight | None = None
    oxygen_support: OxygenSupport | None = None
    observer: str


class Symptoms(Answer):
    """Symptoms at one instant by one observer; `respiratory`: compared with the observation before."""

    observed_at: Instant
    symptoms: tuple[Symptom, ...]
    respiratory: Respiratory
    observer: str


class Treatment(Answer):
    """What was given or done at one instant."""

    given_at: Instant
    category: TreatmentCategory
    medication: Text | None = None
    dose: Text | None = None


class Comorbidity(Answer):
    """Another illness as now known, written down at `recorded_at`; `medicines_last_until`: the last day they do."""

    condition: Icd10
    active: bool
    needs_regular_care: bool
    regular_medicines: tuple[Text, ...]
    medicines_last_until: LocalDate | None = None
    recorded_at: Instant


class Result(Answer):
    """A test result as it stands. `versions`: how many led there. `collected_precision`: `day`: without a time.

    Nothing rests on a result with one of the last two: its test is on no list, or it corrects what nobody has sent.
    """

    result_id: ResultId
    specimen_id: Identifier
    specimen_type: SpecimenType
    test: Loinc
    result: TestOutcome
    collected_at: Instant
    resulted_at: Instant
    lab: str
    setting: Setting
    status: ResultStatus
    ct_values: CtValues | None = None
    collected_precision: CollectedPrecision
    versions: Count
    test_not_understood: Literal[True] | None = None
    corrects_a_result_that_nobody_has: Literal[True] | None = None


class Assessment(Answer):
    """The class of an episode, by the rule and by a clinician's report; `prevails` says which holds (S3).

    `criteria`: what it rests on, of a report in the clinician's words. `history`: the classes that held, oldest first.
    """

    episode: Episode
    by: Literal["rule", "report"]
    severity: Severity
    criteria: tuple[Text, ...]
    protocol: Word
    assessed_at: Instant
    prevails: bool
    history: tuple[Held, ...]


class Case(Answer):
    """What was found and done, each in clinical order."""

    admissions: tuple[Admission, ...]
    imaging: tuple[Imaging, ...]
    vital_signs: tuple[VitalSigns, ...]
    symptoms: tuple[Symptoms, ...]
    treatments: tuple[Treatment, ...]
    comorbidities: tuple[Comorbidity, ...]
    results: tuple[Result, ...]
    severity: tuple[Assessment, ...]


NotUnderstood: Final = item_model(worklist.NotUnderstood, kind=Literal["not_understood"])
