"""What primarycare knows of a case: how it left the ward, what was answered and done, and the alerts about it.

`received_at` is when a thing first came to the bus, whatever was corrected later. What a deadline may ask about keeps
its `versions` too: a deadline was met by what had come before it, in the version of then (F10).
"""

from datetime import date, datetime

from msgspec import Struct

from schemas.places import plain_district
from services.primarycare.domain.versions import Acknowledged, Answered, Named, Severity

HOMES = frozenset({"home", "isolation_site"})
"""The destinations near which somebody is told and asked (P1, P2)."""


class Comorbidity(Struct, frozen=True, array_like=True):
    """An active comorbidity, and what it needs after the ward."""

    condition: str
    needs_regular_care: bool
    medicines_last_until: date | None


class Discharge(Struct, frozen=True, array_like=True):
    """The last word on how an episode left the ward for follow-up (`starts`), or on what ended or undid that.

    What was begun must outlive what ends it, so both are kept; of an episode's the one with the highest rank holds.
    `kind`: the disposition, `revoked`, or `withdrawn` when the event was taken back. `at`: when it took effect.
    `why` it was revoked. `received_at`, `needs_since`: when it first came, and when it first named a condition that
    needs regular care, of somebody who goes home. `places`, `primaries`: each jurisdiction and district, and each
    primary institution, that it ever named. `placed_at`: since when it names those that it names now. `named_when`:
    what it named when.
    """

    episode: int
    starts: bool
    rank: str
    kind: str
    discharged_at: datetime
    at: datetime
    destination: str = ""
    hospital_id: str = ""
    jurisdiction: str = ""
    district: str = ""
    time_zone: str = ""
    protocol: str = ""
    primary_institution_id: str | None = None
    comorbidities: tuple[Comorbidity, ...] = ()
    why: str = ""
    received_at: datetime | None = None
    needs_since: datetime | None = None
    places: tuple[tuple[str, str], ...] = ()
    primaries: tuple[str, ...] = ()
    placed_at: datetime | None = None
    named_when: tuple[Named, ...] = ()

    @property
    def key(self) -> tuple[int, bool, datetime]:
        return self.episode, self.starts, self.discharged_at

    order = key

    @property
    def first_received_at(self) -> datetime:
        """When it came; of one that the first edition stored, when it happened."""
        return self.received_at or self.at

    @property
    def history(self) -> tuple[Named, ...]:
        """What it named when; one that an earlier version stored names what it does, as if that had come first."""
        home = self.primary_institution_id, self.jurisdiction, self.district
        return self.named_when or (Named(self.first_received_at, self.rank, self.hospital_id, *home),)

    @property
    def named(self) -> tuple[str, str, str | None]:
        """The place and the primary institution, as the discharge names them now."""
        return self.jurisdiction, plain_district(self.district), self.primary_institution_id


class Answer(Struct, frozen=True, array_like=True):
    """What an institution answered to a linkage (P2)."""

    linkage_id: str
    institution_id: str
    rank: str
    received_at: datetime
    accepted: bool
    answered_at: datetime
    reason: str | None = None
    versions: tuple[Answered, ...] = ()

    @property
    def history(self) -> tuple[Answered, ...]:
        """What it said when; one that the first edition stored says what it does, as if that had come first."""
        return self.versions or (Answered(self.received_at, self.rank, self.accepted, self.answered_at),)

    @property
    def key(self) -> tuple[str, str]:
        return self.linkage_id, self.institution_id

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.answered_at, self.linkage_id, self.institution_id


class Care(Struct, frozen=True, array_like=True):
    """Care given under a linkage (P3)."""

    linkage_id: str
    institution_id: str
    delivered_at: datetime
    kind: str
    rank: str

    @property
    def key(self) -> tuple[str, str, datetime, str]:
        return self.linkage_id, self.institution_id, self.delivered_at, self.kind

    @property
    def order(self) -> tuple[datetime, str, str, str]:
        return self.delivered_at, self.linkage_id, self.institution_id, self.kind


