"""Events of the bulletin: the figures of one jurisdiction and civil day."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.message import Event
from schemas.values import Age, Count, Country, Identifier, Jurisdiction, LocalDate, Severity, Text, Total, Value

AgeBand = Annotated[str, Field(max_length=20, description="Age band in years, e.g. 0-17.")]


class Figure(Value):
    """A number of cases: `total` = `imported` + `local` (B2)."""

    total: Total
    imported: Total
    local: Total


class Figures(Value):
    """What is counted of new and of cumulative cases."""

    confirmed: Figure
    discharged: Figure
    deaths: Figure


Breakdown = Literal["by_origin_country", "by_severity", "by_age_band", "by_nationality"]


class Discharges(Value):
    """The discharges of the day, broken down.

    `suppressed`, of the public edition: the tables of which cells are not shown. In such a table, what is not listed
    may have cases or none; in another one, and in the commission's edition, it has none (B5).
    """

    by_origin_country: dict[Literal["unknown"] | Country, Count] = Field(default_factory=dict)
    by_severity: dict[Literal[Severity, "unknown"], Count] = Field(default_factory=dict)
    by_age_band: dict[AgeBand, Count] = Field(default_factory=dict)
    by_nationality: dict[Literal["unknown"] | Country, Count] = Field(default_factory=dict)
    suppressed: Annotated[tuple[Breakdown, ...], Field(max_length=4)] | None = None


class Youngest(Value):
    """The youngest of the cases that `scope` names, as of a day (B4)."""

    age: Age
    scope: Text
    as_of: LocalDate


class OnlineCare(Value):
    """One channel's counts since it opened: consultations held, distinct people, distinct experts (C7).

    `avoided_visits`: consultations closed without a referral.
    """

    channel_id: Identifier
    consultations: Count
    people: Count
    experts: Count
    avoided_visits: Count | None = None
    prescriptions_delivered: Count | None = None


Channels = Annotated[tuple[OnlineCare, ...], Field(max_length=1000)]


class Asymptomatic(Value):
    """Asymptomatic infections, which some places count apart from confirmed cases (B1).

    `new`, `turned_confirmed` and `released` are of the day, `cumulative` and `under_observation` as of its end.
    """

    new: Figure
    cumulative: Figure
    turned_confirmed: Figure
    released: Figure
    under_observation: Figure


class Standing(Value):
    """The figures that a restatement compares; `asymptomatic` only where they are counted apart."""

    new: Figures
    cumulative: Figures
    in_hospital: Figure
    asymptomatic: Asymptomatic | None = None


class Before(Standing):
    """The figures that a restatement replaces; `online_care` only where there was some."""

    online_care: Channels | None = None


class BulletinFields(Standing, Event):
    """The bulletin of one jurisdiction and civil day, in one edition (B1, B5)."""

    jurisdiction: Jurisdiction
    date: LocalDate
    edition: Literal["commission", "public"]
    discharges: Discharges
    youngest: Youngest | None = None
    online_care: Channels = ()


class BulletinPublished(BulletinFields):
    """The bulletin of a day, said for the first time."""


class BulletinRestated(BulletinFields):
    """The bulletin of a past day as it stands now, with the figures said `before` (B3)."""

    before: Before
