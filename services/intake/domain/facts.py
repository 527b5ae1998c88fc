"""What intake knows of a case: who it is, every version of every test result, re-tests, admissions and discharges.

The fields of a person have the names of the report's and the event's, so that the one is taken from the other by name.
Text is empty where nobody knows: so documents have one shape, whatever is known.
"""

from datetime import date, datetime

from msgspec import Struct


class Age(Struct, frozen=True, array_like=True):
    """Completed years (`a`) or months (`mo`); without a unit: unknown."""

    value: int
    unit: str

    @property
    def months(self) -> int:
        return self.value * 12 if self.unit == "a" else self.value


class Residence(Struct, frozen=True, array_like=True):
    """Where somebody lives, no finer than the district, which may be unknown."""

    jurisdiction: str
    district: str


class Person(Struct, frozen=True, array_like=True):
    """Who a case is. `symptoms` are codes only: free text stays in the report, and is counted: `symptoms_in_words`."""

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
    symptoms_in_words: int = 0

    @property
    def is_from_abroad(self) -> bool:
        """I1: whether the journey touched another country than the one it ended in, or began nobody knows where."""
        country, _, _ = self.jurisdiction.partition("-")
        return any(passed != country for passed in (self.origin_country, *self.transit_countries))


class LocalCase(Person, frozen=True, array_like=True):
    """Somebody whom the authority has confirmed without travel, as last reported."""

    confirmed_at: datetime
    symptoms_in_words: int = 0


class Withdrawal(Struct, frozen=True, array_like=True):
    """The authority takes a local case back that it had reported before, as last written down."""

    withdrawn_at: datetime
    reason: str
    rank: str


class ResultVersion(Struct, frozen=True, array_like=True):
    """A test result as one event told it; `rank` is that event's for the version that stands, and empty for history.

    `lab` and `result_id` name the result, in every version as the event does. The first edition kept no `lab`.
    """

    result_id: str
    test: str
    result: str
    status: str
    collected_at: datetime
    resulted_at: datetime
    rank: str
    lab: str = ""
    setting: str = ""
    ct_values: dict[str, float] | None = None

    @property
    def name(self) -> tuple[str, str]:
        """What names the result."""
        return self.result_id, self.lab


class Retest(Struct, frozen=True, array_like=True):
    """Followup's word on a plan's re-tests: positive again, which branch, and by which evidence.

    `withdrawn`: followup took it back; `taken_back`: because the results it names were. These are kept all the same:
    they had made an episode, which is excluded, whether or not anybody was told of it before.
    """

    episode: int
    discharged_at: datetime | None
    readmits: bool
    evidence: tuple[str, ...]
    rank: str
    withdrawn: bool = False
    taken_back: bool = False

    @property
    def key(self) -> tuple[int, float]:
        return self.episode, self.discharged_at.timestamp() if self.discharged_at else 0.0

    @property
    def order(self) -> tuple[int, float]:
        return self.key


class Admission(Struct, frozen=True, array_like=True):
    """An institution admitted the patient; named by it and the instant."""

    institution_id: str
    admitted_at: datetime
    stands: bool
    rank: str

    @property
    def key(self) -> tuple[datetime, str]:
        return self.admitted_at, self.institution_id

    @property
    def order(self) -> tuple[datetime, str]:
        return self.key


class Discharge(Struct, frozen=True, array_like=True):
    """Discharge's word on how an episode left the ward at an instant; the last one on an episode stands.

    `received_at`: when it came. `known_at`: when discharge came to know of it. Where that is: of the residence, else of
    the institution; empty where nobody knows.
    """

    episode: int
    discharged_at: datetime
    disposition: str
    institution_id: str
    to_institution_id: str
    jurisdiction: str
    district: str
    time_zone: str
    known_at: datetime
    received_at: datetime
    withdrawn: bool
    rank: str

    @property
    def key(self) -> tuple[int, datetime]:
        return self.episode, self.discharged_at

    @property
    def order(self) -> tuple[int, datetime]:
        return self.key


class Revocation(Struct, frozen=True, array_like=True):
    """Discharge's word that a discharge is undone. `institution_id`: the hospital that had discharged, if named."""

    episode: int
    discharged_at: datetime
    revoked_at: datetime
    why: str
    institution_id: str
    received_at: datetime
    withdrawn: bool
    rank: str

    @property
    def key(self) -> tuple[int, datetime]:
        return self.episode, self.discharged_at

    @property
    def order(self) -> tuple[int, datetime]:
        return self.key


class OtherStay(Struct, frozen=True, array_like=True):
    """A stay after the discharge of an episode has ended; named by when it began."""

    admitted_at: datetime
    episode: int
    institution_id: str
    ended_at: datetime
    disposition: str
    to_institution_id: str
    received_at: datetime
    withdrawn: bool
    rank: str

    @property
    def key(self) -> datetime:
        return self.admitted_at

    @property
    def order(self) -> datetime:
        return self.admitted_at


class Facts(Struct, frozen=True, array_like=True):
    """All that intake has been told about one case."""

    case_id: str = ""
    arrival: Arrival | None = None
    local: LocalCase | None = None
    results: tuple[ResultVersion, ...] = ()
    """By result; the versions of each in the order in which they held, the last of which stands."""
    retests: tuple[Retest, ...] = ()
    admissions: tuple[Admission, ...] = ()
    withdrawal: Withdrawal | None = None
    discharges: tuple[Discharge, ...] = ()
    revocations: tuple[Revocation, ...] = ()
    other_stays: tuple[OtherStay, ...] = ()

    @property
    def person(self) -> Arrival | LocalCase | None:
        """Of an arrival and a local case under one id the one written down later holds; both are kept.

        A local case that its authority has taken back holds only where there is no other.
        """
        if self.arrival and self.local:
            gone = self.is_withdrawn or self.arrival.rank > self.local.rank
            return self.arrival if gone else self.local
        return self.arrival or self.local

    @property
    def person_refs(self) -> tuple[str, ...]:
        """Whoever it was reported to be."""
        return tuple(one.person_ref for one in (self.arrival, self.local) if one is not None)

    @property
    def is_withdrawn(self) -> bool:
        """I2: whether the authority has taken back the local case that it last reported."""
        return self.withdrawal is not None and self.local is not None and self.withdrawal.rank > self.local.rank
