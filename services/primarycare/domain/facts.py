"""What primarycare knows of a case: how it left the ward, what was answered and done, and the alerts about it.

`received_at` of an answer is when it first came to the bus, whatever was corrected later: a deadline was met by what
had come before it.
"""

from datetime import date, datetime

from msgspec import Struct


class Comorbidity(Struct, frozen=True, array_like=True):
    """An active comorbidity, and what it needs after the ward."""

    condition: str
    needs_regular_care: bool
    medicines_last_until: date | None


class Discharge(Struct, frozen=True, array_like=True):
    """The last word on how an episode left the ward for follow-up (`starts`), or on what ended or undid that.

    What was begun must outlive what ends it, so both are kept; of an episode's the one with the highest rank holds.
    `kind`: the disposition, `revoked`, or `withdrawn` when the event was taken back. `at`: when it took effect.
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

    @property
    def key(self) -> tuple[int, bool, datetime]:
        return self.episode, self.starts, self.discharged_at

    order = key


class Answer(Struct, frozen=True, array_like=True):
    """What an institution answered to a linkage (P2)."""

    linkage_id: str
    institution_id: str
    rank: str
    received_at: datetime
    accepted: bool
    answered_at: datetime
    reason: str | None = None

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

    @property
    def key(self) -> tuple[str, str]:
        return self.alert_id, self.institution_id

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.acknowledged_at, self.alert_id, self.institution_id


class Facts(Struct, frozen=True, array_like=True):
    """All that is known of a case."""

    case_id: str = ""
    discharges: tuple[Discharge, ...] = ()
    answers: tuple[Answer, ...] = ()
    care: tuple[Care, ...] = ()
    alerts: tuple[Alert, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
