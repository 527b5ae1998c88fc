"""What has been reported of a case, each thing once, in clinical order.

A fact taken back by its publisher stays as a tombstone (`withdrawn`), so that order of arrival does not matter.
"""

from collections.abc import Hashable
from datetime import date, datetime
from typing import Any

from msgspec import Struct


class Fact(Struct, frozen=True, array_like=True, gc=False):
    """One thing, named by its clinical time `at`; `rank`: which version holds."""

    at: datetime
    rank: str
    withdrawn: bool

    @property
    def key(self) -> Hashable:
        return self.at

    @property
    def order(self) -> Any:
        return self.at


class Named(Fact, frozen=True, array_like=True, gc=False):
    """A thing that has a name of its own, and whose clinical time may be corrected."""

    @property
    def order(self) -> tuple[datetime, Any]:
        return self.at, self.key


class Residence(Struct, frozen=True, array_like=True, gc=False):
    """Where somebody lives, no finer than the district."""

    jurisdiction: str
    district: str


class Confirmation(Named, frozen=True, array_like=True, gc=False):
    """A confirmed case, one for each episode; `at` is `confirmed_at`. `symptoms_at`: when it told of symptoms."""

    episode: int
    jurisdiction: str
    time_zone: str
    residence: Residence
    symptoms_at: datetime | None
    basis: tuple[str, ...]

    @property
    def key(self) -> int:
        return self.episode


class Exclusion(Named, frozen=True, array_like=True, gc=False):
    """An episode that never was; `at` is `excluded_at`."""

    episode: int

    @property
    def key(self) -> int:
        return self.episode


class Admission(Named, frozen=True, array_like=True, gc=False):
    """A stay in hospital begins. Named by the institution and the civil day as it was written."""

    institution_id: str
    symptoms: bool

    @property
    def key(self) -> tuple[str, date]:
        return self.institution_id, self.at.date()


class Result(Named, frozen=True, array_like=True, gc=False):
    """One version of a test result: `at` is its own `resulted_at`, from which on it is in force (D0).

    `rank` and `withdrawn`: of the event that told the history. `lowest_ct`: the least of the Ct values, if any.
    """

    result_id: str
    test: str
    specimen_type: str
    outcome: str
    status: str
    collected_at: datetime
    lowest_ct: float | None
    setting: str = "follow_up"
    """Stored documents of before it was kept may hold a re-test, so they count as one."""

    @property
    def key(self) -> tuple[str, datetime]:
        return self.result_id, self.at


class Measurement(Fact, frozen=True, array_like=True, gc=False):
    """A temperature, °C, and the site at which it was taken."""

    celsius: float
    site: str


class Observation(Fact, frozen=True, array_like=True, gc=False):
    """The respiratory symptoms compared with the observation before."""

    respiratory: str


class Study(Named, frozen=True, array_like=True, gc=False):
    """One imaging study of the chest."""

    study_id: str
    pneumonia: bool
    change: str

    @property
    def key(self) -> str:
        return self.study_id


class Assessment(Named, frozen=True, array_like=True, gc=False):
    """The last word on an episode's severity `by` the rule or a clinician; `prevails`: it holds of the two (S3)."""

    by: str
    severity: str
    prevails: bool
    episode: int

    @property
    def key(self) -> tuple[int, str]:
        return self.episode, self.by


class Comorbidity(Struct, frozen=True, array_like=True, gc=False):
    """Another illness as known now; it is about no instant."""

    condition: str
    rank: str
    withdrawn: bool
    active: bool
    needs_regular_care: bool
    regular_medicines: tuple[str, ...]
    medicines_last_until: date | None

    @property
    def key(self) -> str:
        return self.condition

    @property
    def order(self) -> str:
        return self.condition


class Approval(Fact, frozen=True, array_like=True, gc=False):
    """The panel's approval; `override`: of D4, for somebody who stays positive, with evidence (D5)."""

    panel: tuple[str, ...]
    override: bool


class Discharge(Named, frozen=True, array_like=True, gc=False):
    """A hospital discharged the patient. Named by the institution and the civil day as it was written.

    `received_at`, `report_id`, `report_type`, `source`: of the report, for when it has to be answered.
    """

    institution_id: str
    disposition: str
    destination: str
    residence: Residence | None
    primary_institution_id: str | None
    received_at: datetime
    report_id: str
    report_type: str
    source: str

    @property
    def key(self) -> tuple[str, date]:
        return self.institution_id, self.at.date()


class Cancellation(Fact, frozen=True, array_like=True, gc=False):
    """Takes back the latest discharge not after it (D8)."""


class Facts(Struct, frozen=True, array_like=True):
    """All that this service has been told of a case."""

    case_id: str = ""
    confirmations: tuple[Confirmation, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    admissions: tuple[Admission, ...] = ()
    results: tuple[Result, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    observations: tuple[Observation, ...] = ()
    studies: tuple[Study, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    comorbidities: tuple[Comorbidity, ...] = ()
    approvals: tuple[Approval, ...] = ()
    discharges: tuple[Discharge, ...] = ()
    cancellations: tuple[Cancellation, ...] = ()
