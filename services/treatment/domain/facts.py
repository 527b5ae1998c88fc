"""What treatment knows of a case: each reported thing once, every version of a result, and the case's episodes.

The fields of a fact have the names of the report's, so that a fact is taken from a report, and an event said from a
fact, by name; `rank` (and what else no event has) comes last.
"""

from datetime import date, datetime
from typing import ClassVar

from msgspec import Struct


class Fact(Struct, frozen=True, array_like=True, gc=False):
    """One reported thing. Named by its clinical time, the field `clinical`."""

    clinical: ClassVar[str]

    @property
    def at(self) -> datetime:
        """Its clinical time."""
        at: datetime = getattr(self, self.clinical)
        return at

    @property
    def key(self) -> object:
        return self.at

    @property
    def order(self) -> object:
        return self.at


class Named(Fact, frozen=True, array_like=True, gc=False):
    """A thing that has a name of its own, and whose clinical time may be corrected."""

    @property
    def order(self) -> object:
        return self.at, self.key


class Admission(Named, frozen=True, array_like=True, gc=False):
    """A hospital admitted the patient: the institution and the instant name it."""

    clinical: ClassVar[str] = "admitted_at"

    institution_id: str
    admitted_at: datetime
    department: str | None = None
    symptoms: tuple[str, ...] = ()
    rank: str = ""

    @property
    def key(self) -> tuple[str, datetime]:
        return self.institution_id, self.admitted_at


class AdmissionCancellation(Named, frozen=True, array_like=True, gc=False):
    """An institution took back its latest admission not after this."""

    clinical: ClassVar[str] = "cancelled_at"

    institution_id: str
    cancelled_at: datetime
    rank: str = ""

    @property
    def key(self) -> tuple[str, datetime]:
        return self.institution_id, self.cancelled_at


class ResultVersion(Named, frozen=True, array_like=True, gc=False):
    """A result as one report gave it. A later report that says otherwise is another version, and both are kept.

    A laboratory's own id names its result: two laboratories may use one id.
    """

    clinical: ClassVar[str] = "collected_at"

    result_id: str
    specimen_id: str
    specimen_type: str
    test: str
    result: str
    collected_at: datetime
    resulted_at: datetime
    lab: str
    setting: str
    status: str
    ct_values: dict[str, float] | None = None
    rank: str = ""
    collected_precision: str = "minute"

    @property
    def of(self) -> tuple[str, str]:
        """The result that it is a version of: `(lab, result_id)`."""
        return self.lab, self.result_id

    @property
    def key(self) -> tuple[str, str, datetime, str, str]:
        return self.lab, self.result_id, self.resulted_at, self.status, self.result

    @property
    def precedence(self) -> tuple[datetime, str]:
        """Of two versions of a result the one with the later `resulted_at` holds, else the one of greater rank."""
        return self.resulted_at, self.rank


class Observation(Fact, frozen=True, array_like=True, gc=False):
    """What somebody saw at one instant; two observers at one instant saw two things. `observer` "": not known."""

    @property
    def key(self) -> tuple[datetime, str]:
        return self.at, getattr(self, "observer", "")

    @property
    def order(self) -> tuple[datetime, str]:
        return self.key


class VitalSigns(Observation, frozen=True, array_like=True, gc=False):
    """Measurements at one instant by one observer.

    `ranks`: of each measurement that a version of another rank mentioned last, that rank.
    """

    clinical: ClassVar[str] = "measured_at"

    measured_at: datetime
    temperature_c: float | None = None
    temperature_site: str | None = None
    spo2_percent: float | None = None
    pao2_fio2_mmhg: float | None = None
    respiratory_rate_per_min: float | None = None
    heart_rate_per_min: float | None = None
    weight_kg: float | None = None
    oxygen_support: bool | str | None = None
    rank: str = ""
    observer: str = ""
    ranks: dict[str, str] | None = None


