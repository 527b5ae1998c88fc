"""What intake knows of a case: who it is, every version of every test result, re-tests and admissions.

The fields of a person have the names of the report's and the event's, so that the one is taken from the other by name.
"""

from datetime import date, datetime

from msgspec import Struct


class Age(Struct, frozen=True, array_like=True):
    """Completed years (`a`) or months (`mo`)."""

    value: int
    unit: str

    @property
    def months(self) -> int:
        return self.value * 12 if self.unit == "a" else self.value


class Residence(Struct, frozen=True, array_like=True):
    """Where somebody lives, no finer than the district."""

    jurisdiction: str
    district: str


class Person(Struct, frozen=True, array_like=True):
    """Who a case is. `symptoms` are codes only: free text stays in the report."""

    person_ref: str
    sex: str
    age: Age
    nationality: str
    jurisdiction: str
    time_zone: str
    residence: Residence
    symptoms: tuple[str, ...]
    needs: tuple[str, ...]
    rank: str


class Arrival(Person, frozen=True, array_like=True):
    """A traveller, as last reported."""

    origin_country: str
    transit_countries: tuple[str, ...]
    flight: str | None
    port_of_entry: str | None
    departed_on: date | None
    arrived_at: datetime
    party_id: str | None
    purpose: str | None

    @property
    def is_from_abroad(self) -> bool:
        """I1: whether the journey touched another country than the one it ended in."""
        country, _, _ = self.jurisdiction.partition("-")
        return any(passed != country for passed in (self.origin_country, *self.transit_countries))


class LocalCase(Person, frozen=True, array_like=True):
    """Somebody whom the authority has confirmed without travel, as last reported."""

    confirmed_at: datetime


class ResultVersion(Struct, frozen=True, array_like=True):
    """A test result as one event told it; `rank` is that event's for the version that stands, and empty for history."""

    result_id: str
    test: str
    result: str
    status: str
    collected_at: datetime
    resulted_at: datetime
    rank: str


class Retest(Struct, frozen=True, array_like=True):
    """Followup's word on a plan's re-tests: positive again, which branch, and by which evidence.

    `withdrawn`: followup took it back. The branch and the evidence are kept all the same: they tell which results had
    made an episode, so that it can be excluded when these are taken back too, whichever is known first.
    """

    episode: int
    discharged_at: datetime | None
    readmits: bool
    evidence: tuple[str, ...]
    rank: str
    withdrawn: bool = False

    @property
    def key(self) -> tuple[int, float]:
        return self.episode, self.discharged_at.timestamp() if self.discharged_at else 0.0

    @property
    def order(self) -> tuple[int, float]:
        return self.key


class Admission(Struct, frozen=True, array_like=True):
    """An institution admitted the patient; named by it and the civil day as written."""

    institution_id: str
    admitted_at: datetime
    stands: bool
    rank: str

    @property
    def key(self) -> tuple[str, date]:
        return self.institution_id, self.admitted_at.date()

    @property
    def order(self) -> tuple[datetime, str]:
        return self.admitted_at, self.institution_id


class Facts(Struct, frozen=True, array_like=True):
    """All that intake has been told about one case."""

    case_id: str = ""
    arrival: Arrival | None = None
    local: LocalCase | None = None
    results: tuple[ResultVersion, ...] = ()
    """By result; the versions of each in the order in which they held, the last of which stands."""
    retests: tuple[Retest, ...] = ()
    admissions: tuple[Admission, ...] = ()

    @property
    def person(self) -> Arrival | LocalCase | None:
        """Of an arrival and a local case under one id the one written down later holds; both are kept."""
        if self.arrival and self.local:
            return self.arrival if self.arrival.rank > self.local.rank else self.local
        return self.arrival or self.local