class Alert(Struct, frozen=True, array_like=True):
    """An alert as followup raised it last; without `stands` it was taken back.

    `received_at`: when it first came with each severity, in whatever version; who saw it before has not seen that.
    """

    alert_id: str
    rank: str
    stands: bool
    episode: int
    discharged_at: datetime | None
    why: str
    severity: str
    day: int
    evidence: tuple[str, ...]
    raised_at: datetime
    received_at: dict[str, datetime] = {}
    round: int = 1
    jurisdiction: str = ""
    district: str = ""
    time_zone: str = ""
    versions: tuple[Severity, ...] = ()

    @property
    def history(self) -> tuple[Severity, ...]:
        """What it said when; of one that the first edition stored, as far as that kept it."""
        if self.versions:
            return self.versions
        received = sorted(self.received_at.items(), key=lambda one: (one[1], one[0] == self.severity))
        last = max((at for _, at in received), default=self.raised_at)
        before = [Severity(at, "", True, severity, self.raised_at) for severity, at in received[:-1]]
        return (*before, Severity(last, self.rank, self.stands, self.severity, self.raised_at))

    @property
    def key(self) -> str:
        return self.alert_id

    order = key


class Acknowledgement(Struct, frozen=True, array_like=True):
    """An institution has seen an alert (P4)."""

    alert_id: str
    institution_id: str
    rank: str
    received_at: datetime
    acknowledged_at: datetime
    versions: tuple[Acknowledged, ...] = ()

    @property
    def last(self) -> Acknowledged:
        """What it says now."""
        return Acknowledged(self.received_at, self.rank, self.acknowledged_at)

    @property
    def history(self) -> tuple[Acknowledged, ...]:
        """What it said when; one that the first edition stored says what it does, as if that had come first."""
        return self.versions or (self.last,)

    @property
    def key(self) -> tuple[str, str]:
        return self.alert_id, self.institution_id

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.acknowledged_at, self.alert_id, self.institution_id


class Confirmation(Struct, frozen=True, array_like=True):
    """Whether an episode is a confirmed case (I1), was excluded (I2), or is neither; `excluded_at`: since when."""

    episode: int
    rank: str
    stands: bool
    received_at: datetime
    excluded_at: datetime | None = None

    @property
    def key(self) -> int:
        return self.episode

    order = key


class Plan(Struct, frozen=True, array_like=True):
    """Where followup watches the patient of a discharge, since F9 not always where the discharge said.

    `received_at`: when this place first came.
    """

    episode: int
    discharged_at: datetime
    rank: str
    stands: bool
    received_at: datetime
    jurisdiction: str = ""
    district: str = ""
    time_zone: str = ""
    primary_institution_id: str | None = None

    @property
    def key(self) -> tuple[int, datetime]:
        return self.episode, self.discharged_at

    order = key


class Standing(Struct, frozen=True, array_like=True):
    """How a plan stands (F8): the `why` of one that was cancelled, else empty. `received_at`: when that first came."""

    episode: int
    discharged_at: datetime
    rank: str
    received_at: datetime
    cancelled: str = ""

    @property
    def key(self) -> tuple[int, datetime]:
        return self.episode, self.discharged_at

    order = key


class Stay(Struct, frozen=True, array_like=True):
    """An admission to an institution."""

    institution_id: str
    admitted_at: datetime
    rank: str
    stands: bool

    @property
    def key(self) -> tuple[datetime, str]:
        return self.admitted_at, self.institution_id

    order = key


class StayEnd(Struct, frozen=True, array_like=True):
    """The end of a stay after the discharge that no re-positive explains (D8)."""

    admitted_at: datetime
    ended_at: datetime
    rank: str
    stands: bool

    @property
    def key(self) -> datetime:
        return self.admitted_at

    order = key


class Facts(Struct, frozen=True, array_like=True):
    """All that is known of a case."""

    case_id: str = ""
    discharges: tuple[Discharge, ...] = ()
    answers: tuple[Answer, ...] = ()
    care: tuple[Care, ...] = ()
    alerts: tuple[Alert, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    plans: tuple[Plan, ...] = ()
    standings: tuple[Standing, ...] = ()
    stays: tuple[Stay, ...] = ()
    stay_ends: tuple[StayEnd, ...] = ()
