"""A consultation from the request to its end: answered within minutes, taken back, or (a few) answered too late."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final, Literal

from schemas.message import Report
from schemas.reports.consultation import (
    ConsultationCancelled,
    ConsultationCompleted,
    ConsultationMode,
    ConsultationRequested,
    WrittenPrescription,
)
from story.online.people import Asker, asker, ref
from story.online.pharmacy import dispensed, items
from story.online.places import DISTRICTS, GREEN, Channel, source_of
from story.online.roster import Expert, on_duty
from story.online.schedule import Demand, instants
from story.online.symptoms import complaints
from story.publication import Statement, dice, named

End = Literal["held", "held_late", "cancelled"]

FROM_PATIENTS: Final = "/patients"
_MODES: Final[tuple[ConsultationMode, ...]] = ("text", "voice", "video")
_MODE_SHARES: Final = (70, 17, 13)
_ASKED_BEFORE: Final = slice(-900, -15)
"""Who asks again is one of these of whoever asked before: not the last ones, who hardly had an answer."""
_FIRST_AGAIN: Final = 20
_CHANNEL_NAMED_SHARE: Final = 0.92
"""The others leave it open: they are sent where it fits (C2)."""
_MINUTES_FIRST: Final = (2.5, 9.5, 5.0)
_MINUTES_OTHERS: Final = (4.0, 46.0, 14.0)
"""From the request to the end of the consultation: shortest, longest, usual. Limits are 15 and 60 minutes (C3), and the
demo's clock moves by ten: what is answered in time has to be known in time."""
_MINUTES_LATE: Final = {True: (25.0, 50.0), False: (75.0, 140.0)}
_MINUTES_TO_CANCEL: Final = (1.0, 6.0)
_PRESCRIBED_SHARE: Final = 0.19
_REFERRED_SHARE: Final = 0.02
_ADVICE: Final = (
    "rest at home, drink, take the temperature twice a day",
    "lower the fever above 38.5 °C",
    "test again tomorrow",
    "ask again if the fever lasts more than three days",
)
_SEE_A_PHYSICIAN: Final = "see a physician today"


