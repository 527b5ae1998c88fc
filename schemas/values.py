"""Constrained types shared by messages, each with its unit or code system.

A number must be a number and a truth value a truth value: nothing is converted from text, so `"38.5"` is refused.
Instants and civil dates are written as RFC 3339 and ISO 8601 text, or handed in as `datetime` and `date` by our code.
"""

import re
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_LEAP_SECOND = re.compile(r":60(\.\d+)?(?=[Zz+-])")
_BEFORE_MIDNIGHT = (23, 59)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SCTID = re.compile(r"[1-9][0-9]{5,17}", re.ASCII)


@lru_cache(maxsize=4096)
def parse_instant(written: str) -> datetime:
    """The instant that an RFC 3339 text names, with the offset as written.

    A leap second (`23:59:60`, as written or in UTC) is the last microsecond of its minute: no `datetime` can hold it,
    and so it stays on its day, after all that came before it.

    Raises PydanticCustomError `instant_form` (no such form, or no offset), `instant_invalid` (no such day or second)
    and `instant_range` (outside the years 1900 to 2200).
    """
    if not _RFC_3339.fullmatch(written):
        raise PydanticCustomError("instant_form", "not an RFC 3339 instant with an offset")
    plain = _LEAP_SECOND.sub(":59.999999", written)
    try:
        instant = datetime.fromisoformat(plain.upper())
        exists = plain is written or _ends_a_day(instant)
    except (ValueError, OverflowError):
        exists = False
    if not exists:
        raise PydanticCustomError("instant_invalid", "no such instant")
    if not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
        raise PydanticCustomError("instant_range", "outside the years 1900 to 2200")
    return instant


def _ends_a_day(instant: datetime) -> bool:
    """Whether it lies in the last minute of a day where it was written, or in UTC."""
    written, utc = instant, instant.astimezone(UTC)
    return any((at.hour, at.minute) == _BEFORE_MIDNIGHT for at in (written, utc))


def parse_date(written: str) -> date:
    """The civil date that `YYYY-MM-DD` names. Raises PydanticCustomError `date_form`, `date_invalid`, `date_range`."""
    if not _ISO_DATE.fullmatch(written):
        raise PydanticCustomError("date_form", "not a date YYYY-MM-DD")
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise PydanticCustomError("date_invalid", "no such day") from None
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise PydanticCustomError("date_range", "outside the years 1900 to 2200")
    return day


def instant_from(given: object) -> datetime:
    if isinstance(given, str):
        return parse_instant(given)
    if isinstance(given, datetime) and given.utcoffset() is not None:
        return given
    raise PydanticCustomError("instant_type", "not an instant")


def _local_date(given: object) -> date:
    if isinstance(given, str):
        return parse_date(given)
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    raise PydanticCustomError("date_type", "not a date")


@cache
def _known_time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _time_zone(name: str) -> str:
    if name not in _known_time_zones():
        raise PydanticCustomError("time_zone_unknown", "not in the IANA time zone database")
    return name


def is_code(symptom: str) -> bool:
    """Whether a symptom is a SNOMED CT identifier (6 to 18 digits) and not free text."""
    return _SCTID.fullmatch(symptom) is not None


def on_air(oxygen_support: bool | str | None) -> bool:
    """Whether a patient breathes air without support: nothing said, `false`, or one of the words for none."""
    return not oxygen_support or oxygen_support in {"none", "air", "room_air"}


