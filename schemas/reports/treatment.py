"""Reports to treatment: what hospitals and laboratories find and do.

The fields of each report are a class of their own, since the event that records it carries the same ones.
"""

from typing import ClassVar, Self

from pydantic import ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from schemas.codes import CodedCaseReport
from schemas.message import CaseReport, Message
from schemas.values import (
    CollectedPrecision,
    CtValues,
    Finding,
    Flag,
    HeartRate,
    Icd10,
    Identifier,
    ImagingChange,
    ImagingStatus,
    Instant,
    InstitutionId,
    LocalDate,
    Loinc,
    Modality,
    OxygenSupport,
    Pao2Fio2,
    Pao2Fio2OnRecord,
    Progression,
    Respiratory,
    RespiratoryRate,
    RespiratoryRateOnRecord,
    ResultId,
    ResultStatus,
    Setting,
    Severity,
    SpecimenType,
    Spo2,
    Spo2OnRecord,
    Symptoms,
    Temperature,
    TemperatureOnRecord,
    TemperatureSite,
    TestOutcome,
    Text,
    Texts,
    TreatmentCategory,
    Weight,
)


class AdmissionFields(Message):
    """A stay in hospital begins."""

    institution_id: InstitutionId
    department: Text | None = None
    admitted_at: Instant
    symptoms: Symptoms = ()


class PatientAdmitted(AdmissionFields, CaseReport):
    """A hospital admitted the patient."""

    clinical_time: ClassVar[str | None] = "admitted_at"


class AdmissionCancelled(CaseReport):
    """Takes back the latest admission to the institution that is not after `cancelled_at`."""

    clinical_time: ClassVar[str | None] = "cancelled_at"

    institution_id: InstitutionId
    cancelled_at: Instant
    reason: Text


class TestResultFields(Message):
    """One result of one test on one specimen, named by `lab` and `result_id`; a correction names the earlier by both.

    `collected_precision` `day`: only the civil day of `collected_at` is known, in the case's zone (D4).
    """

    result_id: ResultId
    specimen_id: Identifier
    specimen_type: SpecimenType
    test: Loinc
    result: TestOutcome
    ct_values: CtValues | None = None
    collected_at: Instant
    collected_precision: CollectedPrecision = "minute"
    resulted_at: Instant
    lab: Text
    setting: Setting
    status: ResultStatus

    @model_validator(mode="after")
    def collection_precedes_result(self) -> Self:
        if self.resulted_at < self.collected_at:
            raise PydanticCustomError("impossible_time", "must not precede collected_at", {"at": "resulted_at"})
        return self


class TestResultReported(TestResultFields, CodedCaseReport):
    """A laboratory reported a result."""

    clinical_time: ClassVar[str | None] = "collected_at"


class VitalSignsFields(Message):
    """Measurements at one instant by one observer. A temperature needs its site, which may be `unknown` (D1)."""

    model_config = ConfigDict(json_schema_extra={"dependentRequired": {"temperature_c": ["temperature_site"]}})

    measured_at: Instant
    temperature_c: TemperatureOnRecord | None = None
    temperature_site: TemperatureSite | None = None
    spo2_percent: Spo2OnRecord | None = None
    pao2_fio2_mmhg: Pao2Fio2OnRecord | None = None
    respiratory_rate_per_min: RespiratoryRateOnRecord | None = None
    heart_rate_per_min: HeartRate | None = None
    weight_kg: Weight | None = None
    oxygen_support: OxygenSupport | None = None

    @model_validator(mode="after")
    def temperature_has_a_site(self) -> Self:
        if self.temperature_c is not None and self.temperature_site is None:
            raise PydanticCustomError("missing", "must say where temperature_c was taken", {"at": "temperature_site"})
        return self


class VitalSignsReported(VitalSignsFields, CaseReport):
    """Vital signs were measured on the ward."""

    clinical_time: ClassVar[str | None] = "measured_at"

    temperature_c: Temperature | None = None
    spo2_percent: Spo2 | None = None
    pao2_fio2_mmhg: Pao2Fio2 | None = None
    respiratory_rate_per_min: RespiratoryRate | None = None


class SymptomsFields(Message):
    """Symptoms at one instant; `respiratory` compares with the observation before."""

    observed_at: Instant
    symptoms: Symptoms = ()
    respiratory: Respiratory


class SymptomsReported(SymptomsFields, CaseReport):
    """Symptoms were observed on the ward."""

    clinical_time: ClassVar[str | None] = "observed_at"


class ImagingFields(Message):
    """One imaging study of the chest. `corrected`: it had been read otherwise."""

    study_id: Identifier
    modality: Modality
    performed_at: Instant
    finding: Finding
    pneumonia: Flag
    change: ImagingChange
    progression_percent: Progression | None = None
    status: ImagingStatus = "final"


class ImagingReported(ImagingFields, CaseReport):
    """An imaging study was read; `retracted`, it never was."""

    clinical_time: ClassVar[str | None] = "performed_at"


class SeverityReported(CaseReport):
    """A clinician classed the illness; wins over the computed class at the same or a later clinical time (S3)."""

    clinical_time: ClassVar[str | None] = "assessed_at"

    assessed_at: Instant
    severity: Severity
    criteria: Texts = ()


class TreatmentFields(Message):
    """Something was given or done; `medication` by ATC or a local name."""

    given_at: Instant
    category: TreatmentCategory
    medication: Text | None = None
    dose: Text | None = None


class TreatmentGiven(TreatmentFields, CaseReport):
    """A treatment was given."""

    clinical_time: ClassVar[str | None] = "given_at"


class ComorbidityFields(Message):
    """Another illness, and what it needs after the ward."""

    condition: Icd10
    active: Flag
    needs_regular_care: Flag
    regular_medicines: Texts = ()
    medicines_last_until: LocalDate | None = None


class ComorbidityReported(ComorbidityFields, CaseReport):
    """A comorbidity as known now; it is about no instant."""

    at_any_time: ClassVar[frozenset[str]] = frozenset({"medicines_last_until"})