class Symptoms(Observation, frozen=True, array_like=True, gc=False):
    """Symptoms observed at one instant by one observer."""

    clinical: ClassVar[str] = "observed_at"

    observed_at: datetime
    symptoms: tuple[str, ...]
    respiratory: str
    rank: str = ""
    observer: str = ""


class Imaging(Named, frozen=True, array_like=True, gc=False):
    """One imaging study of the chest."""

    clinical: ClassVar[str] = "performed_at"

    study_id: str
    modality: str
    performed_at: datetime
    finding: str
    pneumonia: bool
    change: str
    progression_percent: float | None = None
    rank: str = ""
    status: str = "final"

    @property
    def key(self) -> str:
        return self.study_id


class ReportedSeverity(Observation, frozen=True, array_like=True, gc=False):
    """A clinician's class at one instant; of two at one instant the one recorded later holds."""

    clinical: ClassVar[str] = "assessed_at"

    assessed_at: datetime
    severity: str
    criteria: tuple[str, ...] = ()
    rank: str = ""
    observer: str = ""


class Treatment(Fact, frozen=True, array_like=True, gc=False):
    """What was given or done at one instant; its category and medication name it as well."""

    clinical: ClassVar[str] = "given_at"

    given_at: datetime
    category: str
    medication: str | None = None
    dose: str | None = None
    rank: str = ""

    @property
    def key(self) -> tuple[datetime, str, str]:
        return self.given_at, self.category, self.medication or ""

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.key


class Comorbidity(Named, frozen=True, array_like=True, gc=False):
    """Another illness as now known. It is about no instant; `recorded_at` is when it was written down."""

    clinical: ClassVar[str] = "recorded_at"

    condition: str
    active: bool
    needs_regular_care: bool
    regular_medicines: tuple[str, ...]
    medicines_last_until: date | None
    recorded_at: datetime
    rank: str = ""

    @property
    def key(self) -> str:
        return self.condition


class Correction(Fact, frozen=True, array_like=True, gc=False):
    """A report that corrects or retracts a result, and waits where nobody knows what it corrects."""

    clinical: ClassVar[str] = "received_at"

    received_at: datetime
    lab: str
    result_id: str
    report_id: str
    report_type: str
    source: str
    rank: str = ""

    @property
    def of(self) -> tuple[str, str]:
        """The result that it corrects."""
        return self.lab, self.result_id

    @property
    def key(self) -> str:
        return self.report_id

    @property
    def order(self) -> tuple[datetime, str]:
        return self.received_at, self.report_id


class Episode(Struct, frozen=True, array_like=True, gc=False):
    """An episode as intake states it; one that is excluded or taken back is kept with `stands` false.

    `symptoms` were told at `symptoms_at`: on arrival, or when a local case was confirmed. `age_months`: on that day.
    `labs`: the laboratory of each result of `basis`; none in what was stored before results were named by it.
    """

    number: int
    stands: bool
    rank: str
    confirmed_at: datetime | None = None
    basis: tuple[str, ...] = ()
    age_months: int = 0
    jurisdiction: str = ""
    time_zone: str = "UTC"
    symptoms_at: datetime | None = None
    symptoms: tuple[str, ...] = ()
    age_is_known: bool = True
    labs: tuple[str, ...] = ()
    district: str = ""

    @property
    def key(self) -> int:
        return self.number

    @property
    def order(self) -> int:
        return self.number


class Facts(Struct, frozen=True, array_like=True):
    """All that has been reported to treatment about one case."""

    case_id: str = ""
    episodes: tuple[Episode, ...] = ()
    admissions: tuple[Admission, ...] = ()
    results: tuple[ResultVersion, ...] = ()
    vital_signs: tuple[VitalSigns, ...] = ()
    symptoms: tuple[Symptoms, ...] = ()
    imaging: tuple[Imaging, ...] = ()
    severities: tuple[ReportedSeverity, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    comorbidities: tuple[Comorbidity, ...] = ()
    admission_cancellations: tuple[AdmissionCancellation, ...] = ()
    corrections: tuple[Correction, ...] = ()
