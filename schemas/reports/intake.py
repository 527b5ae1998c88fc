"""Reports to intake: who arrived, and who was confirmed without having travelled."""

from datetime import timedelta
from typing import ClassVar, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from schemas.codes import CodedCaseReport
from schemas.message import CaseReport, Message
from schemas.values import (
    AgeIfKnown,
    Capabilities,
    Countries,
    CountryIfKnown,
    Flight,
    Identifier,
    Instant,
    Jurisdiction,
    LocalDate,
    PersonRef,
    Port,
    Residence,
    Sex,
    Symptoms,
    Text,
    TimeZone,
)

# A flight eastwards over the date line arrives on the civil day before the one on which it left.
_DATE_LINE = timedelta(days=1)


class PersonFields(Message):
    """Who a case is, as far as anybody on the bus may know: `age` and `nationality` may be unknown."""

    person_ref: PersonRef
    sex: Sex
    age: AgeIfKnown = None
    nationality: CountryIfKnown = None
    jurisdiction: Jurisdiction
    time_zone: TimeZone | None = None
    """Absent: the zone of the jurisdiction."""
    residence: Residence
    symptoms: Symptoms = ()
    needs: Capabilities = ()


class ArrivalFields(PersonFields):
    """How somebody came into the country; `origin_country` may be unknown."""

    origin_country: CountryIfKnown = None
    transit_countries: Countries = ()
    flight: Flight | None = None
    port_of_entry: Port | None = None
    departed_on: LocalDate | None = None
    arrived_at: Instant
    party_id: Identifier | None = None
    purpose: Text | None = None

    @model_validator(mode="after")
    def departure_precedes_arrival(self) -> Self:
        if self.departed_on and self.departed_on > self.arrived_at.date() + _DATE_LINE:
            raise PydanticCustomError(
                "impossible_time", "must not be later than the day after the arrival", {"at": "departed_on"}
            )
        return self


class TravellerArrived(ArrivalFields, CodedCaseReport):
    """Somebody arrived from abroad; not yet a case, which only a positive test makes of it (I1).

    `party_id` names the people who travel together.
    """

    clinical_time: ClassVar[str | None] = "arrived_at"


class LocalCaseReported(PersonFields, CodedCaseReport):
    """Somebody who had not travelled was confirmed."""

    clinical_time: ClassVar[str | None] = "confirmed_at"

    confirmed_at: Instant


class CaseWithdrawn(CaseReport):
    """The authority takes back a local case that it had reported: entered in error, or another person's (I2)."""

    clinical_time: ClassVar[str | None] = "withdrawn_at"

    withdrawn_at: Instant
    reason: Text
