"""Constrained types shared by messages, each with its unit or code system.

A number must be a number and a truth value a truth value: nothing is converted from text, so `"38.5"` is refused.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from schemas.forms import FORMS, form, known, known_time_zone, percent, whole
from schemas.instants import date_from, instant_from

_SCTID = re.compile(r"[1-9][0-9]{5,17}", re.ASCII)


def is_code(symptom: str) -> bool:
    """Whether a symptom is a SNOMED CT identifier (6 to 18 digits) and not free text."""
    return _SCTID.fullmatch(symptom) is not None


def on_air(oxygen_support: bool | str | None) -> bool:
    """Whether a patient breathes air without support: nothing said, `false`, or one of the words for none."""
    return not oxygen_support or oxygen_support in {"none", "air", "room_air"}


# Text. Control characters, NUL among them, are refused everywhere: PostgreSQL cannot store it, terminals obey them.
PLAIN = r"^[^\u0000-\u001f\u007f-\u009f]+$"
FORMS[PLAIN] = "text on one line, without control characters"
LINES = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]+$"
FORMS[LINES] = "text without control characters; it may have lines"
IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$"


def _identifier(example: str, description: str) -> Any:
    allowed = "letters A to Z, digits and . _ : / - without blanks, a letter or digit first"
    return form(IDENTIFIER, allowed, example, max_length=128, description=description)


CaseId = Annotated[str, _identifier("sh-2020-1078", "The case; also the record's key.")]
Identifier = Annotated[str, _identifier("sp-20-1017-3", "Opaque identifier.")]
PersonRef = Annotated[str, _identifier("p-7f3c9a52", "Random or keyed pseudonym of a person; never a name.")]
InstitutionId = Annotated[str, _identifier("sh-phcc", "Institution, as in the directory.")]
ResultId = Annotated[str, _identifier("r-20-1017-3", "The laboratory's own id of this result.")]
ChannelId = Annotated[str, _identifier("zj-green", "Channel of online care; also the key of its records.")]
ConsultationId = Annotated[str, _identifier("c-22-1225-7", "Consultation; also the key of its records.")]
PrescriptionId = Annotated[str, _identifier("rx-22-1225-7", "Prescription; also the key of its records.")]
ExpertRef = Annotated[str, _identifier("e-5d20", "Random or keyed pseudonym of a professional.")]
SubscriptionId = Annotated[
    str,
    form(
        r"^[a-z0-9][a-z0-9_-]*$",
        "small letters a to z, digits, _ and -",
        "clinic-minhang",
        max_length=64,
        description="Subscription, as its operator calls it.",
    ),
]
Observer = Annotated[str, Field(max_length=100, pattern=PLAIN, description="Who observed: the `source` of the report.")]
Text = Annotated[str, Field(max_length=500, pattern=PLAIN, description="Plain text that identifies no person.")]
Lines = Annotated[
    str, Field(max_length=500, pattern=LINES, description="Plain text, with lines, that identifies no person.")
]
Word = Annotated[
    str,
    form(
        r"^[a-z][a-z0-9_]*$",
        "one word of small letters a to z, digits and _",
        "day_missed",
        max_length=64,
        description="One word of a vocabulary.",
    ),
]
Evidence = Annotated[
    str, Field(max_length=200, pattern=PLAIN, description="A result_id, a study_id, or a measurement's clinical time.")
]

Department = Annotated[str, Field(max_length=100, pattern=PLAIN, description="Department, e.g. respiratory_medicine.")]

# Codes
Symptom = Annotated[
    str, Field(max_length=200, pattern=PLAIN, description="SNOMED CT code, or free text that identifies no person.")
]
SymptomCode = Annotated[
    str, form(r"^[1-9][0-9]{5,17}$", "a SNOMED CT code of 6 to 18 digits", "386661006", description="SNOMED CT code.")
]
Finding = Annotated[
    str, Field(max_length=500, pattern=LINES, description="SNOMED CT code, or text, which may have lines.")
]
Jurisdiction = Annotated[
    str,
    form(
        r"^[A-Z]{2}-[A-Z0-9]{1,3}$",
        "a subdivision of ISO 3166-2: two capitals, a -, up to three capitals or digits",
        "CN-SH",
        description="ISO 3166-2, e.g. CN-SH.",
    ),
]
District = Annotated[str, Field(max_length=100, pattern=PLAIN, description="District of the jurisdiction.")]
Country = Annotated[
    str,
    form(r"^[A-Z]{2}$", "a country of ISO 3166-1, two capitals", "PH", description="ISO 3166-1 alpha-2."),
]
Flight = Annotated[
    str,
    form(
        r"^([A-Z][A-Z0-9]|[0-9][A-Z])[0-9]{1,4}[A-Z]?$",
        "an IATA flight number without blanks: the airline's two signs, up to four digits",
        "MU212",
        description="IATA flight number, e.g. MU212.",
    ),
]
_PORT = "Port of entry: IATA or UN/LOCODE."
Port = Annotated[str, Field(max_length=20, pattern=IDENTIFIER, examples=["PVG"], description=_PORT)]
Loinc = Annotated[
    str,
    form(
        r"^[0-9]{1,7}-[0-9]$",
        "a LOINC code: up to seven digits, a -, the check digit",
        "94500-6",
        description="LOINC code of the test.",
    ),
]
Icd10 = Annotated[
    str,
    form(
        r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Za-z]{1,8})?[*+]?$",
        "an ICD-10 code: a capital, two signs, after a point up to eight more",
        "N18.6",
        description="ICD-10 code, national ones too.",
    ),
]
Gene = Annotated[
    str,
    form(
        r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,19}$",
        "a target gene of up to 20 letters, digits and . _ / -",
        "ORF1ab",
        description="Target gene, e.g. ORF1ab.",
    ),
]
Capability = Annotated[
    str,
    form(
        r"^[a-z][a-z0-9_]*$",
        "one word of small letters a to z, digits and _",
        "paediatric",
        max_length=64,
        description="paediatric, dialysis, obstetric, intensive_care …",
    ),
]
TimeZone = Annotated[
    str, Field(max_length=64), AfterValidator(known_time_zone), Field(description="IANA time zone, e.g. Asia/Shanghai.")
]

# Time
Instant = Annotated[
    datetime,
    Field(strict=True, description="RFC 3339 with an offset, years 1900 to 2200."),
    BeforeValidator(instant_from),
]
LocalDate = Annotated[
    date, Field(strict=True, description="Civil date in the case's time zone."), BeforeValidator(date_from)
]

# Quantities
Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True), BeforeValidator(whole)]
Count = Annotated[Whole, Field(ge=0)]
AttemptNumber = Annotated[Whole, Field(ge=1, le=1000, description="1 for the first attempt, 2 …")]
Total = Annotated[Whole, Field(description="A number of cases.")]
Episode = Annotated[Whole, Field(ge=1, le=99, description="1 for the first illness of the case, 2 …")]
DayNumber = Annotated[Whole, Field(ge=0, le=3660, description="Civil days after the day of discharge.")]
Days = Annotated[Whole, Field(ge=0, le=3660, description="Civil days.")]
Temperature = Annotated[float, Field(strict=True, ge=30, le=45, description="Body temperature, °C.")]
Spo2 = Annotated[
    float, Field(strict=True, ge=30, le=100, description="Oxygen saturation, %."), BeforeValidator(percent)
]
Pao2Fio2 = Annotated[float, Field(strict=True, ge=20, le=700, description="PaO₂/FiO₂, mmHg.")]
RespiratoryRate = Annotated[float, Field(strict=True, ge=1, le=120, description="Breaths a minute.")]
# Events may hold what reports of the first edition were allowed to say.
TemperatureOnRecord = Annotated[float, Field(strict=True, ge=25, le=45, description="Body temperature, °C.")]
Spo2OnRecord = Annotated[float, Field(strict=True, ge=0, le=100, description="Oxygen saturation, %.")]
Pao2Fio2OnRecord = Annotated[float, Field(strict=True, gt=0, le=1000, description="PaO₂/FiO₂, mmHg.")]
RespiratoryRateOnRecord = Annotated[float, Field(strict=True, ge=0, le=200, description="Breaths a minute.")]
HeartRate = Annotated[float, Field(strict=True, ge=0, le=400, description="Beats a minute.")]
Weight = Annotated[float, Field(strict=True, gt=0, le=700, description="kg.")]
Progression = Annotated[float, Field(strict=True, ge=0, le=1000, description="Growth of the lesions in 24 to 48 h, %.")]
Ct = Annotated[float, Field(strict=True, ge=0, le=100, description="Cycle threshold.")]
CtValues = Annotated[dict[Gene, Ct], Field(max_length=20, description="Cycle threshold by target gene.")]
OxygenSupport = Annotated[
    Flag | Annotated[str, Field(max_length=100, pattern=PLAIN)],
    Field(description="How oxygen is given, or whether; absent, false or `none`: the patient breathes air."),
]

# Vocabularies
Sex = Literal["male", "female", "other", "unknown"]
AgeUnit = Literal["a", "mo"]
SpecimenType = Literal[
    "nasal", "nasopharyngeal", "oropharyngeal", "saliva", "sputum", "bronchoalveolar", "anal", "blood", "other"
]
CollectedPrecision = Literal["minute", "day"]
TestOutcome = Literal["detected", "not_detected", "inconclusive", "invalid"]
ResultStatus = Literal["preliminary", "final", "corrected", "retracted"]
Setting = Literal["entry_screening", "hospital", "follow_up"]
TemperatureSite = Literal["axillary", "oral", "ear", "forehead", "rectal", "unknown"]
Respiratory = Literal["none", "improved", "same", "worse"]
Modality = Literal["CR", "CT"]
ImagingChange = Literal["first", "improved", "same", "progressed"]
ImagingStatus = Literal["final", "corrected", "retracted"]
Severity = Literal["asymptomatic", "mild", "common", "severe", "critical"]
TreatmentCategory = Literal[
    "anti_infective", "traditional_chinese_medicine", "nutrition", "symptomatic", "supportive", "other"
]
Disposition = Literal["recovered", "against_advice", "transferred", "died"]
Destination = Literal["home", "isolation_site", "hospital"]
Slot = Literal["am", "pm"]
LogChannel = Literal["app", "sms", "phone", "visit", "site"]
Reporter = Literal["patient", "guardian", "staff"]
CallOutcome = Literal["reached", "no_answer", "wrong_number", "refused"]
ReturnVisitName = Literal["week_2", "week_4"]
FollowUpEndReason = Literal["left_country", "taken_over", "refused_by_law"]
InstitutionKind = Literal["hospital", "internet_hospital", "community_centre", "isolation_site", "health_commission"]
LinkageAnswer = Literal["accepted", "declined"]
CareKind = Literal["phone", "visit", "medicine"]

# Lists are capped, so that one message cannot fill a case.
_LISTED = Field(max_length=100)
Symptoms = Annotated[tuple[Symptom, ...], _LISTED]
SymptomCodes = Annotated[tuple[SymptomCode, ...], _LISTED]
Capabilities = Annotated[tuple[Capability, ...], _LISTED]
Countries = Annotated[tuple[Country, ...], _LISTED]
Texts = Annotated[tuple[Text, ...], _LISTED]
Words = Annotated[tuple[Word, ...], _LISTED]
ResultIds = Annotated[tuple[ResultId, ...], _LISTED]
EvidenceList = Annotated[tuple[Evidence, ...], Field(max_length=1000)]
DayNumbers = Annotated[tuple[DayNumber, ...], Field(max_length=1000)]

Omitted = Annotated[
    dict[Annotated[str, Field(max_length=200)], Whole],
    Field(
        max_length=200,
        description="Path of a field → by how much it really is more than it shows: entries of a list, characters of a "
        "text, or the number itself (negative: less). `…`: so many fields more are cut.",
    ),
]

DECLARED_NAMES: set[str] = set()
"""Every field name of the language: what a path in an answer may say without repeating what was sent."""


class Value(BaseModel):
    """An object of the language: immutable; what it does not know it ignores, as newer publishers may say more."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        DECLARED_NAMES.update(field.alias or name for name, field in cls.model_fields.items())


class Age(Value):
    """Age in completed years (`a`) or, for small children, completed months (`mo`)."""

    value: Annotated[Whole, Field(ge=0, le=150)]
    unit: AgeUnit

    @property
    def months(self) -> int:
        """Age in months; a year counts as twelve."""
        return self.value * 12 if self.unit == "a" else self.value


# What a publisher may not know is absent or `unknown`: both are None to a rule, and no event says more.
_UNKNOWN = Literal["unknown"]
AgeIfKnown = Annotated[Age | None, BeforeValidator(known, json_schema_input_type=Age | _UNKNOWN | None)]
CountryIfKnown = Annotated[Country | None, BeforeValidator(known, json_schema_input_type=Country | _UNKNOWN | None)]
DistrictIfKnown = Annotated[District | None, BeforeValidator(known, json_schema_input_type=District | None)]
JurisdictionIfKnown = Annotated[
    Jurisdiction | None, BeforeValidator(known, json_schema_input_type=Jurisdiction | _UNKNOWN | None)
]


class Residence(Value):
    """Where somebody lives, no finer than the district, which may not be known."""

    jurisdiction: Jurisdiction
    district: DistrictIfKnown = None
