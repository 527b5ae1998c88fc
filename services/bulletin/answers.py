"""What the bulletin answers: how a case is counted, and the bulletin of a day."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from chassis.questions.answer import Answer
from schemas.events.bulletin import AgeBand, BulletinFields
from schemas.values import Count, Country, Jurisdiction, LocalDate, Severity

Unknown = Literal["unknown"]
Edition = Literal["commission", "public"]


class Asked(Answer):
    """Which bulletin: that of the commission, or the public one, in which small cells are not shown (B5)."""

    jurisdiction: Jurisdiction
    date: Annotated[date, Field(description="The civil day.")]
    edition: Edition = "commission"


class Bulletin(BulletinFields):
    """The bulletin of a day as it stands, with the fields of `BulletinPublished`."""

    model_config = Answer.model_config


class Counted(Answer):
    """The civil days, by the case's own time zone, on which it moves a figure, and which ones (B1, B2).

    At most one of `discharged_on` and `died_on` is set. `severity`, `age_band`: the tables of the day of discharge.
    `age_months` null: the age is not known. An asymptomatic infection that is counted apart has `asymptomatic_on`, and
    at most one of `turned_on`, from which it is a confirmed case, and `released_on`.
    """

    jurisdiction: Jurisdiction
    origin: Literal["imported", "local"]
    confirmed_on: LocalDate | None
    discharged_on: LocalDate | None
    died_on: LocalDate | None
    origin_country: Country | Unknown | None
    nationality: Country | Unknown
    severity: Severity | None
    age_months: Count | None
    age_band: AgeBand
    child: bool
    asymptomatic_on: LocalDate | None
    turned_on: LocalDate | None
    released_on: LocalDate | None


class Case(Answer):
    """How a case is counted; null while nothing confirms it."""

    counted: Counted | None