# Text. Control characters, NUL among them, are refused everywhere: PostgreSQL cannot store it, terminals obey them.
_PLAIN = r"^[^\u0000-\u001f\u007f-\u009f]+$"
_IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$"
Identifier = Annotated[str, Field(max_length=128, pattern=_IDENTIFIER, description="Opaque identifier.")]
CaseId = Annotated[str, Field(max_length=128, pattern=_IDENTIFIER, description="The case; also the record's key.")]
PersonRef = Annotated[
    str, Field(max_length=128, pattern=_IDENTIFIER, description="Random or keyed pseudonym of a person; never a name.")
]
InstitutionId = Annotated[
    str, Field(max_length=128, pattern=_IDENTIFIER, description="Institution, as in the directory.")
]
ResultId = Annotated[
    str, Field(max_length=128, pattern=_IDENTIFIER, description="The laboratory's own id of this result.")
]
SubscriptionId = Annotated[
    str,
    Field(max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*$", description="Subscription, as its operator calls it."),
]
Text = Annotated[str, Field(max_length=500, pattern=_PLAIN, description="Plain text that identifies no person.")]
Word = Annotated[str, Field(max_length=64, pattern=r"^[a-z][a-z0-9_]*$", description="One word of a vocabulary.")]
Evidence = Annotated[
    str, Field(max_length=200, pattern=_PLAIN, description="A result_id, a study_id, or a measurement's clinical time.")
]

# Codes
Symptom = Annotated[
    str, Field(max_length=200, pattern=_PLAIN, description="SNOMED CT code, or free text that identifies no person.")
]
SymptomCode = Annotated[str, Field(pattern=r"^[1-9][0-9]{5,17}$", description="SNOMED CT code.")]
Finding = Annotated[str, Field(max_length=500, pattern=_PLAIN, description="SNOMED CT code, or text.")]
Jurisdiction = Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$", description="ISO 3166-2, e.g. CN-SH.")]
District = Annotated[str, Field(max_length=100, pattern=_PLAIN, description="District of the jurisdiction.")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")]
Flight = Annotated[
    str, Field(pattern=r"^([A-Z][A-Z0-9]|[0-9][A-Z])[0-9]{1,4}[A-Z]?$", description="IATA flight number, e.g. MU212.")
]
Port = Annotated[str, Field(max_length=20, pattern=_IDENTIFIER, description="Port of entry: IATA or UN/LOCODE.")]
Loinc = Annotated[str, Field(pattern=r"^[0-9]{1,7}-[0-9]$", description="LOINC code of the test.")]
Icd10 = Annotated[
    str,
    Field(pattern=r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Za-z]{1,8})?[*+]?$", description="ICD-10 code, national ones too."),
]
Gene = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,19}$", description="Target gene, e.g. ORF1ab.")]
Capability = Annotated[
    str,
    Field(max_length=64, pattern=r"^[a-z][a-z0-9_]*$", description="paediatric, dialysis, obstetric, intensive_care …"),
]
TimeZone = Annotated[
    str, Field(max_length=64), AfterValidator(_time_zone), Field(description="IANA time zone, e.g. Asia/Shanghai.")
]

# Time
Instant = Annotated[
    datetime,
    Field(strict=True, description="RFC 3339 with an offset, years 1900 to 2200."),
    BeforeValidator(instant_from),
]
LocalDate = Annotated[
    date, Field(strict=True, description="Civil date in the case's time zone."), BeforeValidator(_local_date)
]

# Quantities
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=0)]
AttemptNumber = Annotated[int, Field(strict=True, ge=1, le=1000, description="1 for the first attempt, 2 …")]
Total = Annotated[int, Field(strict=True, description="A number of cases.")]
Episode = Annotated[int, Field(strict=True, ge=1, le=99, description="1 for the first illness of the case, 2 …")]
DayNumber = Annotated[int, Field(strict=True, ge=0, le=3660, description="Civil days after the day of discharge.")]
Days = Annotated[int, Field(strict=True, ge=0, le=3660, description="Civil days.")]
Temperature = Annotated[float, Field(strict=True, ge=25, le=45, description="Body temperature, °C.")]
Spo2 = Annotated[float, Field(strict=True, ge=0, le=100, description="Oxygen saturation, %.")]
Pao2Fio2 = Annotated[float, Field(strict=True, gt=0, le=1000, description="PaO₂/FiO₂, mmHg.")]
RespiratoryRate = Annotated[float, Field(strict=True, ge=0, le=200, description="Breaths a minute.")]
HeartRate = Annotated[float, Field(strict=True, ge=0, le=400, description="Beats a minute.")]
Weight = Annotated[float, Field(strict=True, gt=0, le=700, description="kg.")]
Progression = Annotated[float, Field(strict=True, ge=0, le=1000, description="Growth of the lesions in 24 to 48 h, %.")]
Ct = Annotated[float, Field(strict=True, ge=0, le=100, description="Cycle threshold.")]
CtValues = Annotated[dict[Gene, Ct], Field(max_length=20, description="Cycle threshold by target gene.")]
OxygenSupport = Annotated[
    Flag | Annotated[str, Field(max_length=100, pattern=_PLAIN)],
    Field(description="How oxygen is given, or whether; absent, false or `none`: the patient breathes air."),
]

# Vocabularies
Sex = Literal["male", "female", "other", "unknown"]
AgeUnit = Literal["a", "mo"]
SpecimenType = Literal["nasopharyngeal", "oropharyngeal", "sputum", "bronchoalveolar", "anal", "blood", "other"]
TestOutcome = Literal["detected", "not_detected", "inconclusive", "invalid"]
ResultStatus = Literal["preliminary", "final", "corrected", "retracted"]
Setting = Literal["entry_screening", "hospital", "follow_up"]
TemperatureSite = Literal["axillary", "oral", "ear", "forehead", "rectal"]
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
    dict[Annotated[str, Field(max_length=200)], Annotated[int, Field(strict=True)]],
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

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, hide_input_in_errors=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        DECLARED_NAMES.update(cls.model_fields)


class Age(Value):
    """Age in completed years (`a`) or, for small children, completed months (`mo`)."""

    value: Annotated[int, Field(strict=True, ge=0, le=150)]
    unit: AgeUnit

    @property
    def months(self) -> int:
        """Age in months; a year counts as twelve."""
        return self.value * 12 if self.unit == "a" else self.value


class Residence(Value):
    """Where somebody lives, no finer than the district."""

    jurisdiction: Jurisdiction
    district: District
