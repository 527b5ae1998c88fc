"""What intake answers: a case, and the items of its work lists."""

from typing import Final, Literal

from chassis.questions.answer import Answer, item_model
from schemas.events.intake import TransferKind
from schemas.values import (
    Age,
    CaseId,
    Count,
    Country,
    District,
    Episode,
    Flight,
    Identifier,
    Instant,
    InstitutionId,
    Jurisdiction,
    LocalDate,
    Loinc,
    PersonRef,
    Port,
    ResultId,
    Sex,
    SymptomCode,
    Text,
    TimeZone,
    Word,
)
from services.intake.domain import worklist

Unknown = Literal["unknown"]
"""What nobody knows."""
Why = Literal["confirmed", "onward", "recalled", "positive_again", "child", "with_party", "elsewhere"]
"""Why a transfer is asked for, and to whom: `child` and `with_party` chose the institution, `elsewhere` admitted."""


class Place(Answer):
    """Where the case is looked after; without a district where nobody knows that."""

    jurisdiction: Jurisdiction | Unknown
    district: District | None = None
    time_zone: TimeZone


class Residence(Answer):
    """Where the person lives, no finer than the district."""

    jurisdiction: Jurisdiction
    district: District | Unknown


class Person(Answer):
    """Who the case is, as last reported. `symptoms`: those in codes; `symptoms_in_words`: how many were in words.

    `age`: left out where nobody knows it. `needs`: capabilities that an institution must have.
    """

    person_ref: PersonRef
    sex: Sex
    age: Age | None = None
    nationality: Country | Unknown
    jurisdiction: Jurisdiction
    time_zone: TimeZone
    residence: Residence
    symptoms: tuple[SymptomCode, ...]
    symptoms_in_words: Count
    needs: tuple[Word, ...]


class Traveller(Person):
    """Somebody who arrived. `party_id`: of those who travel together."""

    origin_country: Country | Unknown
    transit_countries: tuple[Country, ...]
    flight: Flight | None = None
    port_of_entry: Port | None = None
    departed_on: LocalDate | None = None
    arrived_at: Instant
    party_id: Identifier | None = None
    purpose: Text | None = None


class Local(Person):
    """Somebody whom the authority confirmed without travel."""

    confirmed_at: Instant


class EpisodeOfIllness(Answer):
    """An episode. `basis`: the results that confirm it; `labs`: the laboratory of each, in the same order.

    With `excluded_at` it never was, by `why`: `no_result` stands positive any more, or the authority has `withdrawn`
    the case.
    """

    number: Episode
    confirmed_at: Instant
    basis: tuple[ResultId, ...]
    excluded_at: Instant | None = None
    labs: tuple[str, ...]
    why: Literal["no_result", "withdrawn"] | None = None


class Transfer(Answer):
    """The way of an episode's patient to an institution, and why (I3, I4).

    `stage`: `waiting`: no suitable institution is known yet; `ended`: another one admitted, and that was asked about
    for long enough. `to_institution_id`: left out while it waits, and where any house may admit. `overdue`: how often
    the time to admit has passed, `overdue_at`: when last. `asked_late_at`: set where it was over before anybody could
    be asked. `chosen_on`: the civil day of the choice. `kind` and `leaves_at` name it within its episode.
    `admitted_by`: the other institution about which is asked.
    """

    stage: Literal["waiting", "requested", "overdue", "completed", "ended"]
    episode: Episode
    jurisdiction: Jurisdiction
    to_institution_id: InstitutionId | None = None
    required_capabilities: tuple[Word, ...]
    why: tuple[Why, ...]
    requested_at: Instant
    respond_by: Instant
    party_id: Identifier | None = None
    admitted_at: Instant | None = None
    overdue: Count
    chosen_on: LocalDate | None = None
    asked_late_at: Instant | None = None
    overdue_at: Instant | None = None
    kind: TransferKind
    leaves_at: Instant | None = None
    admitted_by: InstitutionId | None = None
    ended_at: Instant | None = None
    chosen_at: Instant | None = None


class Unplaced(Answer):
    """A final positive that confirms nobody, and why (I1).

    `nobody_reported`: neither an arrival nor a local case is known. `withdrawn`: the authority has taken the case back.
    """

    result_id: ResultId
    lab: str
    collected_at: Instant
    resulted_at: Instant
    reason: Literal["nobody_reported", "before_the_arrival", "withdrawn", "excluded"]


class Duplicate(Answer):
    """Another case of the same person, and since when both courses have run (I6)."""

    case_id: CaseId
    since: Instant


class Case(Answer):
    """Who the case is, its episodes, where its patient is sent, and what confirms nobody.

    `origin`: null while nobody has reported the person. `withdrawn_at`: when the authority took the case back.
    `results_known`: of how many results. `tests_not_understood`: those on no list of nucleic acid tests.
    `looks_again_at`: when the clock alone may change this.
    """

    status: Literal["confirmed", "excluded", "not_a_case"]
    origin: Literal["imported", "local"] | None
    place: Place | None
    person: Traveller | Local | None
    episodes: tuple[EpisodeOfIllness, ...]
    transfers: tuple[Transfer, ...]
    unplaced: tuple[Unplaced, ...]
    duplicates: tuple[Duplicate, ...]
    withdrawn_at: Instant | None
    results_known: Count
    tests_not_understood: tuple[Loinc, ...]
    looks_again_at: Instant | None


TransferItem: Final = item_model(worklist.TransferItem, kind=Literal["transfer"], way=TransferKind, why=tuple[Why, ...])
UnplacedItem: Final = item_model(
    worklist.UnplacedItem, kind=Literal["unplaced"], is_case=Literal[False], results=tuple[Unplaced, ...]
)
DuplicateItem: Final = item_model(worklist.DuplicateItem, kind=Literal["duplicate"])
