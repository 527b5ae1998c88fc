"""What discharge answers: where a case stands on its way out of hospital."""

from typing import Annotated, Literal

from pydantic import Field

from chassis.questions.answer import Answer
from schemas.events.discharge import CriterionName, UnmetName
from schemas.values import (
    Days,
    Destination,
    Disposition,
    District,
    Episode,
    Icd10,
    Instant,
    InstitutionId,
    Jurisdiction,
    LocalDate,
    Loinc,
    ResultId,
    Text,
    TimeZone,
    Word,
)

Stage = Literal["awaiting_admission", "in_hospital", "transferred", "discharged", "died", "excluded"]
TakenBack = Literal["cancelled", "corrected", "excluded"]
"""By the hospital; by a result that was corrected, so that the patient is brought back; or the episode never was."""
ReportId = Annotated[str, Field(description="The id of the report, as its publisher gave it.")]


Residence = Annotated[
    tuple[Jurisdiction, District | Literal[""]],
    Field(description='Where the patient lives: jurisdiction and district, "" where nobody knows which.'),
]


class Place(Answer):
    """Where the case is by its institution, while intake has not said it."""

    jurisdiction: Jurisdiction
    district: District
    time_zone: TimeZone


class Admission(Answer):
    """A stay in hospital began."""

    institution_id: InstitutionId
    at: Instant


class Criterion(Answer):
    """One criterion of the protocol: met since when, on what evidence; an unmet one with when it could be met."""

    name: CriterionName
    met: bool
    since: Instant | None = None
    evidence: tuple[str, ...]
    next_possible_at: Instant | None = None


class Announced(Answer):
    """What was last said of the criteria, and the instant at which it became true."""

    met: bool
    at: Instant


class Criteria(Answer):
    """The criteria as judged now, or as of the end of the stay (D0)."""

    as_of: Instant
    protocol: Word
    met: bool
    criteria: tuple[Criterion, ...] = Field(alias="list")
    announced: Announced | None


class Approval(Answer):
    """The panel's approval; `override`: of the two negatives, for somebody who stays positive (D5)."""

    at: Instant
    panel: tuple[Text, ...]
    override: bool


class Discharge(Answer):
    """A hospital reported that a stay ended. `destination` "": of the dead; `to_institution_id`: the next house."""

    discharged_at: Instant
    institution_id: InstitutionId
    disposition: Disposition
    destination: Destination | Literal[""]
    residence: Residence | None = None
    primary_institution_id: InstitutionId | None = None
    to_institution_id: InstitutionId | None = None


class Outcome(Discharge):
    """What became of a reported discharge; `revoked_at` and `why` are null of one that stands."""

    revoked_at: Instant | None
    why: Literal["cancelled", "corrected"] | None


class Departure(Discharge):
    """The last word on how the episode's stay ended (D7, D8); one that was taken back `stands` no more, by `why`.

    `jurisdiction`, `district`: of the residence, else where the case is. `known_at`: when it came to be known.
    """

    protocol: Word
    criteria_met: bool
    time_zone: TimeZone
    length_of_stay_days: Days | None = None
    revoked_at: Instant | None = None
    why: TakenBack | None = None
    known_at: Instant | None = None
    jurisdiction: Jurisdiction | None = None
    district: District | None = None
    stands: bool


class Violation(Answer):
    """A discharge without the criteria or the panel's approval: what was missing (D7)."""

    protocol: Word
    unmet: tuple[UnmetName, ...]
    criteria: tuple[Criterion, ...]


class EpisodeOfIllness(Answer):
    """One episode. `discharges`: all that were reported of it; `discharge`: which of them is the last word."""

    episode: Episode
    stage: Stage
    admissions: tuple[Admission, ...]
    criteria: Criteria
    approvals: tuple[Approval, ...]
    discharge: Departure | None
    discharges: tuple[Outcome, ...]
    violation: Violation | None


class Waiting(Discharge):
    """A discharge that no admission explains; `answered_at`: when its publisher is answered, or was if `answered`."""

    report_id: ReportId
    answered_at: Instant
    answered: bool


class NotInThisHouse(Waiting):
    """It ends nothing: a transfer by a house where the patient no longer lay."""

    conflict: Literal["not_in_this_house"]


class AfterDeath(Discharge):
    """It ends nothing: the patient had died."""

    report_id: ReportId
    conflict: Literal["after_death"]


class Comorbidity(Answer):
    """Another illness as known now; `medicines_last_until`: the last day on which the medicines do."""

    condition: Icd10
    active: bool
    needs_regular_care: bool
    regular_medicines: tuple[Text, ...]
    medicines_last_until: LocalDate | None = None


class NotUnderstood(Answer):
    """A result of a test that is on no list: no rule reads it."""

    result_id: ResultId
    lab: str
    test: Loinc


class Case(Answer):
    """Where a case stands on its way out of hospital, with an entry for each episode.

    `stage`: that of its last episode. `confirmed`: whether intake has said that it is a case. `other_stays`: those
    that ended, but are none of an episode's. `cancellations`: when the hospital took a discharge back.
    `looks_again_at`: when the clock alone may change this.
    """

    stage: Stage
    confirmed: bool
    place: Place | None
    episodes: tuple[EpisodeOfIllness, ...]
    waiting: tuple[Waiting, ...]
    conflicts: tuple[NotInThisHouse | AfterDeath, ...]
    other_stays: tuple[Discharge, ...]
    cancellations: tuple[Instant, ...]
    comorbidities: tuple[Comorbidity, ...]
    tests_not_understood: tuple[NotUnderstood, ...]
    looks_again_at: Instant | None