@dataclass(slots=True)
class Record:
    """Collects the statements about one consultation; `dice` is the only chance they may use."""

    seed: int
    name: str
    dice: Random = field(init=False)
    statements: list[Statement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = dice(self.seed, "consultation", self.name)

    @property
    def consultation_id(self) -> str:
        return consultation_id(self.name)

    @property
    def prescription_id(self) -> str:
        return f"rx-{named('prescription', self.name).hex[:10]}"

    def write(self, report: Report, source: str) -> None:
        """One more report. Raises ValueError for one that does not say when it could first be written."""
        known_at = report.clinical_at
        if known_at is None:
            raise ValueError(f"{type(report).__name__} is about no instant")
        label = f"{self.seed}/{self.name}/{type(report).__name__}/{len(self.statements)}"
        self.statements.append(Statement(label, report, source, known_at))

    def minutes(self, shortest: float, longest: float, usual: float | None = None) -> timedelta:
        """A while, in whole seconds."""
        return timedelta(seconds=round(self.dice.triangular(shortest, longest, usual) * 60))


def consultation_id(name: str) -> str:
    """The id of the consultation of this name: a pseudonym, the same for every seed."""
    return f"c-{named('consultation', name).hex[:10]}"


def consultations(seed: int, demand: Demand) -> Iterator[Record]:
    """All that is reported of the requests to a channel, each in turn."""
    prefix = demand.channel.channel_id
    chance = dice(seed, "demand", prefix)
    moments = instants(chance, demand, demand.held + demand.cancelled)
    ends = _ends(chance, demand)
    for number, (moment, person, end) in enumerate(zip(moments, _people(seed, demand, ends), ends, strict=True)):
        record = Record(seed, f"{prefix}/{number}")
        is_named = record.dice.random() < _CHANNEL_NAMED_SHARE
        asks(record, person, moment, demand.channel.channel_id if is_named else None)
        _ends_as(record, demand.channel, person, moment, end)
        yield record


def asks(
    record: Record,
    person: Asker,
    moment: datetime,
    channel_id: str | None,
    symptoms: tuple[str, ...] = (),
    red_flags: tuple[str, ...] = (),
) -> None:
    """The request; without `symptoms` they are drawn."""
    mode = record.dice.choices(_MODES, _MODE_SHARES)[0]
    report = ConsultationRequested(
        consultation_id=record.consultation_id,
        channel_id=channel_id,
        person_ref=person.ref,
        jurisdiction=person.jurisdiction,
        district=person.district,
        age=person.age,
        groups=person.groups,
        symptoms=symptoms or complaints(record.dice),
        requested_at=moment,
        mode=mode,
        red_flags=red_flags,
    )
    record.write(report, FROM_PATIENTS)


def answered(
    record: Record, channel: Channel, expert: Expert, moment: datetime, medicines: tuple[str, ...], *, refers: bool
) -> None:
    """The expert has consulted; with medicines the prescription is written too."""
    prescription = WrittenPrescription(prescription_id=record.prescription_id, items=medicines) if medicines else None
    report = ConsultationCompleted(
        consultation_id=record.consultation_id,
        expert_ref=expert.ref,
        completed_at=moment,
        advice=_SEE_A_PHYSICIAN if refers else record.dice.choice(_ADVICE),
        refer_offline=refers,
        prescription=prescription,
    )
    record.write(report, source_of(channel.institution_id))


def _people(seed: int, demand: Demand, ends: list[End]) -> Iterator[Asker]:
    """Who asks, request by request: so many of those answered have asked before, not long ago."""
    place, chance = demand.channel.jurisdiction, dice(seed, "people", demand.channel.channel_id)
    answered_ones = [number for number, end in enumerate(ends) if end == "held"]
    again = set(chance.sample(answered_ones[_FIRST_AGAIN:], demand.again))
    answered_before: list[Asker] = []
    for number, end in enumerate(ends):
        if number in again:
            yield chance.choice(answered_before[_ASKED_BEFORE])
            continue
        district = chance.choice(DISTRICTS[place])
        person = asker(ref(seed, place, number), chance, place, district, child=demand.channel is not GREEN)
        if end == "held":
            answered_before.append(person)
        yield person


def _ends(chance: Random, demand: Demand) -> list[End]:
    """How each request ends, in order of asking; no late answer on the last day, which would end after it."""
    number = demand.held + demand.cancelled
    unusual = chance.sample(range(_FIRST_AGAIN, number * 4 // 5), demand.cancelled + demand.late)
    ends: list[End] = ["held"] * number
    for place, one in enumerate(unusual):
        ends[one] = "cancelled" if place < demand.cancelled else "held_late"
    return ends


def _ends_as(record: Record, channel: Channel, person: Asker, moment: datetime, end: End) -> None:
    if end == "cancelled":
        cancelled_at = moment + record.minutes(*_MINUTES_TO_CANCEL)
        by: Literal["patient", "guardian"] = "guardian" if person.is_child else "patient"
        report = ConsultationCancelled(consultation_id=record.consultation_id, cancelled_at=cancelled_at, by=by)
        record.write(report, FROM_PATIENTS)
        return
    in_time = _MINUTES_FIRST if person.goes_first else _MINUTES_OTHERS
    completed_at = moment + record.minutes(*(_MINUTES_LATE[person.goes_first] if end == "held_late" else in_time))
    expert = record.dice.choice(on_duty(record.seed, channel, completed_at))
    refers = record.dice.random() < _REFERRED_SHARE
    prescribes = expert.prescriber and not refers and record.dice.random() < _PRESCRIBED_SHARE
    medicines = items(record.dice, person.is_child) if prescribes else ()
    answered(record, channel, expert, completed_at, medicines, refers=refers)
    if medicines:
        dispensed(record, completed_at)
