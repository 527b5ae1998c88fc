"""What has been reported of a case, each thing once, in clinical order.

A fact taken back by its publisher stays as a tombstone (`withdrawn`), so that order of arrival does not matter. Whoever
observed something names it beside its instant: `observer`, "" in what the first edition kept.
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
    """Where somebody lives, no finer than the district; "" where nobody knows which."""

    jurisdiction: str
    district: str


class Confirmation(Named, frozen=True, array_like=True, gc=False):
    """A confirmed case, one for each episode; `at` is `confirmed_at`.

    `symptoms_at`: when it told of symptoms, in codes or in words. `basis_labs`: the laboratory of each result of
    `basis`; empty where the event did not say.
    """

    episode: int
    jurisdiction: str
    time_zone: str
    residence: Residence
    symptoms_at: datetime | None
    basis: tuple[str, ...]
    basis_labs: tuple[str, ...] = ()

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
    """A stay in hospital begins. Named by the institution and the instant, in whatever zone that is written."""

    institution_id: str
    symptoms: bool

    @property
    def key(self) -> tuple[str, datetime]:
        return self.institution_id, self.at


class Result(Named, frozen=True, array_like=True, gc=False):
    """One version of a test result: `at` is its own `resulted_at`, from which on it is in force (D0).

    Named by `lab` and `result_id`. `rank` and `withdrawn`: of the event that told the history. `ct_values`: by target
    gene. Documents of the first edition have no `lab` and no `specimen_id`, and of the Ct values the `lowest_ct` alone.
    """

    result_id: str
    test: str
    specimen_type: str
    outcome: str
    status: str
    collected_at: datetime
    lowest_ct: float | None
    setting: str = "follow_up"
    """Of the first edition; no rule asks for it any more (F5)."""
    lab: str = ""
    specimen_id: str = ""
    collected_precision: str = "minute"
    ct_values: dict[str, float] = {}

    @property
    def key(self) -> tuple[str, datetime, str]:
        return self.result_id, self.at, self.lab

    @property
    def name(self) -> tuple[str, str]:
        """What names the result, of which this is a version."""
        return self.lab, self.result_id

    @property
    def specimen(self) -> str | tuple[str, str]:
        """What was tested; each result for itself where nobody kept the specimen's id."""
        return self.specimen_id or self.name

    @property
    def cts(self) -> dict[str, float]:
        """The Ct values by target gene; where only the lowest was kept, as of a gene of the virus."""
        return self.ct_values if self.lowest_ct is None else {"N": self.lowest_ct}


class Measurement(Fact, frozen=True, array_like=True, gc=False):
    """A temperature, °C, and the site at which it was taken; two devices at one minute took two."""

    celsius: float
    site: str
    observer: str = ""

    @property
    def key(self) -> tuple[datetime, str]:
        return self.at, self.observer

    @property
    def order(self) -> tuple[datetime, str]:
        return self.key


class Observation(Fact, frozen=True, array_like=True, gc=False):
    """The respiratory symptoms compared with the observation before."""

    respiratory: str
    observer: str = ""

    @property
    def key(self) -> tuple[datetime, str]:
        return self.at, self.observer

    @property
    def order(self) -> tuple[datetime, str]:
        return self.key


class Study(Named, frozen=True, array_like=True, gc=False):
    """One imaging study of the chest."""

    study_id: str
    pneumonia: bool
    change: str

    @property
    def key(self) -> str:
        return self.study_id


class ClassInForce(Struct, frozen=True, array_like=True, gc=False):
    """The class of the illness that held from an instant on (S3)."""

    at: datetime
    severity: str


class Assessment(Named, frozen=True, array_like=True, gc=False):
    """The last word on an episode's severity `by` the rule or a clinician; `prevails`: it holds of the two (S3).

    `history`: the classes that prevailed, oldest first; empty in events of the first edition.
    """

    by: str
    severity: str
    prevails: bool
    episode: int
    history: tuple[ClassInForce, ...] = ()

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
    """A hospital reported that a stay ended. Named by the institution and the instant, a death apart.

    Which of several ended the stay is another question: see `stays`. `destination`: "" of the dead. `received_at`,
    `report_id`, `report_type`, `source`: of the report, for when it has to be answered. `first_received_at`: when this
    discharge first came, in any version; None in documents of the first edition, which came when it was `received_at`.
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
    to_institution_id: str | None = None
    first_received_at: datetime | None = None

    @property
    def key(self) -> tuple[str, datetime, bool]:
        return self.institution_id, self.at, self.died

    @property
    def died(self) -> bool:
        return self.disposition == "died"

    @property
    def known_at(self) -> datetime:
        """When it first came to the bus."""
        return self.first_received_at or self.received_at


class Cancellation(Fact, frozen=True, array_like=True, gc=False):
    """Takes back the latest discharge not after it (D8)."""


class Place(Struct, frozen=True, array_like=True, gc=False):
    """Where somebody is to be found: no finer than the district; "" where nobody knows which."""

    jurisdiction: str
    district: str
    time_zone: str


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
