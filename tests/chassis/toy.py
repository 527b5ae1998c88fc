"""A toy service on real messages: a patient on the ward is to be measured once a day; a ward counts its patients.

The chassis knows no service, so its tests know none either. A reading of `RAISING_C` makes a rule raise while a test
says so, one of `IMPOSSIBLE_C` is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from chassis.decide.aggregate import Aggregate, AnyAggregate, ReadModel, on
from chassis.decide.judge import AnyState, Clock, Emitted, Receipt, Rejection, difference
from chassis.decide.ordered_facts import place
from chassis.store.connection import Connection
from schemas.events.followup import QuarantineDayMissed
from schemas.events.treatment import VitalSignsRecorded
from schemas.reports.treatment import VitalSignsReported

BEGIN = datetime(2020, 10, 1, tzinfo=UTC)
SILENCE = timedelta(days=1)
FEVER_C = 37.3
IMPOSSIBLE_C = 30.0
RAISING_C = 45.0


class Reading(Struct, frozen=True, array_like=True):
    """One temperature, named by its instant."""

    at: datetime
    temperature_c: float
    rank: str

    @property
    def key(self) -> datetime:
        return self.at

    @property
    def order(self) -> datetime:
        return self.at


class Facts(Struct, frozen=True, array_like=True):
    """All readings of one patient, in clinical order."""

    case_id: str = ""
    readings: tuple[Reading, ...] = ()


class Conclusions(Struct, frozen=True, array_like=True):
    """The readings after which there was a day of silence."""

    due: datetime | None = None
    done: Mapping[str, str] = {}
    silent: tuple[datetime, ...] = ()
    patients: int = 0


def learn_reading(facts: Facts, report: VitalSignsReported, receipt: Receipt) -> Facts | Rejection:
    if report.temperature_c is None or report.temperature_c == IMPOSSIBLE_C:
        return Rejection("implausible", "no patient is as cold as that; correct it", "temperature_c")
    readings = place(facts.readings, Reading(report.measured_at, report.temperature_c, receipt.rank))
    return facts if readings is facts.readings else Facts(report.case_id, readings)


def conclude(facts: Facts, before: Conclusions, clock: Clock, context: Any) -> Conclusions:
    silent = []
    for reading in facts.readings:
        end = reading.at + SILENCE
        answered = any(reading.at < other.at <= end for other in facts.readings)
        if clock.lapsed(reading.at.isoformat(), end, answered):
            silent.append(reading.at)
    return Conclusions(clock.due, clock.done, tuple(silent))


def announce(before: AnyState, after: AnyState) -> Iterator[Emitted]:
    readings = ({reading.at: reading for reading in state.facts.readings} for state in (before, after))
    for at, _, new in difference(*readings):
        if new is not None:
            yield Emitted(recorded(after.facts.case_id, at, new.temperature_c), at)
    for at in after.conclusions.silent[len(before.conclusions.silent) :]:
        day = (at - BEGIN).days
        missed = QuarantineDayMissed(case_id=after.facts.case_id, episode=1, day=day, local_date=at.date())
        yield Emitted(missed, at + SILENCE)


PATIENT: AnyAggregate = Aggregate(
    "patient", Facts, Conclusions, conclude, announce, learns=(on(VitalSignsReported, learn_reading),)
)

FEVER: ReadModel[Facts, Conclusions] = ReadModel(
    "toy_fever",
    {"measured_at": "timestamptz", "temperature_c": "double precision"},
    lambda state: next(
        ((r.at, r.temperature_c) for r in reversed(state.facts.readings[-1:]) if r.temperature_c >= FEVER_C), None
    ),
)
"""One row for each patient whose latest reading is a fever."""


async def count_fevers(connection: Connection, keys: Sequence[str]) -> Mapping[str, int]:
    """The world of a ward: how many rows `toy_fever` has."""
    return dict.fromkeys(keys, await connection.fetchval("SELECT count(*) FROM toy_fever"))


def conclude_ward(facts: Facts, before: Conclusions, clock: Clock, context: int) -> Conclusions:
    return Conclusions(patients=context)


def announce_ward(before: AnyState, after: AnyState) -> Iterator[Emitted]:
    if before.conclusions.patients != after.conclusions.patients:
        yield Emitted(recorded("ward", BEGIN, 36.0 + after.conclusions.patients / 10), BEGIN)


WARD: AnyAggregate = Aggregate("ward", Facts, Conclusions, conclude_ward, announce_ward, context=count_fevers)
COUNTED_PATIENT = replace(PATIENT, table=FEVER, wakes=lambda before, after: [("ward", "ward")])
"""A patient who has a row in `toy_fever`, and whose ward is judged again whenever the patient is."""


def conclude_nothing(facts: Facts, before: Conclusions, clock: Clock, context: Any) -> Conclusions:
    return before


CHART = replace(PATIENT, conclude=conclude_nothing)
"""A patient whom nobody misses: for services that live by the real clock, to which the toy's days are long past."""


@dataclass
class Defect:
    """A rule that raises on readings of `RAISING_C` until it is mended."""

    mended: bool = False

    def aggregate(self, name: str = "patient") -> AnyAggregate:
        """A patient judged by rules with this defect."""
        return replace(PATIENT, name=name, learns=(on(VitalSignsReported, self._learn),))

    def _learn(self, facts: Facts, report: VitalSignsReported, receipt: Receipt) -> Facts | Rejection:
        if report.temperature_c == RAISING_C and not self.mended:
            raise ZeroDivisionError(f"a defect that would tell of {report.case_id}")
        return learn_reading(facts, report, receipt)


def recorded(case_id: str, at: datetime, temperature_c: float) -> VitalSignsRecorded:
    """The event that says a reading."""
    return VitalSignsRecorded(case_id=case_id, measured_at=at, temperature_c=temperature_c, temperature_site="ear")


def hour(number: float) -> datetime:
    """So many hours after the toy's beginning."""
    return BEGIN + timedelta(hours=number)


def reading(case_id: str, at_hour: float, temperature_c: float = 36.6) -> VitalSignsReported:
    """A report of one temperature, taken so many hours after the toy's beginning."""
    return VitalSignsReported(
        case_id=case_id, measured_at=hour(at_hour), temperature_c=temperature_c, temperature_site="ear"
    )
