"""What has been reported of a case after the ward: each thing once, corrections in their place, in clinical order.

`rank` and its ties say which of two versions of a thing holds; `received_at` is when the thing first came to the bus,
whatever was corrected later. A deadline was met by what had come before it: what comes at the midnight itself comes
when the day is over, and may find it judged.
"""

from datetime import date, datetime
from math import inf

from msgspec import Struct

from services.followup.domain.changes import Admission, Ending, Exclusion, Residence, StayEnd


class Discharge(Struct, frozen=True, array_like=True):
    """The last word on how an episode left the ward (`starts`), or on what ended or undid that (not `starts`).

    Two facts an episode: what a plan begins with must outlive what cancels it. The one with the higher rank holds.
    `kind`: the disposition, `revoked`, `recalled`, `excluded`, or `withdrawn` when the event was taken back. `at`: when
    it took effect. `known_at`: when the discharge came to be known; missing in documents of the first edition.
    """

    episode: int
    starts: bool
    rank: str
    kind: str
    discharged_at: datetime
    at: datetime
    time_zone: str = ""
    protocol: str = ""
    jurisdiction: str = ""
    district: str = ""
    known_at: datetime | None = None
    primary_institution_id: str = ""

    @property
    def key(self) -> tuple[int, bool]:
        return self.episode, self.starts

    order = key


class Log(Struct, frozen=True, array_like=True):
    """A log of a slot, named by `reported_at` as well: the same instant again is a correction (F2)."""

    local_date: date
    slot: str
    reported_at: datetime
    tie: str
    received_at: datetime
    temperature_c: float
    temperature_site: str
    symptoms: tuple[str, ...]
    stayed_in: bool
    channel: str
    reporter: str

    @property
    def key(self) -> tuple[date, str, datetime]:
        return self.local_date, self.slot, self.reported_at

    order = key

    @property
    def rank(self) -> str:
        return self.tie


class Call(Struct, frozen=True, array_like=True):
    """How a call or a home visit ended; `called_at` is when it took place.

    `since`: when the present outcome came, where a correction changed it; `first_as`: the outcome that came first.
    """

    call_id: str
    called_at: datetime
    rank: str
    received_at: datetime
    outcome: str
    temperature_c: float | None = None
    temperature_site: str = "axillary"
    symptoms: tuple[str, ...] = ()
    stayed_in: bool | None = None
    since: datetime | None = None
    first_as: str = ""

    @property
    def key(self) -> str:
        return self.call_id

    @property
    def known_at(self) -> datetime:
        """From when on its present outcome was known."""
        return max(self.since or self.received_at, self.called_at)

    @property
    def first_outcome(self) -> str:
        """What it was when it first came (F10)."""
        return self.first_as or self.outcome

    @property
    def order(self) -> tuple[datetime, str]:
        return self.called_at, self.call_id


class Visit(Struct, frozen=True, array_like=True):
    """What was reported of a return visit; without `attended_at` the patient did not come (F6)."""

    visit: str
    attended_at: datetime | None
    rank: str
    received_at: datetime
    findings: str | None = None

    @property
    def key(self) -> tuple[str, datetime | None]:
        return self.visit, self.attended_at

    @property
    def order(self) -> tuple[float, str]:
        return self.attended_at.timestamp() if self.attended_at else inf, self.visit


class Word(Struct, frozen=True, array_like=True):
    """What a version of a result said, and when that came.

    `speaks`: it is final, and positive or negative. `positive`: detected, before its Ct values are looked at.
    """

    rank: str
    received_at: datetime
    collected_at: datetime
    positive: bool
    speaks: bool
    ct_values: dict[str, float] = {}


class Believed(Struct, frozen=True, array_like=True):
    """A version of a result that said: positive, before its Ct values are looked at."""

    collected_at: datetime
    resulted_at: datetime
    ct_values: dict[str, float] = {}
    positive: bool = True


