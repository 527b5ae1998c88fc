"""Reports to followup: the daily log, calls and visits, and the return visits to the hospital."""

from datetime import timedelta, timezone
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.codes import CodedCaseReport
from schemas.message import CaseReport, Message
from schemas.values import (
    CallOutcome,
    Flag,
    FollowUpEndReason,
    Identifier,
    Instant,
    InstitutionId,
    Lines,
    LocalDate,
    LogChannel,
    Reporter,
    Residence,
    ReturnVisitName,
    Slot,
    Symptoms,
    Temperature,
    TemperatureOnRecord,
    TemperatureSite,
    Text,
    TimeZone,
)

# Where a day begins first: no civil day has begun anywhere before it has begun at UTC+14.
_FIRST_DAY_ZONE = timezone(timedelta(hours=14))


class LogFields(Message):
    """What the log of one slot says."""

    local_date: LocalDate
    slot: Slot
    temperature_c: TemperatureOnRecord
    temperature_site: TemperatureSite
    symptoms: Symptoms = ()
    stayed_in: Flag
    channel: LogChannel
    reporter: Reporter


class DayReported(LogFields, CaseReport):
    """A log for one slot of a civil day; all of a slot are kept, the one reported last is what the slot shows (F2).

    The same `reported_at` again is a correction, another one is a second log.
    """

    clinical_time: ClassVar[str | None] = "reported_at"

    temperature_c: Temperature
    reported_at: Instant

    @model_validator(mode="after")
    def day_has_begun(self) -> Self:
        if self.local_date > self.reported_at.astimezone(_FIRST_DAY_ZONE).date():
            raise PydanticCustomError("impossible_time", "must not lie after reported_at", {"at": "local_date"})
        return self


class CallReported(CaseReport):
    """How a call or a home visit ended; `call_id` as in the request. A temperature without a site is axillary."""

    clinical_time: ClassVar[str | None] = "called_at"

    call_id: Identifier
    called_at: Instant
    outcome: CallOutcome
    temperature_c: Temperature | None = None
    temperature_site: TemperatureSite | None = None
    symptoms: Symptoms = ()
    stayed_in: Flag | None = None


class ReturnVisitReported(CaseReport):
    """A return visit was attended; without `attended_at`, the patient did not come."""

    clinical_time: ClassVar[str | None] = "attended_at"

    visit: ReturnVisitName
    attended_at: Instant | None = None
    findings: Lines | None = None


class ResidenceChanged(CodedCaseReport):
    """The patient lives elsewhere from an instant on, which may lie ahead: district, zone and institution follow (F9).

    `time_zone` absent: the zone of the jurisdiction.
    """

    at_any_time: ClassVar[frozenset[str]] = frozenset({"from_"})

    from_: Annotated[Instant, Field(alias="from")]
    residence: Residence
    time_zone: TimeZone | None = None
    primary_institution_id: InstitutionId | None = None


class FollowUpEnded(CaseReport):
    """The follow-up here is over before its time; `by`: who said so, as an office, never a person (F8)."""

    clinical_time: ClassVar[str | None] = "ended_at"

    ended_at: Instant
    why: FollowUpEndReason
    by: Text