class Retest(Struct, frozen=True, array_like=True):
    """A test as it is known; one that stands and does not speak was taken all the same (F5).

    `received_at`: when its present word came. `earlier`: what it had said before, oldest first. `positive`: detected;
    whether its Ct values make it a negative depends on the protocol (`retests.read`). `lab` is missing in documents of
    the first edition. `stands`: it is a nucleic acid test on a respiratory specimen, and not retracted. `believed`: the
    positive re-tests that it had been by its own history, oldest first.
    """

    result_id: str
    collected_at: datetime
    resulted_at: datetime
    rank: str
    received_at: datetime
    positive: bool
    lab: str = ""
    speaks: bool = True
    ct_values: dict[str, float] = {}
    earlier: tuple[Word, ...] = ()
    stands: bool = True
    believed: tuple[Believed, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.lab, self.result_id

    @property
    def order(self) -> tuple[datetime, bool, str, str]:
        """Of two collected at once the positive is the later: it breaks what the negative would complete."""
        return self.collected_at, self.positive, self.result_id, self.lab

    @property
    def word(self) -> Word:
        """What it says now."""
        return Word(self.rank, self.received_at, self.collected_at, self.positive, self.speaks, self.ct_values)

    @property
    def first_at(self) -> datetime:
        """When it first came, whatever it said then."""
        return min([self.received_at, *(word.received_at for word in self.earlier)])


class Sign(Struct, frozen=True, array_like=True):
    """Something treatment recorded that may be alarming: a temperature, symptoms, or progressed imaging (F4, F5).

    `study_id` names an imaging study; the others are named by their kind, time and observer, who is missing in
    documents of the first edition. `received_at` is missing in documents stored before alerts were judged.
    """

    kind: str
    study_id: str
    at: datetime
    rank: str
    temperature_c: float | None = None
    temperature_site: str = "axillary"
    symptoms: tuple[str, ...] = ()
    progressed: bool = False
    received_at: datetime | None = None
    observer: str = ""

    @property
    def key(self) -> tuple[str, str | datetime, str]:
        return self.kind, self.study_id or self.at, self.observer

    @property
    def order(self) -> tuple[datetime, str, str, str]:
        return self.at, self.kind, self.study_id, self.observer

    @property
    def name(self) -> str:
        """The thing's name as evidence."""
        return self.study_id or f"{self.kind}@{self.at.isoformat()}"


class Consultation(Struct, frozen=True, array_like=True):
    """What a patient said of their health in a consultation, and whether a physician referred them (F4).

    `symptoms`: those that may be warnings; `symptoms_known_at`: when a version with such first came to the bus.
    `referred_at`: when it was held and referred the patient; `referral_known_at`: when one that refers first came.
    """

    consultation_id: str
    requested_at: datetime
    rank: str
    symptoms: tuple[str, ...] = ()
    symptoms_known_at: datetime | None = None
    referred_at: datetime | None = None
    referral_known_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.consultation_id

    @property
    def order(self) -> tuple[datetime, str]:
        return self.requested_at, self.consultation_id


class Closing(Struct, frozen=True, array_like=True):
    """What primary care says of an alert (F7): closed, or (not `stands`) that it took that back.

    `answered_at`: when it was acknowledged.
    """

    alert_id: str
    rank: str
    received_at: datetime
    stands: bool
    answered_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.alert_id

    order = key


class Facts(Struct, frozen=True, array_like=True):
    """All that is known of a case.

    `quiet`: what counts for nothing as it now stands (a normal temperature), by name. Only its rank is
    kept, so that an earlier version that did count cannot come back.
    """

    case_id: str = ""
    discharges: tuple[Discharge, ...] = ()
    logs: tuple[Log, ...] = ()
    calls: tuple[Call, ...] = ()
    visits: tuple[Visit, ...] = ()
    retests: tuple[Retest, ...] = ()
    signs: tuple[Sign, ...] = ()
    quiet: dict[str, str] = {}
    closings: tuple[Closing, ...] = ()
    admissions: tuple[Admission, ...] = ()
    stay_ends: tuple[StayEnd, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    endings: tuple[Ending, ...] = ()
    residences: tuple[Residence, ...] = ()
    consultations: tuple[Consultation, ...] = ()
